/*
 * untar_replace.c - what an entry takes the place of, and whiteouts.
 *
 * A whiteout speaks of the layers below only: what the same archive has under
 * that name stays. OCI image-spec, layer.md; overlayfs.rst, "whiteouts and
 * opaque directories".
 */
#include "sys.h"
#include "untar_parts.h"

#include <dirent.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

/* Removes NAME below PARENT, whatever it is; never follows a link. */
static int
remove_all (int parent, const char *name, int depth)
{
  int fd;
  DIR *dir;
  struct dirent *item;

  if (unlinkat (parent, name, 0) == 0 || errno == ENOENT)
    return 0;
  if ((errno != EISDIR && errno != EPERM) || depth > 256)
    return -1;
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || (dir = fdopendir (fd)) == NULL)
    return -1;
  while ((item = readdir (dir)) != NULL)
    if (strcmp (item->d_name, ".") != 0 && strcmp (item->d_name, "..") != 0 && remove_all (fd, item->d_name, depth + 1) != 0)
      break;
  closedir (dir);
  return unlinkat (parent, name, AT_REMOVEDIR);
}

int
make_way (int parent, const char *name, bool for_folder)
{
  struct stat st;

  if (fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? 0 : -1;
  if (untar.options.keep_kinds && for_folder != S_ISDIR (st.st_mode))
    {
      errno = for_folder ? ENOTDIR : EISDIR;
      return -1;
    }
  return for_folder && S_ISDIR (st.st_mode) ? 0 : remove_all (parent, name, 0);
}

bool
is_whiteout (const char *name)
{
  return strncmp (name, WHITEOUT, strlen (WHITEOUT)) == 0;
}

bool
hides_below (int parent, const char *name)
{
  struct stat st;
  return fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR (st.st_mode) && st.st_rdev == makedev (0, 0);
}

int
make_opaque (int folder)
{
  return fsetxattr (folder, "trusted.overlay.opaque", "y", 1, 0);
}

/* NAME is in this archive, too: a folder then stands alone, anything else hides what is below it anyway. */
static int
hide_below_existing (int parent, const char *name)
{
  cleanup_close int folder = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0)
    return errno == ENOTDIR || errno == ELOOP ? 0 : -1;
  return make_opaque (folder);
}

int
make_whiteout (int parent, const char *name, struct failure *why)
{
  const char *hidden = name + strlen (WHITEOUT);
  cleanup_close int folder = -1;

  if (strcmp (name, OPAQUE) == 0)
    {
      folder = openat (parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      return folder < 0 || make_opaque (folder) != 0 ? fail (why, "make the folder opaque") : 0;
    }
  if (*hidden == 0 || strcmp (hidden, ".") == 0 || strcmp (hidden, "..") == 0)
    return refuse (why, 0, "whiteout of nothing, of this or of the upper folder");
  if (is_whiteout (hidden))
    return 0; /* aufs's own */
  if (mknodat (parent, hidden, S_IFCHR, makedev (0, 0)) == 0)
    return 0;
  if (errno != EEXIST || hide_below_existing (parent, hidden) != 0)
    return fail (why, "make the whiteout");
  return 0;
}
