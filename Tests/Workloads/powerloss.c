/* What would survive a power cut: preloaded into a program, it keeps under POWERLOSS_SHADOW the content of each
 * file below POWERLOSS_ROOT as of its last fsync or fdatasync, and the names in each directory as of its last.
 * Files whose names begin with POWERLOSS_SKIP are left alone. A file is named there by inode and time of birth, as an
 * inode is used again. Build: cc -shared -fPIC -ldl. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int identity(int at, const char *name, int flags, char *text, size_t size) {
    struct statx status;
    if (statx(at, name, flags, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) return -1;
    snprintf(text, size, "%llu-%lld-%u", (unsigned long long)status.stx_ino,
             (long long)status.stx_btime.tv_sec, status.stx_btime.tv_nsec);
    return S_ISDIR(status.stx_mode) ? 1 : S_ISREG(status.stx_mode) ? 0 : -1;
}

static void put(FILE *to, const char *temporary, const char *target) {
    if (fclose(to) == 0) rename(temporary, target);
}

static void keep(int descriptor) {
    const char *root = getenv("POWERLOSS_ROOT"), *shadow = getenv("POWERLOSS_SHADOW");
    char link[64], path[4096], key[128], target[4352], temporary[4400];
    if (!root || !shadow) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    if (strncmp(path, root, strlen(root)) != 0) return;
    /* To close a second descriptor of a SQLite database would cost the program all its locks on it. */
    const char *name = strrchr(path, '/') + 1, *skip = getenv("POWERLOSS_SKIP");
    if (skip && strncmp(name, skip, strlen(skip)) == 0) return;
    int kind = identity(descriptor, "", AT_EMPTY_PATH, key, sizeof key);
    if (kind < 0) return;
    snprintf(target, sizeof target, "%s/%s", shadow, key);
    snprintf(temporary, sizeof temporary, "%s/tmp-%d-%d", shadow, getpid(), gettid());
    FILE *to = fopen(temporary, "w");
    if (!to) return;
    if (kind == 1) {
        DIR *directory = opendir(path);
        struct dirent *entry;
        while (directory && (entry = readdir(directory))) {
            if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
            int type = identity(dirfd(directory), entry->d_name, AT_SYMLINK_NOFOLLOW, key, sizeof key);
            if (type >= 0) fprintf(to, "%c %s %s\n", type ? 'd' : 'f', key, entry->d_name);
        }
        if (directory) closedir(directory);
    } else {
        char buffer[65536];
        off_t offset = 0;
        int input = open(link, O_RDONLY | O_CLOEXEC);
        while (input >= 0 && (length = pread(input, buffer, sizeof buffer, offset)) > 0) {
            fwrite(buffer, 1, length, to);
            offset += length;
        }
        if (input >= 0) close(input);
    }
    put(to, temporary, target);
}

static int synced(const char *name, int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(descriptor), saved = errno;
    if (result == 0) keep(descriptor);
    errno = saved;
    return result;
}

int fsync(int descriptor) { return synced("fsync", descriptor); }
int fdatasync(int descriptor) { return synced("fdatasync", descriptor); }
