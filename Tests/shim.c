// LD_PRELOAD shim for tests: turns fsync and fdatasync into no-ops, makes them fail or wait, while a trigger file exists.
//   HANBRIDGE_SHIM_NOSYNC=1              every sync answers 0 and does nothing
//   HANBRIDGE_SHIM_EIO=/path/to/trigger  a sync of the log's files fails with EIO while the file exists (once: that sync removes it)
//   HANBRIDGE_SHIM_HOLD=/path/to/trigger syncs of the log's files wait for as long as the file exists
//   HANBRIDGE_SHIM_BELOW=words           only files whose path has these words are failed or held
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_record_file(int descriptor) {
    char link[64], path[4096];
    struct stat facts;
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *below = getenv("HANBRIDGE_SHIM_BELOW");
    return strstr(path, "sqlite") == NULL && (!below || strstr(path, below) != NULL);
}

static int is_triggered(const char *name, int descriptor) {
    const char *trigger = getenv(name);
    return trigger && access(trigger, F_OK) == 0 && is_record_file(descriptor);
}

static int sync_by(const char *name, int descriptor) {
    if (getenv("HANBRIDGE_SHIM_NOSYNC")) return 0;
    if (is_triggered("HANBRIDGE_SHIM_EIO", descriptor)) {
        unlink(getenv("HANBRIDGE_SHIM_EIO"));
        errno = EIO;
        return -1;
    }
    while (is_triggered("HANBRIDGE_SHIM_HOLD", descriptor)) usleep(10000);
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(descriptor);
}

int fsync(int descriptor) { return sync_by("fsync", descriptor); }
int fdatasync(int descriptor) { return sync_by("fdatasync", descriptor); }
