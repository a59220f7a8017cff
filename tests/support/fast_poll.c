/* Preloaded into a test's own pcscd: its 400 ms pause between two looks at a reader becomes 10 ms.
 * facts: pcsc_vpcd.md §3f. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS 400000000L
#define FAST_NS 10000000L

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    struct timespec pause = *wanted;
    if (pause.tv_sec == 0 && pause.tv_nsec == POLL_NS)
        pause.tv_nsec = FAST_NS;
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, left) ? -1 : 0;
}
