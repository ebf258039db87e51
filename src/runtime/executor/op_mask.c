/*
 * op_mask.c - mask PATH, readonly-path PATH
 *
 * A file is covered with /dev/null, which must be the one this program made
 * (1:3), not a file of the image (CVE-2025-31133); a folder with an empty
 * read-only tmpfs, one for all. A path that is missing needs no cover.
 */
#include "sys.h"
#include "path.h"
#include "root.h"

#include <sys/sysmacros.h>

static bool
is_missing (void)
{
  return errno == ENOENT || errno == ENOTDIR;
}

static int
open_null_device (struct child *c, struct failure *why)
{
  struct stat st;

  if (c->null_device >= 0)
    return 0;
  c->null_device = open_in_root (c->root, "/dev/null", O_PATH | O_NOFOLLOW);
  if (c->null_device < 0 || fstat (c->null_device, &st) != 0)
    return fail (why, "open /dev/null");
  if (!S_ISCHR (st.st_mode) || st.st_rdev != makedev (1, 3))
    return refuse (why, EPERM, "/dev/null is not the null device");
  return 0;
}

static int
cover_file (struct child *c, int place, struct failure *why)
{
  cleanup_close int null = -1;

  if (open_null_device (c, why) != 0)
    return -1;
  if ((null = copy_tree (c->null_device, false)) < 0 || attach_mount (null, place) != 0)
    return fail (why, "cover a file");
  return 0;
}

static int
make_empty_dir (struct failure *why)
{
  cleanup_close int context = sys_fsopen ("tmpfs");
  int mount;

  if (context < 0 || sys_fsconfig (context, FSCONFIG_SET_STRING, "size", "0") != 0
      || sys_fsconfig (context, FSCONFIG_SET_STRING, "nr_inodes", "1") != 0
      || sys_fsconfig (context, FSCONFIG_SET_STRING, "mode", "0555") != 0
      || sys_fsconfig (context, FSCONFIG_CMD_CREATE, NULL, NULL) != 0)
    return fail (why, "make an empty folder");
  mount = sys_fsmount (context, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  return mount < 0 ? fail (why, "make an empty folder") : mount;
}

/* The first is made and attached; the kernel copies only what is attached. */
static int
cover_folder (struct child *c, int place, struct failure *why)
{
  bool first = c->empty_dir < 0;
  cleanup_close int copy = -1;

  if (first && (c->empty_dir = make_empty_dir (why)) < 0)
    return -1;
  if (!first && (copy = copy_tree (c->empty_dir, false)) < 0)
    return fail (why, "copy an empty folder");
  if (attach_mount (first ? c->empty_dir : copy, place) != 0)
    return fail (why, "cover a folder");
  return 0;
}

int
mask_path (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int place = open_in_root (c->root, op->args[0], O_PATH);
  struct stat st;

  if (place < 0 && is_missing ())
    return 0;
  if (place < 0 || fstat (place, &st) != 0)
    return fail (why, "hide %s", op->args[0]);
  return S_ISDIR (st.st_mode) ? cover_folder (c, place, why) : cover_file (c, place, why);
}

int
make_path_readonly (struct child *c, struct op *op, struct failure *why)
{
  struct mount_attributes attributes = { .set = MOUNT_ATTR_RDONLY };
  cleanup_close int place = open_in_root (c->root, op->args[0], O_PATH);
  cleanup_close int copy = -1;

  if (place < 0 && is_missing ())
    return 0;
  if (place < 0 || (copy = copy_tree (place, true)) < 0 || sys_mount_setattr (copy, AT_RECURSIVE, &attributes) != 0
      || attach_mount (copy, place) != 0)
    return fail (why, "make %s read-only", op->args[0]);
  return 0;
}
