/*
 * path.c - openat2 below a root, and making what is missing there.
 *
 * A missing component is made with mkdirat on the descriptor of its parent and
 * opened again without following links. Dangling symlinks (an image's
 * /var/run -> /run without /run) are resolved by hand, again below the root.
 */
#include "sys.h"
#include "path.h"

#include <limits.h>

#define MAX_LINKS 40

int
open_in_root (int root, const char *path, int flags)
{
  int fd;
  /* EAGAIN: a rename raced with "..", the kernel could not vouch for the result. */
  for (int tries = 0; tries < 64; tries++)
    {
      fd = sys_openat2 (root, *path == 0 ? "." : path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
      if (fd >= 0 || errno != EAGAIN)
        break;
    }
  return fd;
}

static int
open_child (int parent, const char *name, int flags)
{
  return sys_openat2 (parent, name, O_PATH | O_NOFOLLOW | flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* PATH up to OFFSET..END names a symlink below PARENT: puts what it stands for in its place. */
static int
substitute_link (int parent, char *path, size_t start, size_t end)
{
  char target[PATH_MAX], rest[PATH_MAX], name[NAME_MAX + 1];
  ssize_t length;
  int wrote;

  snprintf (name, sizeof name, "%.*s", (int) (end - start), path + start);
  length = readlinkat (parent, name, target, sizeof target - 1);
  if (length < 0)
    return -1;
  target[length] = 0;
  snprintf (rest, sizeof rest, "%s", path + end);
  wrote = snprintf (path + (target[0] == '/' ? 0 : start), PATH_MAX - (target[0] == '/' ? 0 : start), "%s%s", target, rest);
  if (wrote < 0 || (size_t) wrote >= PATH_MAX - (target[0] == '/' ? 0 : start))
    {
      errno = ENAMETOOLONG;
      return -1;
    }
  return 0;
}

/*
 * Makes the component path[start..end) below PARENT. Returns its descriptor,
 * -1 with errno, or -2 when it was a dangling link and PATH has been rewritten.
 */
static int
make_component (int parent, char *path, size_t start, size_t end, mode_t mode, uid_t uid, gid_t gid)
{
  char name[NAME_MAX + 1];
  int fd;

  if (end - start > NAME_MAX)
    {
      errno = ENAMETOOLONG;
      return -1;
    }
  snprintf (name, sizeof name, "%.*s", (int) (end - start), path + start);
  if (mkdirat (parent, name, mode) == 0)
    {
      /* Root's umask is 0 here; a set-group-id parent may still have changed the group. */
      if (fchownat (parent, name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
      return open_child (parent, name, O_DIRECTORY);
    }
  if (errno != EEXIST)
    return -1;
  fd = open_child (parent, name, O_DIRECTORY);
  if (fd >= 0)
    return fd;
  return substitute_link (parent, path, start, end) == 0 ? -2 : -1;
}

/* One walk over PATH. Returns as make_component. */
static int
walk_making (int root, char *path, mode_t mode, uid_t uid, gid_t gid)
{
  int parent = open_in_root (root, "/", O_PATH | O_DIRECTORY);

  for (size_t start = strspn (path, "/"); parent >= 0 && path[start] != 0;)
    {
      size_t end = start + strcspn (path + start, "/");
      char kept = path[end];
      int fd;

      path[end] = 0;
      fd = open_in_root (root, path, O_PATH | O_DIRECTORY);
      path[end] = kept;
      if (fd < 0 && errno == ENOENT)
        fd = make_component (parent, path, start, end, mode, uid, gid);
      close_fd (&parent);
      parent = fd;
      start = end + strspn (path + end, "/");
    }
  return parent;
}

int
make_dir_in_root (int root, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
  char copy[PATH_MAX];
  int fd = open_in_root (root, path, O_PATH | O_DIRECTORY);

  if (fd >= 0 || errno != ENOENT)
    return fd;
  if (strlen (path) >= sizeof copy)
    {
      errno = ENAMETOOLONG;
      return -1;
    }
  strcpy (copy, path);
  for (int links = 0; links < MAX_LINKS; links++)
    {
      fd = walk_making (root, copy, mode, uid, gid);
      if (fd != -2)
        return fd;
    }
  errno = ELOOP;
  return -1;
}

int
open_parent_in_root (int root, const char *path, char *name)
{
  char parent[PATH_MAX];
  size_t end = strlen (path), start;

  while (end > 0 && path[end - 1] == '/')
    end--;
  for (start = end; start > 0 && path[start - 1] != '/';)
    start--;
  if (end == start || end - start > NAME_MAX || start >= sizeof parent || (end - start == 1 && path[start] == '.')
      || (end - start == 2 && path[start] == '.' && path[start + 1] == '.'))
    {
      errno = EINVAL;
      return -1;
    }
  snprintf (name, NAME_MAX + 1, "%.*s", (int) (end - start), path + start);
  snprintf (parent, sizeof parent, "%.*s", (int) start, path);
  return make_dir_in_root (root, parent, 0755, 0, 0);
}

int
make_file_in_root (int root, const char *path)
{
  char copy[PATH_MAX], name[NAME_MAX + 1];

  if (strlen (path) >= sizeof copy)
    {
      errno = ENAMETOOLONG;
      return -1;
    }
  strcpy (copy, path);
  for (size_t end = strlen (copy); end > 1 && copy[end - 1] == '/'; end--)
    copy[end - 1] = 0;
  for (int links = 0; links < MAX_LINKS; links++)
    {
      int fd = open_in_root (root, copy, O_PATH);
      cleanup_close int parent = -1;
      cleanup_close int made = -1;
      size_t start;

      if (fd >= 0 || errno != ENOENT)
        return fd;
      parent = open_parent_in_root (root, copy, name);
      if (parent < 0)
        return -1;
      made = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
      if (made >= 0)
        return open_child (parent, name, 0);
      if (errno != EEXIST)
        return -1;
      start = strlen (copy) - strlen (name);
      if (substitute_link (parent, copy, start, start + strlen (name)) != 0)
        return errno == EINVAL ? open_child (parent, name, 0) : -1;
    }
  errno = ELOOP;
  return -1;
}
