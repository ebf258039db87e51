/*
 * untar_sparse.c - files with holes. GNU tar manual, "PAX Format, Version 1.0".
 *
 * The map is text of whoever made the archive: it is read with a bound, and
 * each piece has to lie behind the one before it and within the file.
 */
#include "sys.h"
#include "number.h"
#include "untar_parts.h"

#define BLOCK 512
#define SEGMENTS_MAX 65536

struct map { char block[BLOCK]; size_t at; };

/* The next line of the map, a number; blocks are read as they are needed. */
static int
next_number (struct map *map, uint64_t max, uint64_t *value, struct failure *why)
{
  char digits[24];

  for (size_t length = 0; length < sizeof digits; length++)
    {
      if (map->at == BLOCK)
        {
          if (read_exactly (map->block, BLOCK, why) != 0)
            return -1;
          map->at = 0;
        }
      digits[length] = map->block[map->at++];
      if (digits[length] == '\n')
        {
          digits[length] = 0;
          return parse_decimal (digits, max, value) ? 0 : refuse (why, 0, "map of a sparse file");
        }
    }
  return refuse (why, 0, "map of a sparse file");
}

static int
write_segment (int fd, uint64_t at, uint64_t length, struct failure *why)
{
  static char buffer[64 * 1024];

  if (lseek (fd, (off_t) at, SEEK_SET) < 0)
    return fail (why, "write");
  while (length > 0)
    {
      size_t part = length < sizeof buffer ? (size_t) length : sizeof buffer;
      if (read_exactly (buffer, part, why) != 0)
        return -1;
      for (size_t done = 0; done < part;)
        {
          ssize_t wrote = write (fd, buffer + done, part - done);
          if (wrote < 0 && errno != EINTR)
            return fail (why, "write");
          done += wrote < 0 ? 0 : (size_t) wrote;
        }
      length -= part;
    }
  return 0;
}

int
write_sparse (int fd, const struct tar_entry *entry, struct failure *why)
{
  static struct { uint64_t at, length; } segments[SEGMENTS_MAX];
  struct map map = { .at = BLOCK };
  uint64_t count, end = 0;

  if (next_number (&map, SEGMENTS_MAX, &count, why) != 0)
    return -1;
  for (uint64_t i = 0; i < count; i++)
    {
      if (next_number (&map, INT64_MAX, &segments[i].at, why) != 0
          || next_number (&map, INT64_MAX, &segments[i].length, why) != 0)
        return -1;
      if (segments[i].at < end || segments[i].at > entry->real_size || segments[i].length > entry->real_size - segments[i].at)
        return refuse (why, 0, "map of a sparse file");
      end = segments[i].at + segments[i].length;
    }
  if (ftruncate (fd, (off_t) entry->real_size) != 0)
    return fail (why, "make the file that long");
  for (uint64_t i = 0; i < count; i++)
    if (write_segment (fd, segments[i].at, segments[i].length, why) != 0)
      return -1;
  return 0;
}
