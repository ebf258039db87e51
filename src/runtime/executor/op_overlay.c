/*
 * op_overlay.c - overlay UPPER WORK FLAGS LOWER... and root-bind DIR FLAGS
 *
 * The new root. LOWER is given topmost first; an empty UPPER makes a read-only
 * overlay. Layers are added one by one (Linux 6.7, "lowerdir+"); an older
 * kernel takes them as one string of at most a page. One layer without UPPER
 * is no overlay to the kernel: it is bound read-only.
 */
#include "sys.h"
#include "number.h"
#include "root.h"

/* fsconfig(2) takes strings of up to 255 bytes. */
#define SHORT_VALUE 256
#define PAGE 4096

enum { UPPER, WORK, FLAGS, FIRST_LOWER };

/* A path too long for fsconfig goes by descriptor; PLACE[32] holds its name, the descriptor lives until exec. */
static const char *
short_path (const char *path, char *place)
{
  int fd;

  if (strlen (path) < SHORT_VALUE)
    return path;
  if ((fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    return path;
  snprintf (place, 32, "/proc/self/fd/%d", fd);
  return place;
}

static int
set_path (int context, const char *key, const char *path)
{
  char place[32];
  return sys_fsconfig (context, FSCONFIG_SET_STRING, key, short_path (path, place));
}

/* Returns the mount, -1 with *why set, or -2 when this kernel has no "lowerdir+". */
static int
mount_layers (const struct op *op, struct failure *why)
{
  cleanup_close int context = sys_fsopen ("overlay");
  int mount;

  if (context < 0)
    return -2;
  for (int i = FIRST_LOWER; i < op->argc; i++)
    if (set_path (context, "lowerdir+", op->args[i]) != 0)
      return errno == EINVAL && i == FIRST_LOWER ? -2 : fail (why, "layer %s", op->args[i]);
  if (op->args[UPPER][0] != 0
      && (set_path (context, "upperdir", op->args[UPPER]) != 0 || set_path (context, "workdir", op->args[WORK]) != 0))
    return fail (why, "writable layer %s", op->args[UPPER]);
  if (sys_fsconfig (context, FSCONFIG_CMD_CREATE, NULL, NULL) != 0)
    /* Before Linux 6.5 any key is taken, and refused here only. */
    return errno == EINVAL ? -2 : fail (why, "overlay of %d layers", op->argc - FIRST_LOWER);
  mount = sys_fsmount (context, 0);
  return mount < 0 ? fail (why, "overlay of %d layers", op->argc - FIRST_LOWER) : mount;
}

/* lowerdir=A:B,...; by descriptor when BY_FD, which keeps a layer below 20 bytes. Returns false when it does not fit. */
static bool
join_layers (const struct op *op, bool by_fd, char *data)
{
  size_t used = snprintf (data, PAGE, "lowerdir=");

  for (int i = FIRST_LOWER; i < op->argc && used < PAGE; i++)
    {
      int fd = by_fd ? open (op->args[i], O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
      const char *colon = i == FIRST_LOWER ? "" : ":";
      used += fd < 0 ? snprintf (data + used, PAGE - used, "%s%s", colon, op->args[i])
                     : snprintf (data + used, PAGE - used, "%s/proc/self/fd/%d", colon, fd);
    }
  if (op->args[UPPER][0] != 0 && used < PAGE)
    used += snprintf (data + used, PAGE - used, ",upperdir=%s,workdir=%s", op->args[UPPER], op->args[WORK]);
  return used < PAGE;
}

static int
mount_joined (const struct op *op, struct failure *why)
{
  char data[PAGE];
  int fd;

  if (!join_layers (op, false, data) && !join_layers (op, true, data))
    return refuse (why, E2BIG, "overlay of %d layers on this kernel", op->argc - FIRST_LOWER);
  if (mount ("overlay", STAGING, "overlay", op->args[UPPER][0] == 0 ? MS_RDONLY : 0, data) != 0)
    return fail (why, "overlay of %d layers", op->argc - FIRST_LOWER);
  fd = open (STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? fail (why, "open the root") : fd;
}

static int
mount_single_layer (const char *layer, struct failure *why)
{
  struct mount_attributes attributes = { .set = MOUNT_ATTR_RDONLY };
  int mount = sys_open_tree (AT_FDCWD, layer, OPEN_TREE_CLONE);

  if (mount >= 0 && sys_mount_setattr (mount, 0, &attributes) == 0)
    return mount;
  close_fd (&mount);
  return fail (why, "layer %s", layer);
}

static int
make_layers (const struct op *op, struct failure *why)
{
  bool is_single = op->argc == FIRST_LOWER + 1 && op->args[UPPER][0] == 0;
  return is_single ? mount_single_layer (op->args[FIRST_LOWER], why) : mount_layers (op, why);
}

int
make_overlay (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int staging = open (STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int root = make_layers (op, why);

  if (root == -1)
    return -1;
  if (root == -2)
    root = mount_joined (op, why);
  else if (staging < 0 || attach_mount (root, staging) != 0)
    return fail (why, "attach the root");
  if (root < 0)
    return -1;
  close_fd (&c->root);
  c->root = root;
  return 0;
}

int
make_root_bind (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int dir = open (op->args[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  cleanup_close int staging = open (STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int root;

  if (dir < 0 || staging < 0)
    return fail (why, "open the root %s", op->args[0]);
  if ((root = copy_tree (dir, true)) < 0 || attach_mount (root, staging) != 0)
    return fail (why, "bind the root %s", op->args[0]);
  close_fd (&c->root);
  c->root = root;
  return 0;
}
