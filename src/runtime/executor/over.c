/*
 * over.c - berth-executor over UPPER WORK [--bind=PATH]... LOWER... -- untar|layer|kind ARGS
 *
 * Runs one of the other forms with layers mounted as one root, in a mount
 * namespace that ends with this process. The form's folder is given as
 * ROOT; untar takes --below=PATH, a folder of the root, made when missing. An empty UPPER makes the root read-only. --bind=PATH shows that folder
 * of this machine under its own path, read-only (the machine's own root needs
 * its /usr).
 */
#include "sys.h"
#include "child.h"
#include "layer.h"
#include "over.h"
#include "path.h"
#include "root.h"
#include "untar.h"

#define MAX_BINDS 16

static int
complain (const struct failure *why)
{
  fprintf (stderr, "over: %s%s%s\n", why->message, why->err == 0 ? "" : ": ", why->err == 0 ? "" : strerror (why->err));
  return 1;
}

/* Taken before the root covers anything. */
static int
take_binds (char **binds, int count, int *mounts, struct failure *why)
{
  struct mount_attributes attributes = { .set = MOUNT_ATTR_RDONLY };

  for (int i = 0; i < count; i++)
    {
      mounts[i] = sys_open_tree (AT_FDCWD, binds[i], OPEN_TREE_CLONE | AT_RECURSIVE);
      if (mounts[i] < 0 || sys_mount_setattr (mounts[i], AT_RECURSIVE, &attributes) != 0)
        return fail (why, "take %s", binds[i]);
    }
  return 0;
}

static int
place_binds (int root, char **binds, int count, const int *mounts, struct failure *why)
{
  for (int i = 0; i < count; i++)
    {
      cleanup_close int place = open_in_root (root, binds[i], O_PATH);
      if (place < 0 || attach_mount (mounts[i], place) != 0)
        return fail (why, "show %s", binds[i]);
    }
  return 0;
}

static int
untar_below (int root, const char *path, char **flags)
{
  char place[64];
  struct failure why = { 0 };
  int folder = make_dir_in_root (root, path, 0755, 0, 0);

  if (folder < 0)
    return fail (&why, "make the folder %.200s", path), complain (&why);
  snprintf (place, sizeof place, "/proc/self/fd/%d", folder);
  return run_untar (place, flags);
}

static int
run_inner (int root, char **args)
{
  if (args[0] != NULL && args[1] != NULL && strcmp (args[1], "ROOT") == 0)
    {
      if (strcmp (args[0], "untar") == 0 && args[2] != NULL && strncmp (args[2], "--below=", 8) == 0)
        return untar_below (root, args[2] + 8, args + 3);
      if (strcmp (args[0], "untar") == 0)
        return run_untar (STAGING, args + 2);
      if (strcmp (args[0], "layer") == 0)
        return run_layer (STAGING, args + 2);
      if (strcmp (args[0], "kind") == 0 && args[2] != NULL)
        return run_kind (STAGING, args[2]);
    }
  return fprintf (stderr, "over: after -- comes untar, layer or kind, and ROOT\n"), 64;
}

/* Parent folder of nobody: this process is alone in its namespace, root on the host. */
int
run_over (char **args)
{
  static struct child child = { .host_root = -1, .root = -1, .null_device = -1, .empty_dir = -1, .proc = -1, .tty = -1 };
  char *binds[MAX_BINDS], *layers[1024] = { args[0], args[1], "0" };
  int mounts[MAX_BINDS], bind_count = 0, layer_count = 3;
  struct failure why = { 0 };
  struct op op = { .args = layers, .fd = -1 };
  char **at;

  for (at = args + 2; *at != NULL && strcmp (*at, "--") != 0; at++)
    if (strncmp (*at, "--bind=", 7) == 0 && bind_count < MAX_BINDS)
      binds[bind_count++] = *at + 7;
    else if (layer_count < 1023)
      layers[layer_count++] = *at;
  if (*at == NULL || layer_count == 3)
    return fprintf (stderr, "over: no layer, or no form after --\n"), 64;
  op.argc = layer_count;
  umask (0);
  if (unshare (CLONE_NEWNS) != 0 || mount ("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return fail (&why, "make a mount namespace"), complain (&why);
  if (take_binds (binds, bind_count, mounts, &why) != 0 || make_overlay (&child, &op, &why) != 0
      || place_binds (child.root, binds, bind_count, mounts, &why) != 0)
    return complain (&why);
  return run_inner (child.root, at + 1);
}
