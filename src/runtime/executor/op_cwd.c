/*
 * op_cwd.c - cwd DIR
 *
 * Made while still root (the user may not be allowed to), entered by the user
 * after all descriptors are closed. getcwd is asked at the end: a path that is
 * not below our root begins with "(unreachable)" (CVE-2024-21626).
 */
#include "sys.h"
#include "child.h"
#include "path.h"

#include <limits.h>

int
make_working_dir (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int dir = -1;

  if (op->args[0][0] != '/')
    return refuse (why, EINVAL, "working directory %s is not absolute", op->args[0]);
  dir = make_dir_in_root (c->root, op->args[0], 0755, c->user.uid, c->user.gid);
  if (dir < 0)
    return fail (why, "working directory %s", op->args[0]);
  return 0;
}

int
enter_working_dir (struct child *c, struct op *op, struct failure *why)
{
  char path[PATH_MAX + 32];
  (void) c;

  if (chdir (op->args[0]) != 0)
    return fail (why, "working directory %s", op->args[0]);
  /* The system call itself: C libraries hide the "(unreachable)". */
  if (syscall (SYS_getcwd, path, sizeof path) < 0)
    return fail (why, "working directory %s", op->args[0]);
  if (path[0] != '/')
    return refuse (why, EPERM, "working directory %s is outside of the container", op->args[0]);
  return 0;
}
