/*
 * mirror_parts.h - what the files of mirror share among themselves.
 *
 * Actor of all of them: root in the container's mount namespace, with the file
 * system's view of the container's user; nothing of the container is executed.
 */
#ifndef BERTH_MIRROR_PARTS_H
#define BERTH_MIRROR_PARTS_H

#include "fail.h"
#include <stdbool.h>
#include <sys/stat.h>

/* Stands in a folder for the moment that a file needs to be whole; who finds one there makes it anew. */
#define HALF_NAME ".berth-sync~"

struct mirror
{
  int source, target; /* the two folders */
  int own_fds;        /* /proc/self/fd of the machine, which is out of sight by now */
  bool keep_kinds;    /* nothing makes way for what is of another kind */
};

extern struct mirror mirror;

/* One path: FROM below the source is to be TO below the target. */
struct pair { const char *from, *to; };

/* What is there, as a descriptor that only names it; -1 when nothing is. */
int look_beneath (int folder, const char *path, struct stat *st);

/* The same file, to be read or written. */
int reopen_own (int fd, int flags);

/* On a file system by which the kernel is spoken to. */
bool is_kernels (int fd);

/* The folder that holds PATH of the target, and in NAME its last component. Returns -1 with errno. */
int open_holder (const char *path, char *name);

/* The same, made where it is missing with the modes of the source's folders. */
int make_holder (const struct pair *pair, char *name, struct failure *why);

/* Removes NAME: anything but a folder, or a folder with nothing in it. */
int remove_one (int holder, const char *name, bool folder);

/* These return 1 when something was changed, 0 when all was well, -1 with *why. */
int mirror_file (int holder, const char *name, int from, const struct stat *st, struct failure *why);
int mirror_link (int holder, const char *name, int from, struct failure *why);
int mirror_folder (int holder, const char *name, const struct stat *st, struct failure *why);

#endif
