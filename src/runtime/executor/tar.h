/*
 * tar.h - reads a tar stream: ustar, GNU long names, pax.
 *
 * Everything in it comes from strangers: numbers are bounded, names are at
 * most TAR_PATH_MAX, what is not understood is refused rather than guessed.
 */
#ifndef BERTH_TAR_H
#define BERTH_TAR_H

#include "fail.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TAR_PATH_MAX 4096
#define TAR_XATTRS_MAX 32

enum tar_type { TAR_FILE, TAR_LINK, TAR_SYMLINK, TAR_CHAR, TAR_BLOCK, TAR_DIR, TAR_FIFO };

struct tar_xattr { const char *name, *value; size_t length; };

struct tar_entry
{
  enum tar_type type;
  char path[TAR_PATH_MAX], link[TAR_PATH_MAX];
  uint64_t size;
  uid_t uid;
  gid_t gid;
  mode_t mode;
  int64_t mtime;
  unsigned major, minor;
  bool sparse;        /* its data begins with a map of where the rest belongs */
  uint64_t real_size; /* then: the file's */
  struct tar_xattr xattrs[TAR_XATTRS_MAX]; /* into the reader's buffer, valid until the next entry */
  int xattr_count;
};

/* 1: *ENTRY is the next one; 0: the archive has ended; -1: *WHY. What is left of the last entry's data is skipped. */
int next_entry (struct tar_entry *entry, struct failure *why);

/* The next piece of the current entry's data: its length, 0 at the end, -1 with *WHY. *DATA is valid until the next call. */
ssize_t read_data (const void **data, struct failure *why);

/* Exactly LENGTH bytes of the current entry's data; -1 with *WHY when it has fewer. */
int read_exactly (void *to, size_t length, struct failure *why);

/* Whether entries with holes are read; else they are refused. */
extern bool tar_reads_sparse;

/* Reads to the end of stdin, so that whoever writes it does not see a broken pipe; -1 when that is more than padding. */
int drain_archive (struct failure *why);

#endif
