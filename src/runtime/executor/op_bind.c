/*
 * op_bind.c - bind SOURCE TARGET OPTIONS [SUBPATH]
 *
 * SUBPATH is looked up below SOURCE as if that were "/". With `copy-up` an
 * empty folder is filled with what the root has at TARGET before it covers it.
 * The monitor copies the source tree with the host's view of paths; the child
 * sets its attributes while it is attached nowhere, then puts it in place: at
 * no moment is a read-only bind writable. mount_setattr(2), open_tree(2).
 */
#include "sys.h"
#include "copy_up.h"
#include "idmap.h"
#include "monitor.h"
#include "number.h"
#include "path.h"
#include "root.h"

int
open_bind_source (struct monitor *m, struct op *op, struct failure *why)
{
  const char *source = op->args[0];
  unsigned recursive = list_has (op->args[2], "rec") ? AT_RECURSIVE : 0;
  (void) m;

  if (op->argc > 3 && *op->args[3] != 0)
    {
      cleanup_close int above = open (source, O_PATH | O_DIRECTORY | O_CLOEXEC);
      cleanup_close int below = above < 0 ? -1 : open_in_root (above, op->args[3], O_PATH);
      if (below < 0)
        return fail (why, "open %s of %s", op->args[3], source);
      op->fd = sys_open_tree (below, "", OPEN_TREE_CLONE | AT_EMPTY_PATH | recursive);
      return op->fd < 0 ? fail (why, "open %s of %s", op->args[3], source) : 0;
    }

  op->fd = sys_open_tree (AT_FDCWD, source, OPEN_TREE_CLONE | recursive);
  if (op->fd < 0 && errno == ENOENT && list_has (op->args[2], "create"))
    {
      cleanup_close int root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
      cleanup_close int made = make_dir_in_root (root, source, 0755, 0, 0);
      if (made >= 0)
        op->fd = sys_open_tree (AT_FDCWD, source, OPEN_TREE_CLONE | recursive);
    }
  return op->fd < 0 ? fail (why, "open %s", source) : 0;
}

static uint64_t
attributes_of (const char *options)
{
  return (list_has (options, "nosuid") ? MOUNT_ATTR_NOSUID : 0) | (list_has (options, "nodev") ? MOUNT_ATTR_NODEV : 0)
         | (list_has (options, "noexec") ? MOUNT_ATTR_NOEXEC : 0) | (list_has (options, "ro") ? MOUNT_ATTR_RDONLY : 0);
}

/* private, rprivate, ...: the kind; *RECURSIVE for the names with r. */
static uint64_t
propagation_of (const char *options, bool *recursive)
{
  static const struct { const char *name; uint64_t kind; } kinds[] = {
    { "rprivate", MS_PRIVATE }, { "rslave", MS_SLAVE }, { "rshared", MS_SHARED },
    { "private", MS_PRIVATE },  { "slave", MS_SLAVE },  { "shared", MS_SHARED },
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (list_has (options, kinds[i].name))
      {
        *recursive = kinds[i].name[0] == 'r';
        return kinds[i].kind;
      }
  return 0;
}

static int
set_attributes (int mount, const char *options)
{
  struct mount_attributes top = { .set = attributes_of (options) };
  struct mount_attributes all = { .set = MOUNT_ATTR_RDONLY };
  struct mount_attributes spread = { 0 };
  bool recursive = false;

  if (top.set != 0 && sys_mount_setattr (mount, 0, &top) != 0)
    return -1;
  if (list_has (options, "rro") && sys_mount_setattr (mount, AT_RECURSIVE, &all) != 0)
    return -1;
  spread.propagation = propagation_of (options, &recursive);
  return spread.propagation == 0 ? 0 : sys_mount_setattr (mount, recursive ? AT_RECURSIVE : 0, &spread);
}

/* What the root has at TARGET now; nothing there is fine. Only folders: a volume is one. */
static int
fill_from_root (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int from = open_in_root (c->root, op->args[1], O_RDONLY | O_DIRECTORY);
  cleanup_close int volume = openat (op->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (from < 0 && (errno == ENOENT || errno == ENOTDIR))
    return 0;
  if (from < 0 || volume < 0)
    return fail (why, "open %s to copy it into the volume", op->args[1]);
  return copy_up (from, volume, why);
}

int
attach_bind (struct child *c, struct op *op, struct failure *why)
{
  const char *source = op->args[0], *target = op->args[1], *options = op->args[2];
  cleanup_close int place = -1;
  struct stat st;

  if (fstat (op->fd, &st) != 0)
    return fail (why, "look at %s", source);
  if (list_has (options, "dir") && !S_ISDIR (st.st_mode))
    return refuse (why, ENOTDIR, "%s is not a folder", source);
  if (list_has (options, "file") && S_ISDIR (st.st_mode))
    return refuse (why, EISDIR, "%s is a folder", source);
  if (list_has (options, "copy-up") && fill_from_root (c, op, why) != 0)
    return -1;
  place = S_ISDIR (st.st_mode) ? open_mount_folder (c, target, why) : open_mount_file (c, target, why);
  if (place < 0)
    return -1;
  if (map_owner (c, op->fd, options, why) != 0)
    return -1;
  if (set_attributes (op->fd, options) != 0)
    return fail (why, "options %s of the bind of %s", options, source);
  if (attach_mount (op->fd, place) != 0)
    return fail (why, "bind %s on %s", source, target);
  return 0;
}
