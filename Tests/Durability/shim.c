// LD_PRELOAD shim for the durability tests: turns fsync and fdatasync into no-ops, or makes them fail, while a trigger file exists.
//   HANBRIDGE_SHIM_NOSYNC=1              every sync answers 0 and does nothing
//   HANBRIDGE_SHIM_EIO=/path/to/trigger  syncs of segment files fail with EIO while the file exists (once: it is removed by the failing sync)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_record_file(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "sqlite") == NULL;
}

static int sync_by(const char *name, int descriptor) {
    if (getenv("HANBRIDGE_SHIM_NOSYNC")) return 0;
    const char *trigger = getenv("HANBRIDGE_SHIM_EIO");
    if (trigger && access(trigger, F_OK) == 0 && is_record_file(descriptor)) {
        unlink(trigger);
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(descriptor);
}

int fsync(int descriptor) { return sync_by("fsync", descriptor); }
int fdatasync(int descriptor) { return sync_by("fdatasync", descriptor); }
