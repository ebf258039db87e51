/*
 * op_rlimit.c - rlimit NAME SOFT HARD
 *
 * Applied by the process that becomes the program, before it gives up root.
 * NAME? means: as near as the kernel lets us (an engine without
 * CAP_SYS_RESOURCE can not raise a hard limit).
 */
#include "sys.h"
#include "child.h"
#include "number.h"

#include <sys/resource.h>

static int
find_limit (const char *name, size_t length)
{
  static const struct { const char *name; int resource; } limits[] = {
    { "as", RLIMIT_AS }, { "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA },
    { "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS }, { "memlock", RLIMIT_MEMLOCK },
    { "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE }, { "nofile", RLIMIT_NOFILE },
    { "nproc", RLIMIT_NPROC }, { "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO },
    { "rttime", RLIMIT_RTTIME }, { "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK },
  };
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
    if (strlen (limits[i].name) == length && memcmp (limits[i].name, name, length) == 0)
      return limits[i].resource;
  return -1;
}

static bool
parse_limit (const char *text, rlim_t *limit)
{
  uint64_t value = 0;
  bool unlimited = strcmp (text, "unlimited") == 0;
  if (!unlimited && !parse_decimal (text, INT64_MAX, &value))
    return false;
  *limit = unlimited ? RLIM_INFINITY : (rlim_t) value;
  return true;
}

int
set_limit (struct op *op, struct failure *why)
{
  size_t length = strlen (op->args[0]);
  bool lenient = length > 0 && op->args[0][length - 1] == '?';
  int resource = find_limit (op->args[0], length - lenient);
  struct rlimit wanted, current;

  if (resource < 0 || !parse_limit (op->args[1], &wanted.rlim_cur) || !parse_limit (op->args[2], &wanted.rlim_max))
    return refuse (why, EINVAL, "rlimit %s %s %s", op->args[0], op->args[1], op->args[2]);
  if (setrlimit (resource, &wanted) == 0)
    return 0;
  if (!lenient || errno != EPERM || getrlimit (resource, &current) != 0)
    return fail (why, "rlimit %s %s %s", op->args[0], op->args[1], op->args[2]);
  if (wanted.rlim_max > current.rlim_max)
    wanted.rlim_max = current.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max)
    wanted.rlim_cur = wanted.rlim_max;
  if (setrlimit (resource, &wanted) != 0)
    return fail (why, "rlimit %s", op->args[0]);
  return 0;
}
