/*
 * copy_up.c - fills an empty volume with what the image has at its place.
 *
 * Actor: child, root, in the container's mounts before pivot. Everything is
 * reached by descriptor, one component at a time and never through a link: an
 * image decides what is copied, never from where. Two replicas of a new volume
 * wait for each other; a copy that was cut short is seen by its mark and made
 * again.
 */
#include "sys.h"
#include "copy_up.h"
#include "inodes.h"
#include "path.h"
#include "tree.h"

#include <dirent.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/xattr.h>

#define MARK "trusted.berth.filling"
#define DEPTH_MAX 512

struct copy { int volume; char path[PATH_MAX]; struct failure *why; };

static int copy_folder (struct copy *copy, int from, int to, int depth);

static int
copy_data (int from, int to)
{
  off_t at = 0;

  for (;;)
    {
      off_t data = lseek (from, at, SEEK_DATA), hole;
      if (data < 0)
        return errno == ENXIO ? 0 : -1;
      hole = lseek (from, data, SEEK_HOLE);
      if (hole < 0 || lseek (from, data, SEEK_SET) < 0 || lseek (to, data, SEEK_SET) < 0)
        return -1;
      if (copy_bytes (from, to, hole - data) != 0)
        return -1;
      at = hole;
    }
}

static int
copy_file (struct copy *copy, int parent, int to, const char *name, const struct stat *st)
{
  cleanup_close int in = -1;
  cleanup_close int out = -1;
  const char *first = st->st_nlink > 1 ? met_before (st, copy->path) : NULL;

  if (first != NULL && linkat (copy->volume, first, to, name, 0) == 0)
    return 0;
  in = openat (parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  out = openat (to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (in < 0 || out < 0 || copy_data (in, out) != 0 || ftruncate (out, st->st_size) != 0)
    return -1;
  return copy_attributes (in, out, st);
}

static int
copy_link (int parent, int to, const char *name, const struct stat *st)
{
  char target[PATH_MAX];
  struct timespec times[2] = { st->st_atim, st->st_mtim };
  ssize_t length = readlinkat (parent, name, target, sizeof target - 1);

  if (length < 0)
    return -1;
  target[length] = 0;
  return symlinkat (target, to, name) != 0 || fchownat (to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) != 0
             || utimensat (to, name, times, AT_SYMLINK_NOFOLLOW) != 0
           ? -1 : 0;
}

static int
copy_node (int to, const char *name, const struct stat *st)
{
  if (mknodat (to, name, (st->st_mode & S_IFMT) | 0600, st->st_rdev) != 0)
    return -1;
  return fchownat (to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) != 0
             || fchmodat (to, name, st->st_mode & 07777, 0) != 0
           ? -1 : 0;
}

static int
copy_below (struct copy *copy, int parent, int to, const char *name, const struct stat *st, int depth)
{
  cleanup_close int in = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  cleanup_close int out = -1;

  if (in < 0 || mkdirat (to, name, 0700) != 0)
    return -1;
  out = openat (to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (out < 0 || copy_folder (copy, in, out, depth + 1) != 0)
    return -1;
  return copy_attributes (in, out, st);
}

static int
copy_item (struct copy *copy, int from, int to, const char *name, int depth)
{
  struct stat st;

  if (fstatat (from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return -1;
  switch (st.st_mode & S_IFMT)
    {
    case S_IFDIR: return copy_below (copy, from, to, name, &st, depth);
    case S_IFREG: return copy_file (copy, from, to, name, &st);
    case S_IFLNK: return copy_link (from, to, name, &st);
    case S_IFSOCK: return 0; /* nobody listens there */
    default: return copy_node (to, name, &st);
    }
}

static int
copy_folder (struct copy *copy, int from, int to, int depth)
{
  int listed = openat (from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = listed < 0 ? NULL : fdopendir (listed);
  size_t end = strlen (copy->path);
  struct dirent *item;
  int result = 0;

  if (dir == NULL || depth > DEPTH_MAX)
    {
      close_fd (&listed);
      return refuse (copy->why, depth > DEPTH_MAX ? ELOOP : errno, "copy %.200s into the volume", copy->path);
    }
  while (result == 0 && (errno = 0, item = readdir (dir)) != NULL)
    {
      if (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0)
        continue;
      if (end + strlen (item->d_name) + 2 > sizeof copy->path)
        result = refuse (copy->why, ENAMETOOLONG, "copy %.200s into the volume", copy->path);
      else
        {
          sprintf (copy->path + end, "%s%s", end == 0 ? "" : "/", item->d_name);
          /* A failure further down has been told there. */
          if (copy_item (copy, from, to, item->d_name, depth) != 0)
            result = copy->why->message[0] != 0 ? -1 : fail (copy->why, "copy %.200s into the volume", copy->path);
          copy->path[end] = 0;
        }
    }
  closedir (dir);
  return result;
}

static int
fill (int from, int volume, struct failure *why)
{
  static struct copy copy;
  struct stat st;
  /* Not every file system has room for the mark; without it a copy that is cut short stays as it is. */
  bool marked = fsetxattr (volume, MARK, "1", 1, 0) == 0;

  copy.volume = volume;
  copy.path[0] = 0;
  copy.why = why;
  why->message[0] = 0;
  if (copy_folder (&copy, from, volume, 0) != 0)
    return -1;
  if (fstat (from, &st) != 0 || copy_attributes (from, volume, &st) != 0)
    return fail (why, "owner and mode of the volume");
  if (marked && fremovexattr (volume, MARK) != 0)
    return fail (why, "finish the copy into the volume");
  return 0;
}

int
copy_up (int from, int volume, struct failure *why)
{
  if (flock (volume, LOCK_EX) != 0)
    return fail (why, "lock the volume");
  if (fgetxattr (volume, MARK, NULL, 0) >= 0)
    {
      if (empty_folder (volume) != 0)
        return fail (why, "clear the volume");
    }
  else if (!is_empty_folder (volume))
    return 0;
  return fill (from, volume, why);
}
