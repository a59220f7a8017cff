/* A stand-in for the Windows calls that cardio makes through ctypes: same names, same arguments,
   same widths. It is compiled on Linux by tests/unit/test_system_windows_api.py, so that a handle
   cut to 32 bits, a wrong width or a missing zero is found without a Windows. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef uint16_t WCHAR;

static const char *NODES[] = {"USB\\VID_08E6&PID_3437\\5&1A2B3C4D&0&2",
                              "USB\\VID_0F14&PID_0037\\5&1A2B3C4D&0&3",
                              "USB\\VID_0000&PID_0000\\GONE", 0};
static int wide(WCHAR *to, const char *text) {
    int n = 0;
    do to[n] = (WCHAR)(unsigned char)text[n]; while (text[n++]);
    return n;
}
static int same(const WCHAR *a, const char *b) {
    while (*b && *a == (WCHAR)*b) a++, b++;
    return !*a && !*b;
}

/* cfgmgr32: the list grows once between the two calls */
static int grown;
uint32_t CM_Get_Device_ID_List_SizeW(uint32_t *size, const WCHAR *filter, uint32_t flags) {
    if (!same(filter, "USB") || flags != 0x101) return 0x1F;
    *size = 1;
    for (int i = 0; NODES[i]; i++) *size += (uint32_t)strlen(NODES[i]) + 1;
    if (!grown++) *size = 8;
    return 0;
}
uint32_t CM_Get_Device_ID_ListW(const WCHAR *filter, WCHAR *buffer, uint32_t size, uint32_t flags) {
    int at = 0;
    if (!same(filter, "USB") || flags != 0x101) return 0x1F;
    if (size < 20) return 0x1A;
    for (int i = 0; NODES[i]; i++) at += wide(buffer + at, NODES[i]);
    buffer[at] = 0;
    return 0;
}
uint32_t CM_Locate_DevNodeW(uint32_t *node, const WCHAR *name, uint32_t flags) {
    for (uint32_t i = 0; NODES[i] && !flags; i++)
        if (i < 2 && same(name, NODES[i])) return *node = i + 1, 0;
    return 0x0D;
}
uint32_t CM_Get_DevNode_Status(uint32_t *status, uint32_t *problem, uint32_t node, uint32_t flags) {
    if (node < 1 || node > 2 || flags) return 0x05;
    *status = node == 2 ? 0x400 : 0x08;
    *problem = 10; /* means nothing without the flag */
    return 0;
}

/* advapi32: handles that do not fit into 32 bits */
static void *const MANAGER = (void *)0x7F0000000010, *const SERVICE = (void *)0x7F0000000020;
static int open_handles;
void *OpenSCManagerW(const WCHAR *machine, const WCHAR *database, uint32_t access) {
    if (machine || database || access != 1) return 0;
    return open_handles++, MANAGER;
}
void *OpenServiceW(void *manager, const WCHAR *name, uint32_t access) {
    if (manager != MANAGER || access != 4 || !same(name, "SCardSvr")) return 0;
    return open_handles++, SERVICE;
}
int QueryServiceStatusEx(void *service, int level, uint8_t *buffer, uint32_t size, uint32_t *need) {
    uint32_t status[9] = {0x20, 4, 5, 0, 0, 0, 0, 2244, 0};
    if (service != SERVICE || level || size != sizeof status) return 0;
    memcpy(buffer, status, sizeof status);
    return *need = sizeof status, 1;
}
int CloseServiceHandle(void *handle) {
    return handle == MANAGER || handle == SERVICE ? open_handles--, 1 : 0;
}
int handles_left(void) { return open_handles; }

/* user32, kernel32, wtsapi32 */
int GetSystemMetrics(int what) { return what == 0x1000 ? 1 : -1; }
int ProcessIdToSessionId(uint32_t process, uint32_t *session) {
    if (process == 4) return 0;
    return *session = process == 700 ? 0 : 3, 1;
}
int WTSQuerySessionInformationW(void *server, uint32_t session, int what, void **data,
                                uint32_t *size) {
    if (server || session != 0xFFFFFFFFu) return 0;
    *data = malloc(64);
    *size = what == 6 ? 2 * (uint32_t)wide(*data, "RDP-Tcp#12") : what == 8 ? 4 : 2;
    if (what == 8) memset(*data, 0, 4);
    if (what == 16) *(uint16_t *)*data = 2;
    open_handles++;
    return what == 6 || what == 8 || what == 16;
}
void WTSFreeMemory(void *data) { free(data), open_handles--; }

/* kernel32: snapshots */
typedef struct {
    uint32_t size, usage, id;
    uintptr_t heap;
    uint32_t module, threads, parent;
    int32_t priority;
    uint32_t flags;
    WCHAR name[260];
} Process;
typedef struct {
    uint32_t size, module, id, global, own;
    uint8_t *base;
    uint32_t base_size;
    void *handle;
    WCHAR name[256], path[260];
} Module;
static const struct { uint32_t id; const char *name; const char *module; } RUNNING[] = {
    {0, "[System Process]", 0},    {4, "System", 0},
    {700, "lsass.exe", "no!"},     {4120, "ccm.exe", "WinSCard.dll"},
    {5000, "notepad.exe", "x.dll"}, {5001, "protected.exe", 0},
    {7788, "Caf\351.exe", "WINSCARD.DLL"}};
enum { COUNT = sizeof RUNNING / sizeof *RUNNING };
static uint32_t at, modules_of;
void *CreateToolhelp32Snapshot(uint32_t what, uint32_t process) {
    at = 0;
    if (what == 0x18) modules_of = process;
    if (what == 0x18 && process == 700) abort();
    return what == 2 || what == 0x18 ? open_handles++, (void *)0x7F0000000030 : (void *)-1;
}
int CloseHandle(void *handle) { return handle == (void *)0x7F0000000030 ? open_handles--, 1 : 0; }
int Process32NextW(void *snapshot, Process *entry) {
    if (snapshot != (void *)0x7F0000000030 || entry->size != sizeof *entry || at > COUNT) return 0;
    entry->id = at < COUNT ? RUNNING[at].id : (uint32_t)getpid();
    wide(entry->name, at < COUNT ? RUNNING[at].name : "python.exe");
    return at++, 1;
}
int Process32FirstW(void *snapshot, Process *entry) { return Process32NextW(snapshot, entry); }
int Module32FirstW(void *snapshot, Module *entry) {
    if (snapshot != (void *)0x7F0000000030 || entry->size != sizeof *entry) return 0;
    for (int i = 0; i < COUNT; i++)
        if (RUNNING[i].id == modules_of && RUNNING[i].module)
            return wide(entry->name, "ntdll.dll"), 1;
    return 0;
}
int Module32NextW(void *snapshot, Module *entry) {
    if (at++ || snapshot != (void *)0x7F0000000030) return 0;
    for (int i = 0; i < COUNT; i++)
        if (RUNNING[i].id == modules_of) wide(entry->name, RUNNING[i].module);
    return 1;
}
int struct_size(int which) { return which ? (int)sizeof(Module) : (int)sizeof(Process); }
