/*
 * rotate.c - op `log`, and PATH -> PATH.1 -> PATH.2 ...
 *
 * Renames from the oldest on, so that a kill between two of them loses
 * nothing; the file that is written to keeps its inode until it is complete,
 * which is what a following reader relies on.
 */
#include "sys.h"
#include "log.h"
#include "monitor.h"
#include "number.h"

#include <limits.h>

int
open_log_file (struct log *log)
{
  struct stat st;
  int fd = open (log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);

  if (fd < 0)
    return -1;
  close_fd (&log->fd);
  log->fd = fd;
  log->size = fstat (fd, &st) == 0 ? (uint64_t) st.st_size : 0;
  return 0;
}

int
open_log (struct monitor *m, struct op *op, struct failure *why)
{
  uint64_t files;

  if (!parse_decimal (op->args[1], INT64_MAX, &m->log.max_bytes) || !parse_decimal (op->args[2], 1000, &files) || files < 1)
    return refuse (why, EINVAL, "log %s %s", op->args[1], op->args[2]);
  m->log.max_files = (unsigned) files;
  m->log.path = op->args[0];
  m->log.fd = -1;
  if (open_log_file (&m->log) != 0)
    return m->log.path = NULL, fail (why, "open log %s", op->args[0]);
  return 0;
}

void
rotate_log (struct log *log)
{
  char from[PATH_MAX + 16], to[PATH_MAX + 16];

  if (log->max_files == 1)
    unlink (log->path);
  for (unsigned i = log->max_files - 1; i >= 1; i--)
    {
      snprintf (to, sizeof to, "%s.%u", log->path, i);
      if (i == 1)
        snprintf (from, sizeof from, "%s", log->path);
      else
        snprintf (from, sizeof from, "%s.%u", log->path, i - 1);
      /* A gap in the row (ENOENT) is fine; on any other error the current file simply grows on. */
      if (rename (from, to) != 0 && errno != ENOENT)
        return;
    }
  open_log_file (log);
}
