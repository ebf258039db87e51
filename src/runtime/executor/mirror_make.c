/*
 * mirror_make.c - makes a file, a link or a folder of the target what the source's is.
 *
 * A file is written beside its place and renamed: the program reads the old
 * one or the new one, never a half. Where that can not be, since the file
 * itself is a mount or its folder is read-only, it is written in place.
 */
#include "sys.h"
#include "mirror_parts.h"

#include <limits.h>

#define BUFFER (128 * 1024)

static char left[BUFFER], right[BUFFER];

/* Up to BUFFER bytes; fewer only at the end. */
static ssize_t
read_part (int fd, char *buffer)
{
  size_t length = 0;
  ssize_t got = 0;

  while (length < BUFFER && ((got = read (fd, buffer + length, BUFFER - length)) > 0 || (got < 0 && errno == EINTR)))
    length += got > 0 ? (size_t) got : 0;
  return got < 0 ? -1 : (ssize_t) length;
}

static bool
is_same (int a, int b)
{
  ssize_t got;

  do
    if ((got = read_part (a, left)) < 0 || read_part (b, right) != got || memcmp (left, right, (size_t) got) != 0)
      return false;
  while (got > 0);
  return lseek (a, 0, SEEK_SET) == 0;
}

static int
copy_all (int in, int out)
{
  ssize_t got;

  if (lseek (in, 0, SEEK_SET) != 0)
    return -1;
  while ((got = read_part (in, left)) > 0)
    for (ssize_t done = 0; done < got;)
      {
        ssize_t wrote = write (out, left + done, (size_t) (got - done));
        if (wrote < 0 && errno != EINTR)
          return -1;
        done += wrote < 0 ? 0 : wrote;
      }
  return got < 0 ? -1 : 0;
}

/* A file of its own beside the place; one that was left behind goes. */
static int
open_half (int holder)
{
  int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat (holder, HALF_NAME, flags, 0600);

  if (fd < 0 && errno == EEXIST && unlinkat (holder, HALF_NAME, 0) == 0)
    fd = openat (holder, HALF_NAME, flags, 0600);
  return fd;
}

static int
drop_half (int holder)
{
  int err = errno;
  unlinkat (holder, HALF_NAME, 0);
  errno = err;
  return -1;
}

static int
write_beside (int holder, const char *name, int in, const struct stat *st)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };
  cleanup_close int half = open_half (holder);

  if (half < 0)
    return -1;
  if (copy_all (in, half) != 0 || fchmod (half, st->st_mode & 07777) != 0 || futimens (half, times) != 0
      || renameat (holder, HALF_NAME, holder, name) != 0)
    return drop_half (holder);
  return 0;
}

/* A descriptor that only names the regular file NAME, -1 when it is none. */
static int
look_at_file (int holder, const char *name, struct stat *st)
{
  int fd = openat (holder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (fd >= 0 && fstat (fd, st) == 0 && S_ISREG (st->st_mode))
    return fd;
  close_fd (&fd);
  return -1;
}

static int
write_in_place (int there, int in)
{
  cleanup_close int out = is_kernels (there) ? -1 : reopen_own (there, O_WRONLY);

  if (out < 0 || copy_all (in, out) != 0)
    return -1;
  return ftruncate (out, lseek (out, 0, SEEK_CUR));
}

static int
write_file_of (int holder, const char *name, int there, int in, const struct stat *st)
{
  if (write_beside (holder, name, in, st) == 0)
    return 0;
  if (there < 0 || (errno != EBUSY && errno != EROFS))
    return -1;
  return write_in_place (there, in);
}

int
mirror_file (int holder, const char *name, int from, const struct stat *st, struct failure *why)
{
  struct stat before;
  cleanup_close int in = reopen_own (from, O_RDONLY | O_NONBLOCK);
  cleanup_close int there = look_at_file (holder, name, &before);
  cleanup_close int old = there < 0 ? -1 : reopen_own (there, O_RDONLY | O_NONBLOCK);

  if (in < 0)
    return fail (why, "read it");
  if (old >= 0 && before.st_size == st->st_size && is_same (in, old))
    {
      if ((before.st_mode & 07777) == (st->st_mode & 07777))
        return 0;
      return fchmod (old, st->st_mode & 07777) != 0 ? fail (why, "%s", "") : 1;
    }
  if (write_file_of (holder, name, there, in, st) == 0)
    return 1;
  return errno == EISDIR ? refuse (why, EISDIR, "it is a folder of the container") : fail (why, "%s", "");
}

int
mirror_link (int holder, const char *name, int from, struct failure *why)
{
  ssize_t wanted = readlinkat (from, "", left, PATH_MAX - 1);
  ssize_t there = readlinkat (holder, name, right, PATH_MAX - 1);

  if (wanted < 0)
    return fail (why, "read it");
  if (wanted == there && memcmp (left, right, (size_t) wanted) == 0)
    return 0;
  left[wanted] = 0;
  unlinkat (holder, HALF_NAME, 0);
  if (symlinkat (left, holder, HALF_NAME) != 0)
    return fail (why, "%s", "");
  if (renameat (holder, HALF_NAME, holder, name) == 0)
    return 1;
  drop_half (holder);
  return errno == EISDIR ? refuse (why, EISDIR, "it is a folder of the container") : fail (why, "%s", "");
}

int
mirror_folder (int holder, const char *name, const struct stat *st, struct failure *why)
{
  struct stat there;

  if (mkdirat (holder, name, st->st_mode & 07777) == 0)
    return 1;
  if (errno != EEXIST || fstatat (holder, name, &there, AT_SYMLINK_NOFOLLOW) != 0)
    return fail (why, "%s", "");
  return S_ISDIR (there.st_mode) ? 0 : refuse (why, ENOTDIR, "it is no folder in the container");
}
