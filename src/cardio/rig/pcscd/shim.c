/* Preloaded into a private pcscd (facts: pcsc_vpcd.md §3f, §2):
 * - what would listen on every address of the machine listens on the loopback only;
 * - with CARDIO_FAST_POLL set, its 400 ms pause between two looks at a reader becomes 10 ms. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS 400000000L
#define FAST_NS 10000000L

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    struct timespec pause = *wanted;
    if (pause.tv_sec == 0 && pause.tv_nsec == POLL_NS && getenv("CARDIO_FAST_POLL"))
        pause.tv_nsec = FAST_NS;
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, left) ? -1 : 0;
}

int bind(int fd, const struct sockaddr *address, socklen_t size)
{
    struct sockaddr_in loopback;
    if (address->sa_family == AF_INET && size == sizeof loopback) {
        memcpy(&loopback, address, sizeof loopback);
        if (loopback.sin_addr.s_addr == htonl(INADDR_ANY))
            loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address = (const struct sockaddr *)&loopback;
    }
    return (int)syscall(SYS_bind, fd, address, size);
}
