/*
 * op_pivot.c - pivot, root-readonly
 *
 * Afterwards the host's tree is gone from this mount namespace: no path, and
 * no descriptor that outlives close_descriptors(), leads there.
 */
#include "sys.h"
#include "root.h"

int
pivot (struct child *c, struct op *op, struct failure *why)
{
  (void) op;
  if (fchdir (c->root) != 0)
    return fail (why, "enter the new root");
  /* The old root comes to lie on top of the new one; from within it, it can be detached. */
  if (syscall (SYS_pivot_root, ".", ".") != 0)
    return fail (why, "pivot_root");
  if (fchdir (c->host_root) != 0 || umount2 (".", MNT_DETACH) != 0)
    return fail (why, "detach the old root");
  if (chdir ("/") != 0)
    return fail (why, "enter the new root");
  return open_root (c, why);
}

int
make_root_readonly (struct child *c, struct op *op, struct failure *why)
{
  struct mount_attributes attributes = { .set = MOUNT_ATTR_RDONLY };
  (void) op;

  if (sys_mount_setattr (c->root, 0, &attributes) != 0)
    return fail (why, "make the root read-only");
  return 0;
}
