/* A disk that fails, and one whose every operation is written down: loaded into a program with
 * LD_PRELOAD, it stands between the program and the C library for files below one folder.
 *
 * DISK_DIR      the folder
 * DISK_LIST     a file that gets one line for each call: its number and kind, then the path
 * DISK_FAULT    full, full-for-good, eio, short or fsync
 * DISK_AT       which of the calls that the fault can meet fails: 1, 2, ...
 * DISK_LOG      a file that gets every operation with its data, in order (see power.rs)
 * DISK_ACK      a file outside the folder: what is written to it is logged as an acknowledgement
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SPACE = 1, BYTES = 2, SYNC = 4, NAME = 8 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *dir, *fault, *ack;
static long at, met;
static int list_fd = -1, log_fd = -1, full, short_fd = -1;


static void raw_write(int fd, const void *bytes, size_t size) {
    const char *from = bytes;
    while (size > 0) {
        long done = syscall(SYS_write, fd, from, size);
        if (done <= 0) abort();
        from += done;
        size -= (size_t)done;
    }
}

static int raw_open(const char *name) {
    const char *path = getenv(name);
    if (!path) return -1;
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) abort();
    return (int)fd;
}

__attribute__((constructor)) static void begin(void) {
    dir = getenv("DISK_DIR");
    fault = getenv("DISK_FAULT");
    ack = getenv("DISK_ACK");
    at = getenv("DISK_AT") ? atol(getenv("DISK_AT")) : 0;
    if (!dir) return;
    list_fd = raw_open("DISK_LIST");
    log_fd = raw_open("DISK_LOG");
}

static int below(const char *path) {
    size_t size = dir ? strlen(dir) : 0;
    return size && !strncmp(path, dir, size) && (path[size] == '/' || path[size] == 0);
}

/* The path of an open file; false where it is none of ours. */
static int path_of(int fd, char *path) {
    char link[64];
    if (!dir || fd < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    return below(path);
}

static int absolute(int at_fd, const char *name, char *path) {
    char folder[PATH_MAX];
    if (!dir || !name) return 0;
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else if (at_fd == AT_FDCWD) {
        if (!getcwd(folder, sizeof folder)) return 0;
        snprintf(path, PATH_MAX, "%.2000s/%.2000s", folder, name);
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at_fd);
        long size = syscall(SYS_readlinkat, AT_FDCWD, link, folder, PATH_MAX - 1);
        if (size <= 0) return 0;
        folder[size] = 0;
        snprintf(path, PATH_MAX, "%.2000s/%.2000s", folder, name);
    }
    return below(path);
}

/* What becomes of a call: 0 it is made, else the errno it fails with; -1: half of it is made. */
static int judge(int kinds, const char *what, const char *path, int fd, size_t size) {
    int meets = 0, error = 0;
    if (fault && !strcmp(fault, "short")) {
        if (short_fd >= 0 && fd == short_fd && (kinds & BYTES)) {
            short_fd = -1;
            return ENOSPC;
        }
        meets = (kinds & BYTES) && size > 1;
    } else if (fault && (!strcmp(fault, "full") || !strcmp(fault, "full-for-good"))) {
        if (full && (kinds & SPACE)) return ENOSPC;
        meets = kinds & SPACE;
        error = ENOSPC;
    } else if (fault && !strcmp(fault, "fsync")) {
        meets = kinds & SYNC;
        error = EIO;
    } else if (fault) {
        meets = 1;
        error = EIO;
    }
    if (list_fd >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%d %zu %s %s\n", kinds, size, what, path);
        raw_write(list_fd, line, (size_t)length);
    }
    if (!meets || ++met != at) return 0;
    if (!strcmp(fault, "full-for-good")) full = 1;
    if (!strcmp(fault, "short")) {
        short_fd = fd;
        return -1;
    }
    return error;
}

static void note(char kind, uint64_t file, uint64_t offset, const char *path, const void *data,
                 uint32_t size) {
    if (log_fd < 0) return;
    uint32_t path_size = path ? (uint32_t)strlen(path) : 0;
    raw_write(log_fd, &kind, 1);
    raw_write(log_fd, &file, 8);
    raw_write(log_fd, &offset, 8);
    raw_write(log_fd, &path_size, 4);
    raw_write(log_fd, &size, 4);
    raw_write(log_fd, path, path_size);
    raw_write(log_fd, data, size);
}

static uint64_t number_of(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 ? (uint64_t)found.st_ino : 0;
}

static int is_folder(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
}
