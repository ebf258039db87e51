/*
 * tar_stream.c - stdin through one buffer, and the data of the entry it stands at.
 *
 * Nothing is ever read twice or sought: the archive may be a pipe.
 */
#include "sys.h"
#include "tar.h"
#include "tar_parts.h"

/* Archives are padded to a whole record, some to a whole tape block; more than this is not padding. */
#define TRAILER_MAX (64 * 1024 * 1024)

static char buffer[1 << 20];
static size_t buffer_start, buffer_end;
static uint64_t data_left, padding_left;
static bool any;

/* At least one byte in the buffer; false at the end of stdin. */
static bool
fill (void)
{
  ssize_t got;

  if (buffer_start < buffer_end)
    return true;
  do
    got = read (STDIN_FILENO, buffer, sizeof buffer);
  while (got < 0 && errno == EINTR);
  if (got <= 0)
    return false;
  buffer_start = 0;
  buffer_end = (size_t) got;
  any = true;
  return true;
}

uint64_t
take (char *to, uint64_t length)
{
  uint64_t done = 0;

  while (done < length && fill ())
    {
      size_t part = buffer_end - buffer_start;
      if (part > length - done)
        part = (size_t) (length - done);
      if (to != NULL)
        memcpy (to + done, buffer + buffer_start, part);
      buffer_start += part;
      done += part;
    }
  return done;
}

int
drain_archive (struct failure *why)
{
  for (uint64_t drained = 0; fill (); buffer_start = buffer_end)
    if ((drained += buffer_end - buffer_start) > TRAILER_MAX)
      return refuse (why, 0, "data goes on after the end of the archive");
  return 0;
}

bool
saw_bytes (void)
{
  return any;
}

void
begin_data (uint64_t size)
{
  data_left = size;
  padding_left = (BLOCK - size % BLOCK) % BLOCK;
}

int
skip_data (struct failure *why)
{
  uint64_t left = data_left + padding_left;

  data_left = padding_left = 0;
  return take (NULL, left) == left ? 0 : refuse (why, 0, "the archive is cut short");
}

int
read_exactly (void *to, size_t length, struct failure *why)
{
  if (length > data_left || take (to, length) != length)
    return refuse (why, 0, "the archive is cut short");
  data_left -= length;
  return 0;
}

ssize_t
read_data (const void **data, struct failure *why)
{
  size_t part;

  if (data_left == 0)
    return 0;
  if (!fill ())
    return refuse (why, 0, "the archive is cut short");
  part = buffer_end - buffer_start;
  if (part > data_left)
    part = (size_t) data_left;
  *data = buffer + buffer_start;
  buffer_start += part;
  data_left -= part;
  return (ssize_t) part;
}
