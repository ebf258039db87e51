/*
 * view.c - opens the root of a container, and tells what a path in it is.
 *
 * Actor: root on the host, a process of its own for one copy. A running
 * container's root is its process's; the pidfd is held before the start time
 * is compared, so a number that is reused can not pass. For a stopped one the
 * mounts are made in a mount namespace that ends with this process.
 */
#include "sys.h"
#include "child.h"
#include "monitor.h"
#include "number.h"
#include "path.h"
#include "process.h"
#include "view.h"

#include <inttypes.h>
#include <limits.h>

#define PROGRAM_FD 3
#define PROGRAM_MAX (16 * 1024 * 1024)

static struct { const char *pid, *root; bool program; } wanted;

/* The process whose root it is, or -1. */
static int process = -1;

bool
take_view_flag (const char *flag)
{
  if (strncmp (flag, "--pid=", 6) == 0)
    return wanted.pid = flag + 6, true;
  if (strncmp (flag, "--root=", 7) == 0)
    return wanted.root = flag + 7, true;
  if (strcmp (flag, "--view") == 0)
    return wanted.program = true;
  return false;
}

bool
has_view (void)
{
  return wanted.pid != NULL || wanted.root != NULL || wanted.program;
}

static int
open_process_root (struct failure *why)
{
  char number[16], path[64];
  uint64_t pid, start;
  size_t length = strcspn (wanted.pid, ":");
  int root;

  snprintf (number, sizeof number, "%.*s", (int) length, wanted.pid);
  if (wanted.pid[length] != ':' || !parse_decimal (number, INT32_MAX, &pid)
      || !parse_decimal (wanted.pid + length + 1, UINT64_MAX, &start))
    return refuse (why, EINVAL, "process %s", wanted.pid);
  if ((process = sys_pidfd_open ((pid_t) pid)) < 0)
    return fail (why, "open process %s", number);
  snprintf (path, sizeof path, "/proc/%s/root", number);
  root = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    return fail (why, "open the root of process %s", number);
  if (read_start_time ((pid_t) pid) == start)
    return root;
  close (root);
  return refuse (why, ESRCH, "process %s has ended", number);
}

static ssize_t
read_program (char *buffer, size_t size)
{
  size_t length = 0;
  ssize_t got;

  while (length < size && (got = read (PROGRAM_FD, buffer + length, size - length)) > 0)
    length += (size_t) got;
  close (PROGRAM_FD);
  return (ssize_t) length;
}

static int
make_mounts (struct failure *why)
{
  static struct program program;
  static struct child child;
  char *buffer = malloc (PROGRAM_MAX);
  ssize_t length = buffer == NULL ? -1 : read_program (buffer, PROGRAM_MAX);

  child = (struct child){ .program = &program, .sync = -1, .alive = -1, .host_root = -1, .root = -1,
                          .null_device = -1, .empty_dir = -1, .files = -1, .proc = -1, .tty = -1 };
  if (length < 0)
    return fail (why, "read the mounts");
  if (parse_program (buffer, (size_t) length, &program, why) != 0)
    return -1;
  for (int i = 0; i < program.count; i++)
    if (program.ops[i].kind->id == OP_BIND && open_bind_source (NULL, &program.ops[i], why) != 0)
      return -1;
  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return fail (why, "new mount namespace");
  for (int i = 0; i < program.count; i++)
    if (program.ops[i].kind->needs_mounts && program.ops[i].kind->inside (&child, &program.ops[i], why) != 0)
      return -1;
  return child.root;
}

int
open_view (struct failure *why)
{
  int root;

  if (wanted.pid != NULL)
    return open_process_root (why);
  if (wanted.program)
    return make_mounts (why);
  root = open (wanted.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root < 0 ? fail (why, "open %s", wanted.root) : root;
}

int
enter_view (struct failure *why)
{
  if (process >= 0 && setns (process, CLONE_NEWNS) != 0)
    return fail (why, "enter the mount namespace of process %s", wanted.pid);
  return 0;
}

static const char *
kind_of (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFDIR: return "folder";
    case S_IFREG: return "file";
    case S_IFLNK: return "link";
    default: return "other";
    }
}

/* KIND MODE SIZE MTIME, and behind a NUL what a link leads to. */
static int
print_stat (int fd, const struct stat *st)
{
  char target[PATH_MAX] = "";
  ssize_t length = S_ISLNK (st->st_mode) ? readlinkat (fd, "", target, sizeof target - 1) : 0;

  target[length < 0 ? 0 : length] = 0;
  return printf ("%s %o %" PRId64 " %" PRId64 "%c%s", kind_of (st->st_mode), st->st_mode & 07777, (int64_t) st->st_size,
                 (int64_t) st->st_mtime, 0, target)
             < 0;
}

int
run_stat (const char *path, char **flags)
{
  struct failure why = { 0 };
  struct stat st;
  int root, follow = O_NOFOLLOW;
  cleanup_close int fd = -1;

  for (; *flags != NULL; flags++)
    if (strcmp (*flags, "--follow") == 0)
      follow = 0;
    else if (!take_view_flag (*flags))
      return fprintf (stderr, "stat: unknown flag\n"), 64;
  if (!has_view () || (root = open_view (&why)) < 0)
    return fprintf (stderr, "stat: %s: %s\n", why.message, strerror (why.err)), 1;
  fd = open_in_root (root, path, O_PATH | follow);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
    return printf ("none 0 0 0%c", 0) < 0;
  if (fd < 0 || fstat (fd, &st) != 0)
    return fprintf (stderr, "stat: %s\n", strerror (errno)), 1;
  return print_stat (fd, &st);
}
