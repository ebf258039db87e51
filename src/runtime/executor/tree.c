/* tree.c - small things that are done to files and folders, by descriptor. */
#include "sys.h"
#include "tree.h"

#include <dirent.h>
#include <sys/xattr.h>

int
copy_bytes (int in, int out, off_t length)
{
  static char buffer[256 * 1024];

  while (length > 0)
    {
      size_t wanted = (uint64_t) length < sizeof buffer ? (size_t) length : sizeof buffer;
      ssize_t got = read (in, buffer, wanted), done = 0;
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return got == 0 ? 0 : -1;
      while (done < got)
        {
          ssize_t wrote = write (out, buffer + done, (size_t) (got - done));
          if (wrote < 0 && errno != EINTR)
            return -1;
          done += wrote < 0 ? 0 : wrote;
        }
      length -= got;
    }
  return 0;
}

bool
is_kept_xattr (const char *name)
{
  return strncmp (name, "user.", 5) == 0 || strcmp (name, "security.capability") == 0
         || strcmp (name, "system.posix_acl_access") == 0 || strcmp (name, "system.posix_acl_default") == 0;
}

static int
copy_xattrs (int from, int to)
{
  static char names[65536], value[65536];
  ssize_t length = flistxattr (from, names, sizeof names);

  for (char *name = names; length > 0 && name < names + length; name += strlen (name) + 1)
    {
      ssize_t size = is_kept_xattr (name) ? fgetxattr (from, name, value, sizeof value) : -1;
      if (size >= 0 && fsetxattr (to, name, value, (size_t) size, 0) != 0 && errno != ENOTSUP)
        return -1;
    }
  return 0;
}

int
copy_attributes (int from, int to, const struct stat *st)
{
  struct timespec times[2] = { st->st_atim, st->st_mtim };

  /* Owner first: a change of owner takes set-user-id bits and capabilities away. */
  if (fchown (to, st->st_uid, st->st_gid) != 0 || fchmod (to, st->st_mode & 07777) != 0)
    return -1;
  return copy_xattrs (from, to) != 0 || futimens (to, times) != 0 ? -1 : 0;
}

static DIR *
open_listing (int folder)
{
  int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir (fd);
  if (dir == NULL)
    close_fd (&fd);
  return dir;
}

static struct dirent *
next_item (DIR *dir)
{
  struct dirent *item;
  do
    item = readdir (dir);
  while (item != NULL && (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0));
  return item;
}

bool
is_empty_folder (int folder)
{
  DIR *dir = open_listing (folder);
  struct dirent *item;

  if (dir == NULL)
    return false;
  do
    item = next_item (dir);
  while (item != NULL && strcmp (item->d_name, "lost+found") == 0);
  closedir (dir);
  return item == NULL;
}

int
empty_folder (int folder)
{
  DIR *dir = open_listing (folder);
  struct dirent *item;
  int result = dir == NULL ? -1 : 0;

  while (result == 0 && (item = next_item (dir)) != NULL)
    {
      cleanup_close int below = -1;
      if (unlinkat (folder, item->d_name, 0) == 0 || strcmp (item->d_name, "lost+found") == 0)
        continue;
      below = openat (folder, item->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (below < 0 || empty_folder (below) != 0 || unlinkat (folder, item->d_name, AT_REMOVEDIR) != 0)
        result = -1;
    }
  if (dir != NULL)
    closedir (dir);
  return result;
}
