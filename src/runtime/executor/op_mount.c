/*
 * op_mount.c - mount SOURCE TARGET FSTYPE FLAGS DATA
 *
 * Actor: child, root, before pivot: the host's /proc is still there to name a
 * descriptor by. TARGET is opened below the new root, made when missing, and
 * mounted on through the descriptor, not the path: the path could change.
 */
#include "sys.h"
#include "number.h"
#include "root.h"

int
mount_filesystem (struct child *c, struct op *op, struct failure *why)
{
  const char *source = op->args[0], *target = op->args[1], *type = op->args[2], *data = op->args[4];
  cleanup_close int fd = -1;
  char place[64];
  uint64_t flags;

  if (!parse_decimal (op->args[3], UINT32_MAX, &flags))
    return refuse (why, EINVAL, "mount flags %s", op->args[3]);
  if ((fd = open_mount_folder (c, target, why)) < 0)
    return -1;
  snprintf (place, sizeof place, "/proc/self/fd/%d", fd);
  if (mount (source, place, *type == 0 ? NULL : type, (unsigned long) flags, *data == 0 ? NULL : data) != 0)
    return fail (why, "mount %s on %s", type, target);
  return 0;
}
