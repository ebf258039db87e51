/*
 * log.h - the container's log: CRI lines in a file that rotates.
 *
 * "2016-10-06T00:17:09.669794202Z stdout F text\n"; a prefix is always 40
 * bytes. Records are gathered and written in whole lines.
 */
#ifndef BERTH_LOG_H
#define BERTH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX 16384
#define LOG_GATHER 65536

/* A line whose newline has not come. */
struct unfinished
{
  char text[LOG_LINE_MAX];
  size_t length;
  uint64_t since_ns; /* when the first byte of TEXT came */
  bool begun;        /* a part of this line is in the log */
};

struct log
{
  const char *path; /* NULL: no log */
  int fd;
  uint64_t size, max_bytes;
  unsigned max_files;
  struct unfinished rest[2]; /* of stdout, stderr */
  char gather[LOG_GATHER];
  size_t gathered;
  char *backlog; /* what the disk did not take */
  size_t backlog_length, backlog_size, backlog_max;
  uint64_t lost, lost_bytes; /* records dropped since the backlog is full, and their text */
  int64_t stamp_second;
  char stamp[31];
};

/* STREAM is 0 for stdout, 1 for stderr. Writes what is complete. */
void log_output (struct log *log, int stream, const char *data, size_t length);

/* Writes unfinished lines that have waited long enough (a prompt) as parts. Returns how many milliseconds the next has
   still to wait, -1 when there is none. */
int log_waiting (struct log *log);

/* The last line of both streams, though it has no newline; at exit. */
void log_rest (struct log *log);

/* Tries the backlog again. Returns true when nothing is left of it. */
bool retry_log (struct log *log);

/* rotate.c */
int open_log_file (struct log *log);
void rotate_log (struct log *log);

/* logfile.c: hands gathered whole records to the disk, or to the backlog. */
void flush_log (struct log *log);

#endif
