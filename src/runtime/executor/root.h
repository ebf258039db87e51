/* root.h - building the container's mount tree, by descriptor. Child, root in its new mount namespace. */
#ifndef BERTH_ROOT_H
#define BERTH_ROOT_H

#include "child.h"

/* Where the new root is attached until pivot: a folder of every Linux, which nobody needs in this namespace. */
#define STAGING "/sys"

/* Where other mounts are attached for a moment: the kernel copies only what is attached. */
#define SIDE_STAGING "/etc"

/* The folder PATH below the root, made when missing; refuses a place on procfs. Returns an O_PATH descriptor or -1. */
int open_mount_folder (struct child *c, const char *path, struct failure *why);

/* The same for anything but a folder. */
int open_mount_file (struct child *c, const char *path, struct failure *why);

/* A copy of the mount and place that FD stands for, not attached anywhere. */
int copy_tree (int fd, bool recursive);

/* Puts the detached mount on the place TARGET stands for. */
int attach_mount (int mount, int target);

/* The layers LOWER, topmost first, as one read-only mount that is attached nowhere; -1 with *why. */
int mount_lowers (struct op *op, int first, struct failure *why);

/* c->proc: a procfs of this pid namespace that is attached nowhere. */
int open_own_proc (struct child *c, struct failure *why);

#endif
