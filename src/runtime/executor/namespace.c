/*
 * namespace.c - ops `join`, `join-pid`, `id-map`, `time-offset`.
 *
 * Descriptors are opened by the monitor with the host's view of paths; the
 * child enters through them. A pid namespace is the exception: setns there
 * only moves later children, so the monitor itself calls it before clone3.
 */
#include "sys.h"
#include "child.h"
#include "monitor.h"
#include "number.h"
#include "process.h"

uint64_t
namespace_flag (const char *name, size_t length)
{
  static const struct { const char *name; uint64_t flag; } kinds[] = {
    { "pid", CLONE_NEWPID }, { "mnt", CLONE_NEWNS }, { "uts", CLONE_NEWUTS }, { "ipc", CLONE_NEWIPC },
    { "net", CLONE_NEWNET }, { "cgroup", CLONE_NEWCGROUP }, { "user", CLONE_NEWUSER }, { "time", CLONE_NEWTIME },
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (strlen (kinds[i].name) == length && memcmp (kinds[i].name, name, length) == 0)
      return kinds[i].flag;
  return 0;
}

bool
parse_namespaces (const char *list, uint64_t *flags)
{
  *flags = 0;
  while (*list != 0)
    {
      size_t length = strcspn (list, ",");
      uint64_t flag = namespace_flag (list, length);
      if (flag == 0)
        return false;
      *flags |= flag;
      list += length + (list[length] == ',');
    }
  return true;
}

int
open_namespace (struct monitor *m, struct op *op, struct failure *why)
{
  const char *type = op->args[0], *path = op->args[1];
  uint64_t flag = namespace_flag (type, strlen (type));
  (void) m;

  op->fd = open (path, O_RDONLY | O_CLOEXEC);
  if (op->fd < 0)
    return fail (why, "open namespace %s", path);
  if (flag == CLONE_NEWPID && setns (op->fd, CLONE_NEWPID) != 0)
    return fail (why, "join pid namespace %s", path);
  return 0;
}

int
enter_namespace (struct child *c, struct op *op, struct failure *why)
{
  uint64_t flag = namespace_flag (op->args[0], strlen (op->args[0]));
  (void) c;

  if (flag != CLONE_NEWPID && setns (op->fd, (int) flag) != 0)
    return fail (why, "join %s namespace %s", op->args[0], op->args[1]);
  return 0;
}

int
open_target_process (struct monitor *m, struct op *op, struct failure *why)
{
  uint64_t pid, start, flags;
  (void) m;

  if (!parse_decimal (op->args[0], INT32_MAX, &pid) || pid == 0 || !parse_decimal (op->args[1], UINT64_MAX, &start))
    return refuse (why, EINVAL, "process %s %s", op->args[0], op->args[1]);
  /* Open first, compare then: a pid that is reused later can not pass. */
  op->fd = sys_pidfd_open ((pid_t) pid);
  if (op->fd < 0)
    return fail (why, "open process %s", op->args[0]);
  if (read_start_time ((pid_t) pid) != start)
    return refuse (why, ESRCH, "process %s is not the one started at %s", op->args[0], op->args[1]);
  parse_namespaces (op->args[2], &flags);
  if ((flags & CLONE_NEWPID) != 0 && setns (op->fd, CLONE_NEWPID) != 0)
    return fail (why, "join the pid namespace of process %s", op->args[0]);
  return 0;
}

int
enter_target_process (struct child *c, struct op *op, struct failure *why)
{
  uint64_t flags;

  parse_namespaces (op->args[2], &flags);
  flags &= ~(uint64_t) CLONE_NEWPID;
  if (flags != 0 && setns (op->fd, (int) flags) != 0)
    return fail (why, "join the namespaces of process %s", op->args[0]);
  /* The root has changed with the mount namespace. */
  if ((flags & CLONE_NEWNS) != 0)
    return open_root (c, why);
  return 0;
}

/* id-map uid|gid INNER OUTER COUNT: one line a kind; several ops of a kind are written together by the first. */
int
map_ids (struct monitor *m, struct op *op, struct failure *why)
{
  char path[64], lines[4096];
  int length = 0;

  if (op->done)
    return 0;
  if (strcmp (op->args[0], "uid") != 0 && strcmp (op->args[0], "gid") != 0)
    return refuse (why, EINVAL, "id-map %s", op->args[0]);
  for (struct op *map = op; map != NULL; map = find_op (&m->program, OP_ID_MAP, map))
    {
      uint64_t inner, outer, count;
      if (strcmp (map->args[0], op->args[0]) != 0)
        continue;
      if (!parse_decimal (map->args[1], UINT32_MAX, &inner) || !parse_decimal (map->args[2], UINT32_MAX, &outer)
          || !parse_decimal (map->args[3], UINT32_MAX, &count) || length > (int) sizeof lines - 64)
        return refuse (why, EINVAL, "id-map %s %s %s", map->args[1], map->args[2], map->args[3]);
      length += sprintf (lines + length, "%u %u %u\n", (unsigned) inner, (unsigned) outer, (unsigned) count);
      map->done = true;
    }
  snprintf (path, sizeof path, "/proc/%d/%s_map", m->pid, op->args[0]);
  return write_file (path, lines, why);
}

int
set_time_offset (struct monitor *m, struct op *op, struct failure *why)
{
  int64_t seconds, nanoseconds;
  char line[96];

  if ((strcmp (op->args[0], "monotonic") != 0 && strcmp (op->args[0], "boottime") != 0)
      || !parse_signed (op->args[1], INT32_MIN, INT32_MAX, &seconds)
      || !parse_signed (op->args[2], 0, 999999999, &nanoseconds))
    return refuse (why, EINVAL, "time-offset %s %s %s", op->args[0], op->args[1], op->args[2]);
  if (unshare_time (m, why) != 0)
    return -1;
  snprintf (line, sizeof line, "%s %lld %lld\n", op->args[0], (long long) seconds, (long long) nanoseconds);
  return write_file ("/proc/self/timens_offsets", line, why);
}

/* The offsets can be written only while the namespace is empty: unshare puts our next child there, not us. */
int
unshare_time (struct monitor *m, struct failure *why)
{
  if (m->has_time_namespace)
    return 0;
  if (unshare (CLONE_NEWTIME) != 0)
    return fail (why, "new time namespace");
  m->has_time_namespace = true;
  return 0;
}
