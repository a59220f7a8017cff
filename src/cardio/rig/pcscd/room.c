/* A reader driver for pcscd that takes as many places as its CHANNELID says and gives all of them
 * back: its last slot fails, for which pcscd removes the whole reader. Why: see room.py. */
#include <unistd.h>

enum { SLOTS_NUMBER = 0x0FAE, WAITING_WITH_TIMEOUT = 0x0FB3 };
enum { SUCCESS = 0, ERROR_TAG = 600, NOT_PRESENT = 616, NO_SUCH_DEVICE = 617 };
enum { LOOK_AGAIN_US = 1000 };

static unsigned char places;

/* pcscd waits for this to return before it removes a slot. */
static long wait_a_moment(unsigned long lun, int milliseconds)
{
    (void)lun, (void)milliseconds;
    usleep(LOOK_AGAIN_US);
    return SUCCESS;
}

long IFDHCreateChannel(unsigned long lun, unsigned long channel)
{
    places = (unsigned char)channel;
    return (lun & 0xFFFF) + 1 < places ? SUCCESS : NO_SUCH_DEVICE;
}

long IFDHGetCapabilities(unsigned long lun, unsigned long tag, unsigned long *size, void *value)
{
    (void)lun;
    switch (tag) {
    case SLOTS_NUMBER:
        *size = sizeof places;
        *(unsigned char *)value = places;
        return SUCCESS;
    case WAITING_WITH_TIMEOUT:
        *size = sizeof(&wait_a_moment);
        *(long (**)(unsigned long, int))value = wait_a_moment;
        return SUCCESS;
    default:
        return ERROR_TAG;
    }
}

long IFDHCloseChannel(unsigned long lun)
{
    (void)lun;
    return SUCCESS;
}

long IFDHICCPresence(unsigned long lun)
{
    (void)lun;
    return NOT_PRESENT;
}

/* Of a driver pcscd wants these, too; there is never a card to call them for. */

long IFDHSetCapabilities(void) { return NOT_PRESENT; }
long IFDHSetProtocolParameters(void) { return NOT_PRESENT; }
long IFDHPowerICC(void) { return NOT_PRESENT; }
long IFDHTransmitToICC(void) { return NOT_PRESENT; }
long IFDHControl(void) { return NOT_PRESENT; }
