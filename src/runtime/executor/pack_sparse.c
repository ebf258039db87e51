/* pack_sparse.c - files with holes: where their data is, and that as text. GNU tar manual, "PAX Format, Version 1.0". */
#include "sys.h"
#include "pack_parts.h"

#include <inttypes.h>

void
map_holes (int fd, const struct stat *st, struct sparse_map *map)
{
  off_t at = 0;

  map->count = -1;
  map->data = 0;
  if ((off_t) st->st_blocks * 512 >= st->st_size)
    return;
  for (int count = 0; count < SEGMENTS_MAX; count++)
    {
      off_t data = lseek (fd, at, SEEK_DATA), hole;
      /* The end is told by an empty segment, so that the size is known. */
      if (data < 0 || data >= st->st_size)
        {
          if (data < 0 && errno != ENXIO)
            return;
          map->segments[count] = (struct segment){ st->st_size, 0 };
          map->count = count + 1;
          return;
        }
      if ((hole = lseek (fd, data, SEEK_HOLE)) < 0)
        return;
      if (hole > st->st_size)
        hole = st->st_size;
      map->segments[count] = (struct segment){ data, hole - data };
      map->data += hole - data;
      at = hole;
    }
}

size_t
write_map_text (const struct sparse_map *map, char *text, size_t size)
{
  size_t length = (size_t) snprintf (text, size, "%d\n", map->count), padded;

  for (int i = 0; i < map->count; i++)
    length += (size_t) snprintf (text + length, size - length, "%" PRId64 "\n%" PRId64 "\n",
                                 (int64_t) map->segments[i].at, (int64_t) map->segments[i].length);
  padded = (length + PACK_BLOCK - 1) / PACK_BLOCK * PACK_BLOCK;
  memset (text + length, 0, padded - length);
  return padded;
}
