/*
 * logfile.c - gathered records to the disk, or to memory while it is full.
 *
 * What the op `log` allows waits in memory and is tried again; only past that
 * are whole records dropped, and a line says how many once the disk takes
 * data again. Nothing here ever waits: the program writes on.
 */
#include "sys.h"
#include "log.h"

#include <time.h>

/* Writes all it can. Returns how much the disk took. */
static size_t
write_some (struct log *log, const char *data, size_t length)
{
  size_t done = 0;
  while (done < length)
    {
      ssize_t wrote = write (log->fd, data + done, length - done);
      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote <= 0)
        break;
      done += wrote;
    }
  log->size += done;
  return done;
}

/* Somebody may have removed or cut the file under us: go on in a new one, with the true size. */
static void
check_file (struct log *log)
{
  struct stat st;
  if (fstat (log->fd, &st) != 0)
    return;
  log->size = st.st_size;
  if (st.st_nlink == 0)
    open_log_file (log);
}

/* Counts what is lost: lines, and the bytes they take in the log. */
static void
drop (struct log *log, const char *data, size_t length)
{
  for (size_t i = 0; i < length; i++)
    log->lost += data[i] == '\n';
  log->lost_bytes += length;
}

static void
keep (struct log *log, const char *data, size_t length)
{
  if (log->backlog_length + length > log->backlog_size)
    {
      size_t size = log->backlog_size == 0 ? LOG_GATHER : log->backlog_size * 2;
      char *grown;
      while (size < log->backlog_length + length)
        size *= 2;
      if (size > log->backlog_max)
        size = log->backlog_max;
      grown = log->backlog_length + length > size ? NULL : realloc (log->backlog, size);
      if (grown == NULL)
        {
          drop (log, data, length);
          return;
        }
      log->backlog = grown;
      log->backlog_size = size;
    }
  memcpy (log->backlog + log->backlog_length, data, length);
  log->backlog_length += length;
}

static void
tell_lost (struct log *log)
{
  char line[160];
  int length = snprintf (line, sizeof line, "%.30s stderr F [berth: %llu log lines lost (%llu bytes): the disk was full]\n",
                         log->stamp, (unsigned long long) log->lost, (unsigned long long) log->lost_bytes);
  size_t done = write_some (log, line, length);

  log->lost = log->lost_bytes = 0;
  if (done < (size_t) length)
    keep (log, line + done, length - done);
}

bool
retry_log (struct log *log)
{
  size_t done;

  if (log->backlog_length == 0)
    return true;
  done = write_some (log, log->backlog, log->backlog_length);
  log->backlog_length -= done;
  memmove (log->backlog, log->backlog + done, log->backlog_length);
  if (log->backlog_length > 0)
    return false;
  free (log->backlog);
  log->backlog = NULL;
  log->backlog_size = 0;
  if (log->lost > 0)
    tell_lost (log);
  return true;
}

void
flush_log (struct log *log)
{
  size_t done = 0;

  if (log->gathered == 0)
    return;
  check_file (log);
  if (retry_log (log))
    done = write_some (log, log->gather, log->gathered);
  if (done < log->gathered)
    keep (log, log->gather + done, log->gathered - done);
  log->gathered = 0;
}
