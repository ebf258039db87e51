/*
 * layer_parts.h - what the files of layer share among themselves.
 *
 * Actor: root on the host, reading below a folder by descriptor. Nothing is
 * written but standard output, the times of a layer, and stubs that are dropped.
 */
#ifndef BERTH_LAYER_PARTS_H
#define BERTH_LAYER_PARTS_H

#include "fail.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define MAX_SOURCES 4096

struct layer
{
  int root;
  bool overlay;   /* whiteouts of overlayfs become those of OCI */
  bool set_times; /* also on disk */
  bool links;     /* a file's second name becomes a link: only where all of a tree is written */
  bool sync, has_time;
  int64_t time;
  uint64_t entries, bytes;
};

extern struct layer layer;

/* Writes NAME below PARENT, and all below it, as PATH. */
int layer_tree (int parent, const char *name, const char *path, struct failure *why);

/* Everything in the folder, in the order of the names' bytes. */
int layer_folder (int folder, const char *path, struct failure *why);

/* The matches of PATTERN below the root, each as NUMBER/path. Nothing matched is no failure: *COUNT tells. */
int layer_matches (const char *pattern, int number, int *count, struct failure *why);

/* One header; DEPTH of names is not looked at. LINK for links. */
int write_header (const char *path, const struct stat *st, char type, const char *link, int fd, struct failure *why);
int write_content (int fd, uint64_t size, struct failure *why);
int write_end (struct failure *why);

/* The path under which the file was written before, or NULL; remembers PATH for it then. */
const char *seen_before (const struct stat *st, const char *path);

/* Names of a folder, sorted; -1 with errno. */
int read_names (int folder, char ***names);
void free_names (char **names, int count);

#endif
