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

struct layers { const struct op *op; const char *upper, *work; int first; };

static struct layers
layers_of (const struct op *op)
{
  return (struct layers){ .op = op, .upper = op->args[UPPER], .work = op->args[WORK], .first = FIRST_LOWER };
}

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
mount_layers (const struct layers *layers, struct failure *why)
{
  cleanup_close int context = sys_fsopen ("overlay");
  const struct op *op = layers->op;
  int mount, count = op->argc - layers->first;

  if (context < 0)
    return -2;
  for (int i = layers->first; i < op->argc; i++)
    if (set_path (context, "lowerdir+", op->args[i]) != 0)
      return errno == EINVAL && i == layers->first ? -2 : fail (why, "layer %s", op->args[i]);
  if (*layers->upper != 0
      && (set_path (context, "upperdir", layers->upper) != 0 || set_path (context, "workdir", layers->work) != 0))
    return fail (why, "writable layer %s", layers->upper);
  if (sys_fsconfig (context, FSCONFIG_CMD_CREATE, NULL, NULL) != 0)
    /* Before Linux 6.5 any key is taken, and refused here only. */
    return errno == EINVAL ? -2 : fail (why, "overlay of %d layers", count);
  mount = sys_fsmount (context, 0);
  return mount < 0 ? fail (why, "overlay of %d layers", count) : mount;
}

/* lowerdir=A:B,...; by descriptor when BY_FD, which keeps a layer below 20 bytes. Returns false when it does not fit. */
static bool
join_layers (const struct layers *layers, bool by_fd, char *data)
{
  size_t used = snprintf (data, PAGE, "lowerdir=");
  const struct op *op = layers->op;

  for (int i = layers->first; i < op->argc && used < PAGE; i++)
    {
      int fd = by_fd ? open (op->args[i], O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
      const char *colon = i == layers->first ? "" : ":";
      used += fd < 0 ? snprintf (data + used, PAGE - used, "%s%s", colon, op->args[i])
                     : snprintf (data + used, PAGE - used, "%s/proc/self/fd/%d", colon, fd);
    }
  if (*layers->upper != 0 && used < PAGE)
    used += snprintf (data + used, PAGE - used, ",upperdir=%s,workdir=%s", layers->upper, layers->work);
  return used < PAGE;
}

static int
mount_joined (const struct layers *layers, const char *staging, struct failure *why)
{
  int fd, count = layers->op->argc - layers->first;
  char data[PAGE];

  if (!join_layers (layers, false, data) && !join_layers (layers, true, data))
    return refuse (why, E2BIG, "overlay of %d layers on this kernel", count);
  if (mount ("overlay", staging, "overlay", *layers->upper == 0 ? MS_RDONLY : 0, data) != 0)
    return fail (why, "overlay of %d layers", count);
  fd = open (staging, O_PATH | O_DIRECTORY | O_CLOEXEC);
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
make_layers (const struct layers *layers, struct failure *why)
{
  bool is_single = layers->op->argc == layers->first + 1 && *layers->upper == 0;
  return is_single ? mount_single_layer (layers->op->args[layers->first], why) : mount_layers (layers, why);
}

int
mount_lowers (struct op *op, int first, struct failure *why)
{
  struct layers layers = { .op = op, .upper = "", .work = "", .first = first };
  int mount = make_layers (&layers, why), joined;

  if (mount != -2)
    return mount;
  /* An old kernel's way attaches at once; a copy is what the others give. */
  if ((joined = mount_joined (&layers, SIDE_STAGING, why)) < 0)
    return -1;
  mount = copy_tree (joined, false);
  close_fd (&joined);
  return mount < 0 ? fail (why, "copy the layers of an image") : mount;
}

int
make_overlay (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int staging = open (STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct layers layers = layers_of (op);
  int root = make_layers (&layers, why);

  if (root == -1)
    return -1;
  if (root == -2)
    root = mount_joined (&layers, STAGING, why);
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
