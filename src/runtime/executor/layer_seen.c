/* layer_seen.c - files with several names: which of them was written first. */
#include "sys.h"
#include "layer_parts.h"

#define BUCKETS 65536

struct seen { struct seen *next; dev_t device; ino_t inode; char path[]; };

static struct seen *table[BUCKETS];

const char *
seen_before (const struct stat *st, const char *path)
{
  struct seen **bucket = &table[(st->st_ino ^ st->st_dev) % BUCKETS];
  struct seen *entry;

  for (entry = *bucket; entry != NULL; entry = entry->next)
    if (entry->device == st->st_dev && entry->inode == st->st_ino)
      return entry->path;
  entry = malloc (sizeof *entry + strlen (path) + 1);
  if (entry == NULL)
    abort ();
  *entry = (struct seen){ .next = *bucket, .device = st->st_dev, .inode = st->st_ino };
  strcpy (entry->path, path);
  *bucket = entry;
  return NULL;
}
