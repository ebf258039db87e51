/*
 * op_image.c - image TARGET SUBPATH LOWER...
 *
 * The layers of another image, topmost first, read-only at TARGET. SUBPATH is
 * looked up below them as if they were "/": a link of that image leads
 * nowhere else.
 */
#include "sys.h"
#include "path.h"
#include "root.h"

enum { TARGET, SUBPATH, FIRST_LOWER };

/* The part of LAYERS that SUBPATH names; the kernel copies only what is attached. */
static int
take_part (int layers, const char *subpath, struct failure *why)
{
  cleanup_close int staging = open (SIDE_STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
  cleanup_close int part = -1;
  int copy;

  if (staging < 0 || attach_mount (layers, staging) != 0)
    return fail (why, "attach the layers of an image");
  if ((part = open_in_root (layers, subpath, O_PATH)) < 0)
    return fail (why, "open %s of the image", subpath);
  copy = copy_tree (part, false);
  return copy < 0 ? fail (why, "open %s of the image", subpath) : copy;
}

int
attach_image (struct child *c, struct op *op, struct failure *why)
{
  struct mount_attributes readonly = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
  cleanup_close int layers = mount_lowers (op, FIRST_LOWER, why);
  cleanup_close int part = -1;
  cleanup_close int place = -1;
  int mount = layers;
  struct stat st;

  if (layers < 0)
    return -1;
  if (*op->args[SUBPATH] != 0)
    mount = part = take_part (layers, op->args[SUBPATH], why);
  if (mount < 0)
    return -1;
  if (fstat (mount, &st) != 0)
    return fail (why, "look at the image for %s", op->args[TARGET]);
  place = S_ISDIR (st.st_mode) ? open_mount_folder (c, op->args[TARGET], why) : open_mount_file (c, op->args[TARGET], why);
  if (place < 0)
    return -1;
  if (sys_mount_setattr (mount, 0, &readonly) != 0 || attach_mount (mount, place) != 0)
    return fail (why, "mount an image on %s", op->args[TARGET]);
  return 0;
}
