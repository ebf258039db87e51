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

static int
make_folder_of (const char *path)
{
  char folder[PATH_MAX];
  char *slash;

  if (snprintf (folder, sizeof folder, "%s", path) >= (int) sizeof folder || (slash = strrchr (folder, '/')) == NULL)
    return -1;
  *slash = 0;
  return mkdir (folder, 0700);
}

/* A power cut or a kill may have left half a record: the next one must not become part of it. */
static void
end_half_line (struct log *log)
{
  char last = '\n';

  if (log->size > 0 && pread (log->fd, &last, 1, (off_t) log->size - 1) == 1 && last != '\n' && write (log->fd, "\n", 1) == 1)
    log->size++;
}

int
open_log_file (struct log *log)
{
  struct stat st;
  int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  int fd = open (log->path, flags, 0640);

  /* Somebody has removed the folder under us. */
  if (fd < 0 && errno == ENOENT && log->fd >= 0 && make_folder_of (log->path) == 0)
    fd = open (log->path, flags, 0640);
  if (fd < 0)
    return -1;
  close_fd (&log->fd);
  log->fd = fd;
  log->size = fstat (fd, &st) == 0 ? (uint64_t) st.st_size : 0;
  end_half_line (log);
  return 0;
}

int
open_log (struct monitor *m, struct op *op, struct failure *why)
{
  uint64_t files, backlog;

  if (!parse_decimal (op->args[1], INT64_MAX, &m->log.max_bytes) || !parse_decimal (op->args[2], 1000, &files) || files < 1
      || !parse_decimal (op->args[3], INT64_MAX, &backlog))
    return refuse (why, EINVAL, "log %s %s %s", op->args[1], op->args[2], op->args[3]);
  /* What one write was cut in must always fit, or half a record would stay in the file. */
  m->log.backlog_max = backlog < LOG_GATHER ? LOG_GATHER : (size_t) backlog;
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
