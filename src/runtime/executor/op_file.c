/*
 * op_file.c - file SOURCE TARGET UID GID MODE
 *
 * A copy of SOURCE that lives in memory: on a tmpfs that this container alone
 * has and that ends with it. The monitor opens SOURCE with the host's view of
 * paths; the child copies, gives it owner and mode, and binds it read-only.
 */
#include "sys.h"
#include "number.h"
#include "path.h"
#include "root.h"
#include "tree.h"

int
open_file_source (struct monitor *m, struct op *op, struct failure *why)
{
  struct stat st;
  (void) m;

  /* Non-blocking: a fifo must not hold us up before it is refused. */
  op->fd = open (op->args[0], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (op->fd < 0 || fstat (op->fd, &st) != 0)
    return fail (why, "open %s", op->args[0]);
  return S_ISREG (st.st_mode) ? 0 : refuse (why, EINVAL, "%s is not a regular file", op->args[0]);
}

/* Attached beside the new root, where pivot leaves it behind: what is bound from it lives on. */
static int
make_memory (struct child *c, struct failure *why)
{
  cleanup_close int context = -1;
  cleanup_close int staging = -1;

  if (c->files >= 0)
    return 0;
  context = sys_fsopen ("tmpfs");
  staging = open (SIDE_STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (context < 0 || staging < 0 || sys_fsconfig (context, FSCONFIG_SET_STRING, "mode", "0700") != 0
      || sys_fsconfig (context, FSCONFIG_CMD_CREATE, NULL, NULL) != 0
      || (c->files = sys_fsmount (context, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)) < 0
      || attach_mount (c->files, staging) != 0)
    return fail (why, "make a file system in memory");
  return 0;
}

static int
make_copy (struct child *c, struct op *op, struct failure *why)
{
  uint64_t uid, gid, mode;
  char name[32];
  struct stat st;
  int fd;

  if (!parse_decimal (op->args[2], UINT32_MAX - 1, &uid) || !parse_decimal (op->args[3], UINT32_MAX - 1, &gid)
      || !parse_octal (op->args[4], 07777, &mode))
    return refuse (why, EINVAL, "owner or mode of %s", op->args[1]);
  snprintf (name, sizeof name, "%d", op->number);
  fd = openat (c->files, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || fstat (op->fd, &st) != 0 || copy_bytes (op->fd, fd, st.st_size) != 0
      || fchown (fd, (uid_t) uid, (gid_t) gid) != 0 || fchmod (fd, (mode_t) mode) != 0)
    {
      close_fd (&fd);
      return fail (why, "copy %s into memory", op->args[0]);
    }
  return fd;
}

int
place_file (struct child *c, struct op *op, struct failure *why)
{
  struct mount_attributes readonly
    = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };
  cleanup_close int copy = -1;
  cleanup_close int mount = -1;
  cleanup_close int place = -1;

  if (make_memory (c, why) != 0 || (copy = make_copy (c, op, why)) < 0)
    return -1;
  if ((place = open_mount_file (c, op->args[1], why)) < 0)
    return -1;
  if ((mount = copy_tree (copy, false)) < 0 || sys_mount_setattr (mount, 0, &readonly) != 0
      || attach_mount (mount, place) != 0)
    return fail (why, "place the file %s", op->args[1]);
  return 0;
}
