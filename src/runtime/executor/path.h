/*
 * path.h - paths below a root, by descriptor.
 *
 * The kernel resolves every path as if ROOT were "/" (RESOLVE_IN_ROOT) and no
 * magic link of /proc is followed, so a symlink of an image, even one that is
 * swapped while we look, can not lead outside.
 */
#ifndef BERTH_PATH_H
#define BERTH_PATH_H

#include <sys/types.h>

/* openat2 below ROOT. FLAGS as for open(2); close-on-exec is added. */
int open_in_root (int root, const char *path, int flags);

/* The folder, made with its missing parents when absent (MODE, UID, GID for the new ones). An O_PATH descriptor. */
int make_dir_in_root (int root, const char *path, mode_t mode, uid_t uid, gid_t gid);

/* The file (or whatever is there, but no folder), made empty when absent. An O_PATH descriptor. */
int make_file_in_root (int root, const char *path);

/* Opens the folder that holds PATH, made when missing, and copies the last component to NAME[256]. */
int open_parent_in_root (int root, const char *path, char *name);

#endif
