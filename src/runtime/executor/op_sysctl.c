/*
 * op_sysctl.c - sysctl KEY VALUE, oom-score N
 *
 * Written through a procfs that is attached nowhere: the container's /proc is
 * already read-only there, and could be anything if it came from an image.
 */
#include "sys.h"
#include "number.h"
#include "root.h"

#include <limits.h>

/* As sysctl(8): when the first separator is a dot, dots and slashes change places. */
static int
path_of_key (const char *key, char *path, size_t size)
{
  size_t first = strcspn (key, "./");
  bool dotted = key[first] == '.';
  int length = snprintf (path, size, "sys/%s", key);

  if (length < 0 || (size_t) length >= size)
    return -1;
  for (char *at = path + 4; dotted && *at != 0; at++)
    *at = *at == '.' ? '/' : *at == '/' ? '.' : *at;
  return 0;
}

static int
write_own_proc (struct child *c, const char *path, const char *value)
{
  cleanup_close int fd = sys_openat2 (c->proc, path, O_WRONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  if (fd < 0)
    return -1;
  return write (fd, value, strlen (value)) < 0 ? -1 : 0;
}

int
write_sysctl (struct child *c, struct op *op, struct failure *why)
{
  char path[PATH_MAX];

  /* conf.eth0 is there only when the interface is. */
  if (strncmp (op->args[0], "net", 3) == 0 && await_network (c, why) != 0)
    return -1;
  if (open_own_proc (c, why) != 0)
    return -1;
  if (path_of_key (op->args[0], path, sizeof path) != 0)
    return refuse (why, ENAMETOOLONG, "sysctl %.64s", op->args[0]);
  if (write_own_proc (c, path, op->args[1]) != 0)
    return fail (why, "sysctl %s = %s", op->args[0], op->args[1]);
  return 0;
}

/* The child's own, before it forks: init and program have the same. */
int
set_oom_score (struct child *c, struct op *op, struct failure *why)
{
  char value[16];
  size_t length = strlen (op->args[0]);
  bool lenient = length > 0 && op->args[0][length - 1] == '?';
  int64_t score;

  snprintf (value, sizeof value, "%.*s", (int) (length - lenient), op->args[0]);
  if (!parse_signed (value, -1000, 1000, &score))
    return refuse (why, EINVAL, "oom-score %s", op->args[0]);
  if (open_own_proc (c, why) != 0)
    return -1;
  if (write_own_proc (c, "self/oom_score_adj", value) != 0 && !(lenient && (errno == EACCES || errno == EPERM)))
    return fail (why, "oom-score %s", value);
  return 0;
}
