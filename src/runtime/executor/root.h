/* root.h - building the container's mount tree, by descriptor. Child, root in its new mount namespace. */
#ifndef BERTH_ROOT_H
#define BERTH_ROOT_H

#include "child.h"

/* Where the new root is attached until pivot: a folder of every Linux, which nobody needs in this namespace. */
#define STAGING "/sys"

/* The folder PATH below the root, made when missing; refuses a place on procfs. Returns an O_PATH descriptor or -1. */
int open_mount_folder (struct child *c, const char *path, struct failure *why);

/* The same for anything but a folder. */
int open_mount_file (struct child *c, const char *path, struct failure *why);

/* A copy of the mount and place that FD stands for, not attached anywhere. */
int copy_tree (int fd, bool recursive);

/* Puts the detached mount on the place TARGET stands for. */
int attach_mount (int mount, int target);

/* c->proc: a procfs of this pid namespace that is attached nowhere. */
int open_own_proc (struct child *c, struct failure *why);

#endif
