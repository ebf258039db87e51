/*
 * root.c - places below the new root to mount on.
 *
 * Nothing may be mounted on procfs except by ourselves: a file there takes
 * writes that are meant for the kernel (CVE-2019-16884).
 */
#include "sys.h"
#include "path.h"
#include "root.h"

#include <sys/vfs.h>

#define PROC_MAGIC 0x9fa0

static int
check_place (int fd, const char *path, struct failure *why)
{
  struct statfs fs;

  if (fd < 0)
    return fail (why, "make the mount target %s", path);
  if (fstatfs (fd, &fs) == 0 && fs.f_type == PROC_MAGIC)
    {
      close (fd);
      return refuse (why, EPERM, "mount target %s lies on procfs", path);
    }
  return fd;
}

/* The kernel's own file systems go to real folders only: a link of the image could put them elsewhere. */
static int
check_real_folder (const struct child *c, const char *path, struct failure *why)
{
  struct stat st;

  if (strcmp (path, "/proc") != 0 && strcmp (path, "/sys") != 0 && strcmp (path, "/dev") != 0)
    return 0;
  if (fstatat (c->root, path + 1, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
    return 0;
  if (!S_ISDIR (st.st_mode))
    return refuse (why, ENOTDIR, "%s of the image is not a folder", path);
  return 0;
}

int
open_mount_folder (struct child *c, const char *path, struct failure *why)
{
  if (check_real_folder (c, path, why) != 0)
    return -1;
  return check_place (make_dir_in_root (c->root, path, 0755, 0, 0), path, why);
}

int
open_mount_file (struct child *c, const char *path, struct failure *why)
{
  return check_place (make_file_in_root (c->root, path), path, why);
}

int
copy_tree (int fd, bool recursive)
{
  return sys_open_tree (fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0));
}

int
attach_mount (int mount, int target)
{
  return sys_move_mount (mount, target, "", MOVE_MOUNT_T_EMPTY_PATH);
}

int
open_own_proc (struct child *c, struct failure *why)
{
  cleanup_close int context = -1;

  if (c->proc >= 0)
    return 0;
  context = sys_fsopen ("proc");
  if (context < 0 || sys_fsconfig (context, FSCONFIG_CMD_CREATE, NULL, NULL) != 0
      || (c->proc = sys_fsmount (context, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)) < 0)
    return fail (why, "open procfs");
  return 0;
}
