/*
 * log.c - turns output into CRI records.
 *
 * A line is kept until its newline comes, at most 16 KiB of it; longer ones
 * become parts (P) that the reader joins. One clock reading a chunk: all
 * lines of one read have arrived together.
 */
#include "sys.h"
#include "log.h"

#include <time.h>

#define PREFIX 40

static void
write_stamp (struct log *log)
{
  struct timespec now;
  struct tm utc;
  long nanoseconds;

  clock_gettime (CLOCK_REALTIME, &now);
  if (now.tv_sec != log->stamp_second || log->stamp[0] == 0)
    {
      log->stamp_second = now.tv_sec;
      gmtime_r (&now.tv_sec, &utc);
      strftime (log->stamp, sizeof log->stamp, "%Y-%m-%dT%H:%M:%S.", &utc);
      log->stamp[29] = 'Z';
    }
  nanoseconds = now.tv_nsec;
  for (int at = 28; at >= 20; at--, nanoseconds /= 10)
    log->stamp[at] = (char) ('0' + nanoseconds % 10);
}

/* Gathers one record of two pieces (the rest of the last read, and what came now). */
static void
gather (struct log *log, int stream, char flag, const char *a, size_t a_length, const char *b, size_t b_length)
{
  size_t total = PREFIX + a_length + b_length + 1;
  char *at;

  if (log->gathered + total > sizeof log->gather)
    flush_log (log);
  /* Rotate between records only, and never leave an empty file behind. */
  if (log->max_bytes > 0 && log->size + log->gathered > 0 && log->size + log->gathered + total > log->max_bytes)
    {
      flush_log (log);
      if (log->backlog_length == 0)
        rotate_log (log);
    }
  at = log->gather + log->gathered;
  memcpy (at, log->stamp, 30);
  memcpy (at + 30, stream == 0 ? " stdout " : " stderr ", 8);
  at[38] = flag;
  at[39] = ' ';
  memcpy (at + PREFIX, a, a_length);
  memcpy (at + PREFIX + a_length, b, b_length);
  at[total - 1] = '\n';
  log->gathered += total;
}

static size_t
smaller (size_t a, size_t b)
{
  return a < b ? a : b;
}

void
log_output (struct log *log, int stream, const char *data, size_t length)
{
  const char *end = data + length, *newline;
  char *rest = log->rest[stream].text;
  size_t *kept = &log->rest[stream].length;

  write_stamp (log);
  while (data < end)
    {
      size_t room = LOG_LINE_MAX - *kept, left = end - data;

      newline = memchr (data, '\n', smaller (left, room + 1));
      if (newline != NULL)
        {
          gather (log, stream, 'F', rest, *kept, data, newline - data);
          data = newline + 1;
          *kept = 0;
        }
      else if (left > room)
        {
          gather (log, stream, 'P', rest, *kept, data, room);
          data += room;
          *kept = 0;
        }
      else
        {
          memcpy (rest + *kept, data, left);
          *kept += left;
          data = end;
        }
    }
  flush_log (log);
}

void
log_rest (struct log *log)
{
  write_stamp (log);
  for (int stream = 0; stream < 2; stream++)
    if (log->rest[stream].length > 0)
      {
        gather (log, stream, 'F', log->rest[stream].text, log->rest[stream].length, "", 0);
        log->rest[stream].length = 0;
      }
  flush_log (log);
}
