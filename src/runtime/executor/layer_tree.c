/*
 * layer_tree.c - walks a tree, by descriptor and in the order of the names' bytes.
 *
 * A folder comes before what is in it, a link to a file that was written is
 * written as a link. Sockets are left out: nothing listens in an archive.
 */
#include "sys.h"
#include "layer_parts.h"

#include <dirent.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define PATH_LIMIT 4096

static int
by_bytes (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

int
read_names (int folder, char ***names)
{
  int copy = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = copy < 0 ? NULL : fdopendir (copy);
  int count = 0, room = 0;
  struct dirent *item;

  *names = NULL;
  if (dir == NULL)
    return -1;
  while ((item = readdir (dir)) != NULL)
    {
      if (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0)
        continue;
      if (count == room)
        *names = realloc (*names, (size_t) (room = room == 0 ? 32 : room * 2) * sizeof **names);
      if (*names == NULL || ((*names)[count++] = strdup (item->d_name)) == NULL)
        abort ();
    }
  closedir (dir);
  if (count > 0)
    qsort (*names, (size_t) count, sizeof **names, by_bytes);
  return count;
}

void
free_names (char **names, int count)
{
  for (int i = 0; i < count; i++)
    free (names[i]);
  free (names);
}

int
layer_folder (int folder, const char *path, struct failure *why)
{
  char below[PATH_LIMIT];
  char **names;
  int count = read_names (folder, &names), result = 0;

  if (count < 0)
    return fail (why, "read the folder %.200s", path);
  for (int i = 0; i < count && result == 0; i++)
    {
      int length = snprintf (below, sizeof below, "%s%s%s", path, *path == 0 ? "" : "/", names[i]);
      result = length >= PATH_LIMIT ? refuse (why, ENAMETOOLONG, "%.200s", path) : layer_tree (folder, names[i], below, why);
    }
  free_names (names, count);
  return result;
}

static int
keep_time (int parent, const char *name)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = layer.time } };
  return layer.set_times ? utimensat (parent, name, times, AT_SYMLINK_NOFOLLOW) : 0;
}

static int
layer_file (int parent, const char *name, const char *path, const struct stat *st, struct failure *why)
{
  cleanup_close int fd = -1;
  const char *first = layer.links && st->st_nlink > 1 ? seen_before (st, path) : NULL;

  if (first != NULL)
    return write_header (path, st, '1', first, -1, why);
  fd = openat (parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return fail (why, "open %.200s", path);
  if (write_header (path, st, '0', NULL, fd, why) != 0 || write_content (fd, (uint64_t) st->st_size, why) != 0)
    return -1;
  return 0;
}

static int
layer_link (int parent, const char *name, const char *path, const struct stat *st, struct failure *why)
{
  char target[PATH_LIMIT];
  ssize_t length = readlinkat (parent, name, target, sizeof target - 1);

  if (length < 0)
    return fail (why, "read the link %.200s", path);
  target[length] = 0;
  return write_header (path, st, '2', target, -1, why);
}

static int
write_opaque (const char *path, const struct stat *folder, struct failure *why)
{
  char name[PATH_LIMIT + 16];
  struct stat st = *folder;

  snprintf (name, sizeof name, "%s/.wh..wh..opq", path);
  st.st_mode = S_IFREG;
  st.st_size = 0;
  return write_header (name, &st, '0', NULL, -1, why);
}

static int
layer_dir (int parent, const char *name, const char *path, const struct stat *st, struct failure *why)
{
  cleanup_close int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  char value[2];

  if (fd < 0)
    return fail (why, "open %.200s", path);
  if (write_header (path, st, '5', NULL, fd, why) != 0)
    return -1;
  if (layer.overlay && fgetxattr (fd, "trusted.overlay.opaque", value, sizeof value) == 1 && value[0] == 'y'
      && write_opaque (path, st, why) != 0)
    return -1;
  return layer_folder (fd, path, why);
}

static int
layer_whiteout (const char *name, const char *path, const struct stat *st, struct failure *why)
{
  char whiteout[PATH_LIMIT + 8];
  struct stat file = *st;

  snprintf (whiteout, sizeof whiteout, "%.*s.wh.%s", (int) (strlen (path) - strlen (name)), path, name);
  file.st_mode = S_IFREG;
  file.st_size = 0;
  return write_header (whiteout, &file, '0', NULL, -1, why);
}

static int
layer_one (int parent, const char *name, const char *path, const struct stat *st, struct failure *why)
{
  if (strncmp (name, ".wh.", 4) == 0)
    return refuse (why, 0, "%.200s: a name that begins with .wh. can not be in a layer", path);
  switch (st->st_mode & S_IFMT)
    {
    case S_IFDIR: return layer_dir (parent, name, path, st, why);
    case S_IFREG: return layer_file (parent, name, path, st, why);
    case S_IFLNK: return layer_link (parent, name, path, st, why);
    case S_IFIFO: return write_header (path, st, '6', NULL, -1, why);
    case S_IFBLK: return write_header (path, st, '4', NULL, -1, why);
    case S_IFCHR:
      return layer.overlay && st->st_rdev == makedev (0, 0) ? layer_whiteout (name, path, st, why)
                                                           : write_header (path, st, '3', NULL, -1, why);
    default: return 0;
    }
}

int
layer_tree (int parent, const char *name, const char *path, struct failure *why)
{
  struct stat st;

  if (fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return fail (why, "look at %.200s", path);
  if (layer_one (parent, name, path, &st, why) != 0)
    return -1;
  return keep_time (parent, name) != 0 ? fail (why, "set the time of %.200s", path) : 0;
}
