/* tree.h - small things that are done to files and folders, by descriptor. */
#ifndef BERTH_TREE_H
#define BERTH_TREE_H

#include <stdbool.h>
#include <sys/stat.h>

/* LENGTH bytes from where IN stands to where OUT stands; fewer when IN ends before. */
int copy_bytes (int in, int out, off_t length);

/* Owner, mode, extended attributes and times. */
int copy_attributes (int from, int to, const struct stat *st);

/* `lost+found`, which mkfs makes, does not count. */
bool is_empty_folder (int folder);

/* Removes all that is in it; never follows a link. */
int empty_folder (int folder);

/* Extended attributes that tell something of a file's own, not of overlayfs or of this machine. */
bool is_kept_xattr (const char *name);

#endif
