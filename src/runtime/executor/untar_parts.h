/*
 * untar_parts.h - what the files of untar share among themselves.
 *
 * Actor of all of them: root on the host, below a folder that only root can
 * reach. PARENT is always a descriptor below that folder, NAME one component.
 */
#ifndef BERTH_UNTAR_PARTS_H
#define BERTH_UNTAR_PARTS_H

#include "tar.h"

struct untar_options
{
  bool overlay, devices, sync;
  bool keep_kinds; /* a folder is never replaced by something else, nor the other way round */
  bool owned;      /* all belongs to these, whatever the archive says */
  uid_t uid;
  gid_t gid;
  uint64_t max_bytes, max_entries;
};

struct untar
{
  int root;
  const char *below; /* folder of the root that entries are below of; empty: the root itself */
  struct untar_options options;
  uint64_t entries, bytes, skipped;
};

extern struct untar untar;

/* Makes ENTRY as NAME below PARENT, where no such thing is (a folder may be). */
int make_file (int parent, const char *name, const struct tar_entry *entry, struct failure *why);
int make_folder (int parent, const char *name, const struct tar_entry *entry, struct failure *why);
int make_hard_link (int parent, const char *name, const struct tar_entry *entry, struct failure *why);
int make_symbolic_link (int parent, const char *name, const struct tar_entry *entry, struct failure *why);
int make_special (int parent, const char *name, const struct tar_entry *entry, struct failure *why);

/* Data of an entry with holes. */
int write_sparse (int fd, const struct tar_entry *entry, struct failure *why);

/* The archive's own root: only its attributes. */
int set_root (const struct tar_entry *entry, struct failure *why);

/* Removes what NAME is, unless it is a folder and a folder is to come. */
int make_way (int parent, const char *name, bool for_folder);

bool is_whiteout (const char *name);
int make_whiteout (int parent, const char *name, struct failure *why);
/* Hides what the layers below have in this folder. */
int make_opaque (int folder);
/* Whether NAME is there as an overlayfs whiteout. */
bool hides_below (int parent, const char *name);

/* Times of folders are set last: what is put into them changes them. */
void remember_time (const struct tar_entry *entry);
void set_folder_times (void);

#endif
