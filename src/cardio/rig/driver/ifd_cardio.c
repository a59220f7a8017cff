/* A PC/SC reader driver whose readers and cards live in another process (IFDHandler 3.0).
 *
 * DEVICENAME is the path of that process's Unix socket. Each slot calls it twice: one line for
 * commands, one for events. Both are SOCK_SEQPACKET: a message comes whole or not at all.
 *
 *   hello    'C' 'I' version role slot         answered by: version, number of slots
 *   event    insertion (4 bytes)               0 without a card; the first one comes at once
 *   command  what, insertion (4), body         answered by: outcome, body
 *
 * Numbers are big-endian. A command names the insertion it is meant for, so that none reaches the
 * card that came after. Every wait is bounded; a line that breaks these rules is closed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ifdhandler.h>
#include <poll.h>
#include <reader.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { READERS = 64, SLOTS = 16 };
enum { VERSION = 1, HELLO_SIZE = 5, WELCOME_SIZE = 2, EVENT_SIZE = 4, COMMAND_SIZE = 5, CODE_SIZE = 4 };
#ifndef HELLO_SECONDS
#define HELLO_SECONDS 3
#endif
#ifndef ANSWER_SECONDS
#define ANSWER_SECONDS 90 /* a card may be silent for a minute and come back */
#endif
enum { ROLE_COMMANDS = 0, ROLE_EVENTS = 1 };
enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, TRANSMIT = 3, CONTROL = 4 };
enum { DONE = 0, NO_CARD = 1, SILENT = 2, UNSUPPORTED = 3 };
enum { STATUS_WORD_SIZE = 2 };

#define READER_GONE UINT32_MAX

/* pcscd lets one thread at a time into a slot, but for its watching thread, which alone uses
 * `events`; `insertion` is all the two share. */
struct slot {
    struct sockaddr_un server;
    uint8_t number;
    uint8_t siblings;
    int commands;
    int events;
    int stop;
    _Atomic uint32_t insertion;
    UCHAR atr[MAX_ATR_SIZE];
    DWORD atr_size;
};

static struct slot *slots[READERS][SLOTS];

static struct slot **place(DWORD lun)
{
    DWORD reader = lun >> 16, number = lun & 0xFFFF;
    return reader < READERS && number < SLOTS ? &slots[reader][number] : NULL;
}

static struct slot *find(DWORD lun)
{
    struct slot **where = place(lun);
    return where ? *where : NULL;
}

static void put_number(uint8_t *into, uint32_t number)
{
    for (int at = 0; at < 4; at++)
        into[at] = (uint8_t)(number >> (24 - 8 * at));
}

