/* inodes.c - a hash of (device, inode) to the first path, in one mapping that grows with what is met. */
#include "sys.h"
#include "inodes.h"

#include <sys/mman.h>

#define BUCKETS 65536
#define ARENA (64 * 1024 * 1024)

struct met { struct met *next; dev_t dev; ino_t ino; char path[]; };

static struct met **buckets;
static char *arena;
static size_t used;

static bool
have_table (void)
{
  void *map;

  if (buckets != NULL)
    return true;
  map = mmap (NULL, BUCKETS * sizeof *buckets + ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED)
    return false;
  buckets = map;
  arena = (char *) map + BUCKETS * sizeof *buckets;
  return true;
}

const char *
met_before (const struct stat *st, const char *path)
{
  size_t size = (sizeof (struct met) + strlen (path) + 1 + 7) / 8 * 8, bucket;
  struct met *met;

  if (!have_table ())
    return NULL;
  bucket = (size_t) ((st->st_ino * 2654435761u) ^ st->st_dev) % BUCKETS;
  for (met = buckets[bucket]; met != NULL; met = met->next)
    if (met->dev == st->st_dev && met->ino == st->st_ino)
      return met->path;
  if (size > ARENA - used)
    return NULL;
  met = (struct met *) (arena + used);
  used += size;
  met->dev = st->st_dev;
  met->ino = st->st_ino;
  strcpy (met->path, path);
  met->next = buckets[bucket];
  buckets[bucket] = met;
  return NULL;
}
