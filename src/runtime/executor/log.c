/*
 * log.c - turns output into CRI records.
 *
 * A line is kept until its newline comes, at most 16 KiB of it and at most
 * 100 ms: longer ones become parts (P) that the reader joins. One clock
 * reading a chunk: all lines of one read have arrived together.
 */
#include "sys.h"
#include "log.h"

#include <time.h>

#define PREFIX 40
#define PART_AFTER_NS UINT64_C (100000000)

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

static uint64_t
monotonic_ns (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Puts what is kept of a line, and DATA behind it, into a record. */
static void
gather_line (struct log *log, int stream, char flag, const char *data, size_t length)
{
  struct unfinished *line = &log->rest[stream];

  gather (log, stream, flag, line->text, line->length, data, length);
  line->length = 0;
  line->begun = flag == 'P';
}

void
log_output (struct log *log, int stream, const char *data, size_t length)
{
  const char *end = data + length, *newline;
  struct unfinished *line = &log->rest[stream];

  write_stamp (log);
  while (data < end)
    {
      size_t room = LOG_LINE_MAX - line->length, left = end - data;

      newline = memchr (data, '\n', smaller (left, room + 1));
      if (newline != NULL)
        {
          gather_line (log, stream, 'F', data, newline - data);
          data = newline + 1;
        }
      else if (left > room)
        {
          gather_line (log, stream, 'P', data, room);
          data += room;
        }
      else
        {
          if (line->length == 0)
            line->since_ns = monotonic_ns ();
          memcpy (line->text + line->length, data, left);
          line->length += left;
          data = end;
        }
    }
  flush_log (log);
}

int
log_waiting (struct log *log)
{
  int next = -1;

  for (int stream = 0; stream < 2; stream++)
    {
      struct unfinished *line = &log->rest[stream];
      uint64_t waited;
      int left;

      if (line->length == 0)
        continue;
      waited = monotonic_ns () - line->since_ns;
      if (waited >= PART_AFTER_NS)
        {
          write_stamp (log);
          gather_line (log, stream, 'P', "", 0);
          continue;
        }
      left = (int) ((PART_AFTER_NS - waited) / 1000000) + 1;
      if (next < 0 || left < next)
        next = left;
    }
  flush_log (log);
  return next;
}

void
log_rest (struct log *log)
{
  write_stamp (log);
  for (int stream = 0; stream < 2; stream++)
    if (log->rest[stream].length > 0 || log->rest[stream].begun)
      gather_line (log, stream, 'F', "", 0);
  flush_log (log);
}
