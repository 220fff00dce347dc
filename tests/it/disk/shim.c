/* The calls of the C library that change files; what becomes of each is judged in shim_judge.h. */
#include "shim_judge.h"

#include <stdarg.h>
#include <sys/uio.h>

/* ---- bytes ---- */

static ssize_t put(int fd, const struct iovec *parts, int count, off_t offset, int placed) {
    size_t size = 0;
    for (int i = 0; i < count; i++) size += parts[i].iov_len;
    char *bytes = malloc(size ? size : 1);
    size_t filled = 0;
    for (int i = 0; i < count; i++) {
        memcpy(bytes + filled, parts[i].iov_base, parts[i].iov_len);
        filled += parts[i].iov_len;
    }
    char path[PATH_MAX];
    int acknowledges = 0, ours = path_of(fd, path);
    if (!ours && ack && log_fd >= 0) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        long found = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
        if (found > 0) path[found] = 0;
        acknowledges = found > 0 && !strcmp(path, ack);
    }
    if (!ours && !acknowledges) {
        ssize_t done = placed ? syscall(SYS_pwrite64, fd, bytes, size, offset)
                              : syscall(SYS_write, fd, bytes, size);
        int error = errno;
        free(bytes);
        errno = error;
        return done;
    }
    pthread_mutex_lock(&lock);
    int error = ours ? judge(SPACE | BYTES, placed ? "pwrite" : "write", path, fd, size) : 0;
    ssize_t done = -1;
    if (error <= 0) {
        size_t most = error == -1 ? size / 2 : size;
        done = placed ? syscall(SYS_pwrite64, fd, bytes, most, offset)
                      : syscall(SYS_write, fd, bytes, most);
        error = done < 0 ? errno : 0;
        if (done > 0 && log_fd >= 0) {
            uint64_t place = placed ? (uint64_t)offset
                                    : (uint64_t)lseek(fd, 0, SEEK_CUR) - (uint64_t)done;
            note(acknowledges ? 'A' : 'W', number_of(fd), acknowledges ? 0 : place, NULL, bytes,
                 (uint32_t)done);
        }
    }
    pthread_mutex_unlock(&lock);
    free(bytes);
    errno = error;
    return done;
}