static uint32_t get_number(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* Lines to the server */

static void hang_up(int *line)
{
    if (*line >= 0)
        close(*line);
    *line = -1;
}

static void limit_waits(int line, int seconds)
{
    struct timeval limit = {.tv_sec = seconds};
    setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(line, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* The number of slots there are, 0 unless this is one of them. */
static uint8_t greet(int line, uint8_t role, uint8_t number)
{
    uint8_t hello[HELLO_SIZE] = {'C', 'I', VERSION, role, number};
    uint8_t welcome[WELCOME_SIZE + 1];
    if (send(line, hello, sizeof hello, MSG_NOSIGNAL) != (ssize_t)sizeof hello)
        return 0;
    if (recv(line, welcome, sizeof welcome, 0) != WELCOME_SIZE || welcome[0] != VERSION)
        return 0;
    return number < welcome[1] && welcome[1] <= SLOTS ? welcome[1] : 0;
}

/* A new line, or -1. */
static int dial(const struct slot *slot, uint8_t role, uint8_t *siblings)
{
    int line = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (line < 0)
        return -1;
    limit_waits(line, HELLO_SECONDS);
    if (connect(line, (const struct sockaddr *)&slot->server, sizeof slot->server) != 0
        || !(*siblings = greet(line, role, slot->number)))
        hang_up(&line);
    return line;
}

/* Takes one event: each is seen by pcscd before the next, so that no swap goes unnoticed. */
static bool take_event(struct slot *slot)
{
    uint8_t event[EVENT_SIZE + 1];
    bool whole = recv(slot->events, event, sizeof event, 0) == EVENT_SIZE;
    if (!whole)
        hang_up(&slot->events);
    slot->insertion = whole ? get_number(event) : READER_GONE;
    return whole;
}

static bool subscribe(struct slot *slot)
{
    uint8_t siblings;
    slot->events = dial(slot, ROLE_EVENTS, &siblings);
    return slot->events >= 0 && take_event(slot);
}

/* The slot as it is at first. One whose reader is unplugged is welcomed and hung up on: it is there,
 * empty, as pcscd would do without the whole entry; it goes when it is looked at again. */
static bool begin(struct slot *slot)
{
    uint8_t next;
    slot->events = dial(slot, ROLE_EVENTS, &slot->siblings);
    if (slot->events < 0)
        return false;
    ssize_t got = recv(slot->events, &next, sizeof next, MSG_PEEK);
    if (got > 0)
        return take_event(slot);
    hang_up(&slot->events);
    return got == 0;
}

static bool has_commands_line(struct slot *slot)
{
    uint8_t siblings;
    if (slot->commands < 0) {
        slot->commands = dial(slot, ROLE_COMMANDS, &siblings);
        limit_waits(slot->commands, ANSWER_SECONDS);
    }
    return slot->commands >= 0;
}

static RESPONSECODE meaning(uint8_t outcome)
{
    switch (outcome) {
    case DONE:
        return IFD_SUCCESS;
    case NO_CARD:
        return IFD_ICC_NOT_PRESENT;
    case SILENT:
        return IFD_RESPONSE_TIMEOUT;
    case UNSUPPORTED:
        return IFD_ERROR_NOT_SUPPORTED;
    default:
        return IFD_COMMUNICATION_ERROR;
    }
}

static bool ask(struct slot *slot, const uint8_t *head, size_t head_size, const void *body, size_t size)
{
    struct iovec parts[] = {
        {.iov_base = (void *)(uintptr_t)head, .iov_len = head_size},
        {.iov_base = (void *)(uintptr_t)body, .iov_len = size},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(slot->commands, &message, MSG_NOSIGNAL) == (ssize_t)(head_size + size);
}

/* Up to *size bytes of the answer; *size becomes how many there are. */
static RESPONSECODE hear(struct slot *slot, void *answer, DWORD *size)
{
    uint8_t outcome;
    struct iovec parts[] = {{&outcome, sizeof outcome}, {answer, *size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t got = recvmsg(slot->commands, &message, 0);
    *size = 0;
    if (got < (ssize_t)sizeof outcome) {
        RESPONSECODE why = got < 0 && errno == EAGAIN ? IFD_RESPONSE_TIMEOUT : IFD_NO_SUCH_DEVICE;
        hang_up(&slot->commands); /* what comes late goes nowhere */
        return why;
    }
    if (message.msg_flags & MSG_TRUNC)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    *size = (DWORD)got - sizeof outcome;
    return meaning(outcome);
}

static RESPONSECODE exchange(struct slot *slot, uint8_t what, const uint8_t code[CODE_SIZE],
                             const void *body, size_t body_size, void *answer, DWORD *size)
{
    uint8_t head[COMMAND_SIZE + CODE_SIZE] = {what};
    size_t head_size = COMMAND_SIZE + (code ? CODE_SIZE : 0);
    put_number(head + 1, slot->insertion);
    if (code)
        memcpy(head + COMMAND_SIZE, code, CODE_SIZE);
    if (has_commands_line(slot) && ask(slot, head, head_size, body, body_size))
        return hear(slot, answer, size);
    hang_up(&slot->commands);
    *size = 0;
    return IFD_NO_SUCH_DEVICE;
}

/* Watching for cards: pcscd's own thread for the slot sleeps here */

static RESPONSECODE wait_for_event(DWORD lun, int milliseconds)
{
    struct slot *slot = find(lun);
    if (!slot)
        return IFD_NO_SUCH_DEVICE;
    if (slot->events < 0) /* pcscd asks again in 400 ms */
        return subscribe(slot) ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
    struct pollfd watched[] = {{.fd = slot->events, .events = POLLIN}, {.fd = slot->stop, .events = POLLIN}};
    if (poll(watched, 2, milliseconds) <= 0)
        return IFD_SUCCESS;
    eventfd_t count;
    if (watched[1].revents) /* or it would keep this thread awake for ever */
        eventfd_read(slot->stop, &count);
    if (watched[0].revents)
        take_event(slot);
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD lun)
{
    struct slot *slot = find(lun);
    return slot && eventfd_write(slot->stop, 1) == 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

/* What pcscd calls */

static void discard(struct slot *slot)
{
    hang_up(&slot->commands);
    hang_up(&slot->events);
    hang_up(&slot->stop);
    free(slot);
}

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR device)
{
    struct slot **where = place(lun), *slot = where && !*where ? calloc(1, sizeof *slot) : NULL;
    if (!slot)
        return IFD_COMMUNICATION_ERROR;
    slot->server.sun_family = AF_UNIX;
    slot->number = (uint8_t)(lun & 0xFFFF);
    slot->commands = slot->events = -1;
    slot->stop = eventfd(0, EFD_CLOEXEC);
    size_t length = strlen(device);
    bool fits = length < sizeof slot->server.sun_path;
    memcpy(slot->server.sun_path, device, fits ? length : 0);
    if (!fits || slot->stop < 0 || !begin(slot)) {
        discard(slot);
        return IFD_NO_SUCH_DEVICE;
    }
    *where = slot;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    (void)lun, (void)channel;
    return IFD_NOT_SUPPORTED; /* without a DEVICENAME there is nobody to call */
}

RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    struct slot **where = place(lun);
    if (!where || !*where)
        return IFD_NO_SUCH_DEVICE;
    discard(*where);
    *where = NULL;
    return IFD_SUCCESS;
}

static RESPONSECODE tell(const void *value, DWORD value_size, PUCHAR into, PDWORD size)
{
    bool fits = *size >= value_size;
    *size = value_size;
    if (!fits)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(into, value, value_size);
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD size, PUCHAR value)
{
    static const uint8_t yes = 1, readers = READERS;
    RESPONSECODE (*waiting)(DWORD, int) = wait_for_event;
    RESPONSECODE (*stopping)(DWORD) = stop_waiting;
    struct slot *slot = find(lun);
    if (!slot)
        return IFD_NO_SUCH_DEVICE;
    switch (tag) {
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
        return tell(slot->atr, slot->atr_size, value, size);
    case TAG_IFD_SLOTS_NUMBER:
        return tell(&slot->siblings, sizeof slot->siblings, value, size);
    case TAG_IFD_SIMULTANEOUS_ACCESS: /* else pcscd gives two readers the same lun */
        return tell(&readers, sizeof readers, value, size);
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOT_THREAD_SAFE:
        return tell(&yes, sizeof yes, value, size);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return tell(&waiting, sizeof waiting, value, size);
    case TAG_IFD_STOP_POLLING_THREAD:
        return tell(&stopping, sizeof stopping, value, size);
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD size, PUCHAR value)
{
    (void)lun, (void)tag, (void)size, (void)value;
    return IFD_ERROR_VALUE_READ_ONLY;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2,
                                       UCHAR pts3)
{
    (void)lun, (void)protocol, (void)flags, (void)pts1, (void)pts2, (void)pts3;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD size)
{
    struct slot *slot = find(lun);
    DWORD nothing = 0;
    if (!slot)
        return IFD_NO_SUCH_DEVICE;
    slot->atr_size = 0;
    *size = 0;
    if (action == IFD_POWER_DOWN)
        return exchange(slot, POWER_OFF, NULL, NULL, 0, NULL, &nothing);
    if (action != IFD_POWER_UP && action != IFD_RESET)
        return IFD_NOT_SUPPORTED;
    DWORD told = sizeof slot->atr;
    uint8_t what = action == IFD_RESET ? RESET : POWER_ON;
    RESPONSECODE outcome = exchange(slot, what, NULL, NULL, 0, slot->atr, &told);
    if (outcome != IFD_SUCCESS || !told)
        return outcome == IFD_SUCCESS ? IFD_ERROR_POWER_ACTION : outcome;
    slot->atr_size = *size = told;
    memcpy(atr, slot->atr, told);
    return IFD_SUCCESS;
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER sent_as, PUCHAR command, DWORD command_size,
                               PUCHAR answer, PDWORD size, PSCARD_IO_HEADER received_as)
{
    struct slot *slot = find(lun);
    if (!slot) {
        *size = 0;
        return IFD_NO_SUCH_DEVICE;
    }
    if (received_as)
        received_as->Protocol = sent_as.Protocol;
    RESPONSECODE outcome = exchange(slot, TRANSMIT, NULL, command, command_size, answer, size);
    if (outcome == IFD_SUCCESS && *size < STATUS_WORD_SIZE)
        outcome = IFD_COMMUNICATION_ERROR;
    if (outcome != IFD_SUCCESS)
        *size = 0;
    return outcome;
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR command, DWORD command_size, PUCHAR answer,
                         DWORD answer_size, LPDWORD size)
{
    struct slot *slot = find(lun);
    uint8_t number[CODE_SIZE];
    *size = 0;
    if (!slot)
        return IFD_NO_SUCH_DEVICE;
    put_number(number, (uint32_t)code);
    DWORD got = answer_size;
    RESPONSECODE outcome = exchange(slot, CONTROL, number, command, command_size, answer, &got);
    if (outcome == IFD_SUCCESS)
        *size = got;
    return outcome;
}

RESPONSECODE IFDHICCPresence(DWORD lun)
{
    struct slot *slot = find(lun);
    uint32_t insertion = slot ? slot->insertion : READER_GONE;
    if (insertion == READER_GONE)
        return IFD_NO_SUCH_DEVICE;
    return insertion ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}
