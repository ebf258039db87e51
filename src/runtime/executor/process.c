/*
 * process.c - /proc of the host, read by the monitor as root.
 *
 * A bare pid is never signalled: a pidfd is opened first and what it names is
 * checked again before the signal, because a pid can be reused in between.
 */
#include "sys.h"
#include "process.h"

#include <dirent.h>
#include <sys/prctl.h>

static ssize_t
read_text (const char *path, char *text, size_t size)
{
  cleanup_close int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read (fd, text, size - 1);
  text[got < 0 ? 0 : got] = 0;
  return got;
}

uint64_t
read_start_time (pid_t pid)
{
  char path[64], text[1024], *at;

  snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
  if (read_text (path, text, sizeof text) <= 0 || (at = strrchr (text, ')')) == NULL)
    return 0;
  /* comm may hold blanks and brackets: count fields from its last bracket, which ends field 2. */
  for (int field = 2; field < 22; field++)
    if ((at = strchr (at + 1, ' ')) == NULL)
      return 0;
  return strtoull (at + 1, NULL, 10);
}

static bool
stat_pid_namespace (pid_t pid, struct stat *st)
{
  char path[64];
  snprintf (path, sizeof path, "/proc/%d/ns/pid", (int) pid);
  return stat (path, st) == 0;
}

int
signal_pid_namespace (pid_t pid, int signal)
{
  struct stat wanted, found;
  struct dirent *entry;
  int reached = 0;
  DIR *proc;

  if (!stat_pid_namespace (pid, &wanted) || (proc = opendir ("/proc")) == NULL)
    return 0;
  while ((entry = readdir (proc)) != NULL)
    {
      pid_t candidate = (pid_t) strtol (entry->d_name, NULL, 10);
      cleanup_close int pidfd = candidate > 0 ? sys_pidfd_open (candidate) : -1;
      if (pidfd >= 0 && stat_pid_namespace (candidate, &found) && found.st_ino == wanted.st_ino
          && found.st_dev == wanted.st_dev)
        reached += sys_pidfd_send_signal (pidfd, signal) == 0;
    }
  closedir (proc);
  return reached;
}

int
signal_listed (const char *file, int signal)
{
  cleanup_close int fd = open (file, O_RDONLY | O_CLOEXEC);
  FILE *list = fd < 0 ? NULL : fdopen (dup (fd), "r");
  int pid, reached = 0;

  if (list == NULL)
    return 0;
  while (fscanf (list, "%d", &pid) == 1)
    {
      cleanup_close int pidfd = pid > 0 && pid != getpid () ? sys_pidfd_open (pid) : -1;
      if (pidfd >= 0)
        reached += sys_pidfd_send_signal (pidfd, signal) == 0;
    }
  fclose (list);
  return reached;
}

int
write_file (const char *path, const char *text, struct failure *why)
{
  cleanup_close int fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return fail (why, "open %s", path);
  if (write (fd, text, strlen (text)) < 0)
    return fail (why, "write %s to %s", text, path);
  return 0;
}

static char *arguments;
static size_t arguments_size;

void
remember_arguments (int argc, char **argv)
{
  arguments = argv[0];
  arguments_size = argv[argc - 1] + strlen (argv[argc - 1]) + 1 - argv[0];
}

void
set_title (const char *title)
{
  if (arguments_size > 0)
    {
      memset (arguments, 0, arguments_size);
      memcpy (arguments, title, strnlen (title, arguments_size - 1));
    }
  prctl (PR_SET_NAME, title, 0, 0, 0);
}
