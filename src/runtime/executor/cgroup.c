/*
 * cgroup.c - ops `cgroup-*`, and what is done with a container's cgroups later.
 *
 * v1: the child itself writes "0" to `tasks`. Writing cgroup.procs takes a
 * global lock and costs 7-11 ms a controller, so nobody here does that.
 */
#include "sys.h"
#include "child.h"
#include "monitor.h"
#include "process.h"

#include <dirent.h>
#include <limits.h>
#include <time.h>

int
make_cgroup (struct monitor *m, struct op *op, struct failure *why)
{
  for (int tries = 0; tries < 20; tries++)
    {
      if (mkdir (op->args[0], 0755) == 0 || errno == EEXIST)
        {
          op->done = true;
          return 0;
        }
      if (errno != ENOENT)
        break;
      /* A container that has just ended may have removed the parent we share: make it again. */
      for (struct op *made = NULL; (made = find_op (&m->program, OP_CGROUP_MKDIR, made)) != NULL && made != op;)
        mkdir (made->args[0], 0755);
    }
  return fail (why, "make cgroup %s", op->args[0]);
}

int
write_cgroup (struct monitor *m, struct op *op, struct failure *why)
{
  (void) m;
  return write_file (op->args[0], op->args[1], why);
}

int
try_write_cgroup (struct monitor *m, struct op *op, struct failure *why)
{
  struct failure ignored;
  (void) m;
  (void) why;
  write_file (op->args[0], op->args[1], &ignored);
  return 0;
}

int
open_cgroup_tasks (struct monitor *m, struct op *op, struct failure *why)
{
  (void) m;
  op->fd = open (op->args[0], O_WRONLY | O_CLOEXEC);
  return op->fd < 0 ? fail (why, "open %s", op->args[0]) : 0;
}

/* Child, single-threaded: "0" names the writer. */
int
join_cgroup (struct child *c, struct op *op, struct failure *why)
{
  (void) c;
  if (write (op->fd, "0", 1) != 1)
    return fail (why, "join %s", op->args[0]);
  return 0;
}

int
open_cgroup_dir (struct monitor *m, struct op *op, struct failure *why)
{
  (void) m;
  op->fd = open (op->args[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  return op->fd < 0 ? fail (why, "open cgroup %s", op->args[0]) : 0;
}

/* Whether DIR is one the program joined, so the container's own, whatever lies below it. */
static bool
is_joined (const struct monitor *m, const char *dir)
{
  size_t length = strlen (dir);
  for (const struct op *op = m->program.ops; op < m->program.ops + m->program.count; op++)
    if ((op->kind->id == OP_CGROUP_JOIN_V1 || op->kind->id == OP_CGROUP_INTO_V2) && strncmp (op->args[0], dir, length) == 0
        && (op->args[0][length] == 0 || strcmp (op->args[0] + length, "/tasks") == 0))
      return true;
  return false;
}

/* Removes cgroups a container has made inside of its own one. */
static void
remove_below (int dir, int depth)
{
  struct dirent *entry;
  DIR *list = depth > 8 ? NULL : fdopendir (dup (dir));

  if (list == NULL)
    return;
  rewinddir (list);
  while ((entry = readdir (list)) != NULL)
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
      {
        cleanup_close int child = openat (dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child >= 0)
          remove_below (child, depth + 1);
        unlinkat (dir, entry->d_name, AT_REMOVEDIR);
      }
  closedir (list);
}

static void
remove_own_cgroup (const char *path)
{
  struct timespec pause = { .tv_nsec = 2000000 };
  /* A process that has just died may not have left its cgroup yet; there is no event for that in v1. */
  for (int tries = 0; tries < 250 && rmdir (path) != 0 && errno == EBUSY; tries++)
    {
      cleanup_close int dir = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (dir >= 0)
        remove_below (dir, 0);
      if (tries > 0)
        nanosleep (&pause, NULL);
    }
}

void
remove_cgroups (struct monitor *m)
{
  for (int i = m->program.count - 1; i >= 0; i--)
    {
      struct op *op = &m->program.ops[i];
      if (op->kind->id != OP_CGROUP_MKDIR || !op->done)
        continue;
      if (is_joined (m, op->args[0]))
        remove_own_cgroup (op->args[0]);
      else
        rmdir (op->args[0]);
      op->done = false;
    }
}

int
signal_all (struct monitor *m, int signal)
{
  uint64_t namespaces = m->program.new_namespaces | m->program.joined_namespaces;
  char file[PATH_MAX + 16];

  if ((namespaces & CLONE_NEWPID) != 0)
    return signal_pid_namespace (m->pid, signal);
  for (struct op *op = m->program.ops; op < m->program.ops + m->program.count; op++)
    if (op->kind->id == OP_CGROUP_JOIN_V1)
      return signal_listed (op->args[0], signal);
    else if (op->kind->id == OP_CGROUP_INTO_V2)
      {
        snprintf (file, sizeof file, "%s/cgroup.procs", op->args[0]);
        return signal_listed (file, signal);
      }
  return sys_pidfd_send_signal (m->pidfd, signal) == 0;
}