ssize_t write(int fd, const void *bytes, size_t size) {
    struct iovec part = {(void *)bytes, size};
    return put(fd, &part, 1, 0, 0);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { return put(fd, parts, count, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    struct iovec part = {(void *)bytes, size};
    return put(fd, &part, 1, offset, 1);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    return pwrite(fd, bytes, size, offset);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    return put(fd, parts, count, offset, 1);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
    return put(fd, parts, count, offset, 1);
}

/* ---- sync ---- */

static int bring(int fd, const char *what, long call) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return (int)syscall(call, fd);
    pthread_mutex_lock(&lock);
    int error = judge(SYNC, what, path, fd, 0);
    int done = -1;
    if (!error) {
        done = (int)syscall(call, fd);
        error = done < 0 ? errno : 0;
        if (!error) note(is_folder(fd) ? 'D' : 'S', number_of(fd), 0, path, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
int fsync(int fd) { return bring(fd, "fsync", SYS_fsync); }
int fdatasync(int fd) { return bring(fd, "fdatasync", SYS_fdatasync); }
int sync_file_range(int fd, off64_t from, off64_t size, unsigned int flags) {
    char path[PATH_MAX];
    if (path_of(fd, path)) {
        pthread_mutex_lock(&lock);
        int error = judge(SYNC, "sync_file_range", path, fd, 0);
        pthread_mutex_unlock(&lock);
        if (error) {
            errno = error;
            return -1;
        }
    }
    return (int)syscall(SYS_sync_file_range, fd, from, size, flags);
}

/* ---- size ---- */

static int resize(int fd, off_t size) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    int error = judge(SPACE, "ftruncate", path, fd, 0);
    int done = -1;
    if (!error) {
        done = (int)syscall(SYS_ftruncate, fd, size);
        error = done < 0 ? errno : 0;
        if (!error) note('T', number_of(fd), (uint64_t)size, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
int ftruncate(int fd, off_t size) { return resize(fd, size); }
int ftruncate64(int fd, off64_t size) { return resize(fd, size); }

static int reserve(int fd, int mode, off_t from, off_t size) {
    char path[PATH_MAX];
    if (path_of(fd, path)) {
        pthread_mutex_lock(&lock);
        int error = judge(SPACE, "fallocate", path, fd, 0);
        if (!error && log_fd >= 0) abort(); /* not in the model of the power's loss */
        pthread_mutex_unlock(&lock);
        if (error) {
            errno = error;
            return -1;
        }
    }
    return (int)syscall(SYS_fallocate, fd, mode, from, size);
}
int fallocate(int fd, int mode, off_t from, off_t size) { return reserve(fd, mode, from, size); }
int fallocate64(int fd, int mode, off64_t from, off64_t size) {
    return reserve(fd, mode, from, size);
}
int posix_fallocate(int fd, off_t from, off_t size) {
    return reserve(fd, 0, from, size) ? errno : 0;
}
int posix_fallocate64(int fd, off64_t from, off64_t size) {
    return reserve(fd, 0, from, size) ? errno : 0;
}

/* ---- names ---- */

static int opened(int at_fd, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    int makes = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    int changes = makes || flags & O_TRUNC;
    if (!changes || !absolute(at_fd, name, path))
        return (int)syscall(SYS_openat, at_fd, name, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int was_there = stat(path, &before) == 0;
    int error = makes && !was_there ? judge(SPACE | NAME, "create", path, -1, 0) : 0;
    int fd = -1;
    if (!error) {
        fd = (int)syscall(SYS_openat, at_fd, name, flags, mode);
        error = fd < 0 ? errno : 0;
        if (fd >= 0 && log_fd >= 0) {
            if ((flags & O_TMPFILE) == O_TMPFILE) abort(); /* not in the model */
            if (makes && !was_there) note('C', number_of(fd), 0, path, NULL, 0);
            else if (flags & O_TRUNC) note('T', number_of(fd), 0, NULL, NULL, 0);
        }
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}
#define MODE(flags)                                                         \
    mode_t mode = 0;                                                        \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                  \
        va_list rest;                                                       \
        va_start(rest, flags);                                              \
        mode = va_arg(rest, mode_t);                                        \
        va_end(rest);                                                       \
    }
int open(const char *name, int flags, ...) {
    MODE(flags)
    return opened(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
    MODE(flags)
    return opened(AT_FDCWD, name, flags, mode);
}
int openat(int at_fd, const char *name, int flags, ...) {
    MODE(flags)
    return opened(at_fd, name, flags, mode);
}
int openat64(int at_fd, const char *name, int flags, ...) {
    MODE(flags)
    return opened(at_fd, name, flags, mode);
}
int creat(const char *name, mode_t mode) {
    return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static int renamed(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags) {
    char old[PATH_MAX], new[PATH_MAX];
    int ours = absolute(from_fd, from, old) | absolute(to_fd, to, new);
    if (!ours) return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    pthread_mutex_lock(&lock);
    int error = judge(SPACE | NAME, "rename", new, -1, 0);
    int done = -1;
    if (!error) {
        done = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
        error = done < 0 ? errno : 0;
        if (!error) note('R', 0, 0, old, new, (uint32_t)strlen(new));
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_fd, const char *from, int to_fd, const char *to) {
    return renamed(from_fd, from, to_fd, to, 0);
}
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags) {
    return renamed(from_fd, from, to_fd, to, flags);
}

static int taken_away(int at_fd, const char *name, int flags) {
    char path[PATH_MAX];
    if (!absolute(at_fd, name, path)) return (int)syscall(SYS_unlinkat, at_fd, name, flags);
    pthread_mutex_lock(&lock);
    int error = judge(NAME, "unlink", path, -1, 0);
    int done = -1;
    if (!error) {
        done = (int)syscall(SYS_unlinkat, at_fd, name, flags);
        error = done < 0 ? errno : 0;
        if (!error) note('U', 0, 0, path, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
int unlink(const char *name) { return taken_away(AT_FDCWD, name, 0); }
int unlinkat(int at_fd, const char *name, int flags) { return taken_away(at_fd, name, flags); }

static int folder_made(int at_fd, const char *name, mode_t mode) {
    char path[PATH_MAX];
    if (!absolute(at_fd, name, path)) return (int)syscall(SYS_mkdirat, at_fd, name, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int was_there = stat(path, &before) == 0;
    int error = was_there ? 0 : judge(SPACE | NAME, "mkdir", path, -1, 0);
    int done = -1;
    if (!error) {
        done = (int)syscall(SYS_mkdirat, at_fd, name, mode);
        error = done < 0 ? errno : 0;
        if (!error) note('M', 0, 0, path, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
int mkdir(const char *name, mode_t mode) { return folder_made(AT_FDCWD, name, mode); }
int mkdirat(int at_fd, const char *name, mode_t mode) { return folder_made(at_fd, name, mode); }
