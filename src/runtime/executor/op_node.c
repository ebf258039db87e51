/*
 * op_node.c - mknod PATH TYPE MAJOR MINOR MODE, symlink TARGET PATH, mkdir PATH MODE UID GID
 *
 * Made by name in a parent that is held by descriptor, so that no link of the
 * image is followed.
 */
#include "sys.h"
#include "number.h"
#include "path.h"
#include "root.h"

#include <limits.h>
#include <sys/sysmacros.h>

static bool
is_same_device (int parent, const char *name, mode_t type, dev_t device)
{
  struct stat st;
  return fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == type && st.st_rdev == device;
}

int
make_node (struct child *c, struct op *op, struct failure *why)
{
  const char *path = op->args[0];
  uint64_t major, minor, mode;
  char name[NAME_MAX + 1];
  mode_t type = op->args[1][0] == 'b' ? S_IFBLK : S_IFCHR;
  cleanup_close int parent = -1;

  if (!parse_decimal (op->args[2], 4095, &major) || !parse_decimal (op->args[3], 1048575, &minor)
      || !parse_octal (op->args[4], 07777, &mode))
    return refuse (why, EINVAL, "device %s %s:%s", path, op->args[2], op->args[3]);
  if ((parent = open_parent_in_root (c->root, path, name)) < 0)
    return fail (why, "open the folder of %s", path);
  if (mknodat (parent, name, type | (mode_t) mode, makedev (major, minor)) == 0)
    return 0;
  if (errno == EEXIST && is_same_device (parent, name, type, makedev (major, minor)))
    return 0;
  return fail (why, "make the device %s", path);
}

int
make_symlink (struct child *c, struct op *op, struct failure *why)
{
  char name[NAME_MAX + 1];
  cleanup_close int parent = open_parent_in_root (c->root, op->args[1], name);

  if (parent < 0)
    return fail (why, "open the folder of %s", op->args[1]);
  if (symlinkat (op->args[0], parent, name) != 0 && errno != EEXIST)
    return fail (why, "link %s", op->args[1]);
  return 0;
}

int
make_directory (struct child *c, struct op *op, struct failure *why)
{
  uint64_t mode, uid, gid;
  cleanup_close int dir = -1;

  if (!parse_octal (op->args[1], 07777, &mode) || !parse_decimal (op->args[2], INT32_MAX, &uid)
      || !parse_decimal (op->args[3], INT32_MAX, &gid))
    return refuse (why, EINVAL, "folder %s %s", op->args[0], op->args[1]);
  dir = make_dir_in_root (c->root, op->args[0], (mode_t) mode, (uid_t) uid, (gid_t) gid);
  return dir < 0 ? fail (why, "make the folder %s", op->args[0]) : 0;
}
