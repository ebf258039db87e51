/* untar_times.c - the modification times of folders, set when all is unpacked. */
#include "sys.h"
#include "path.h"
#include "untar_parts.h"

#include <sys/mman.h>

/* An archive may name millions of folders by long paths: past this the rest keep the time of unpacking. */
#define REMEMBERED_MAX (32 * 1024 * 1024)

struct folder_time { int64_t mtime; char path[]; };

/* Records one after the other, each at a multiple of eight bytes. Mapped when needed: monitors share this program. */
static char *remembered;
static size_t used;

static bool
have_room (size_t size)
{
  if (remembered == NULL)
    {
      void *map = mmap (NULL, REMEMBERED_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (map == MAP_FAILED)
        return false;
      remembered = map;
    }
  return size <= REMEMBERED_MAX - used;
}

static size_t
size_of (const char *path)
{
  return (sizeof (struct folder_time) + strlen (path) + 1 + 7) / 8 * 8;
}

void
remember_time (const struct tar_entry *entry)
{
  size_t size = size_of (entry->path);
  struct folder_time *record;

  if (!have_room (size))
    return;
  record = (struct folder_time *) (remembered + used);
  record->mtime = entry->mtime;
  strcpy (record->path, entry->path);
  used += size;
}

void
set_folder_times (void)
{
  for (size_t at = 0; at < used;)
    {
      struct folder_time *record = (struct folder_time *) (remembered + at);
      struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = record->mtime } };
      cleanup_close int fd = open_in_root (untar.root, record->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      /* It may have been replaced since by something that is no folder. */
      if (fd >= 0)
        futimens (fd, times);
      at += size_of (record->path);
    }
}
