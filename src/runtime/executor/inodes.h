/* inodes.h - files that have several names: where each was met first. */
#ifndef BERTH_INODES_H
#define BERTH_INODES_H

#include <sys/stat.h>

/* The path under which this file was met before; else remembers PATH and returns NULL. Past its bound it forgets: a link becomes a copy. */
const char *met_before (const struct stat *st, const char *path);

#endif
