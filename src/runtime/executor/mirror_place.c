/*
 * mirror_place.c - where a name of the source or the target is, by descriptor.
 *
 * No link is ever followed below either folder. What lies on the kernel's own
 * file systems is refused: a file there takes writes that are meant for it.
 */
#include "sys.h"
#include "mirror_parts.h"

#include <limits.h>
#include <sys/vfs.h>

static int
open_beneath (int folder, const char *path, int flags)
{
  int fd;
  /* EAGAIN: a rename raced with the walk, the kernel could not vouch for the result. */
  for (int tries = 0; tries < 64; tries++)
    {
      fd = sys_openat2 (folder, *path == 0 ? "." : path, O_PATH | flags, 0,
                        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
      if (fd >= 0 || errno != EAGAIN)
        break;
    }
  return fd;
}

int
look_beneath (int folder, const char *path, struct stat *st)
{
  int fd = open_beneath (folder, path, O_NOFOLLOW);

  if (fd >= 0 && fstat (fd, st) == 0)
    return fd;
  close_fd (&fd);
  return -1;
}

int
reopen_own (int fd, int flags)
{
  char number[16];
  snprintf (number, sizeof number, "%d", fd);
  return openat (mirror.own_fds, number, flags | O_CLOEXEC);
}

bool
is_kernels (int fd)
{
  static const unsigned long magic[] = { 0x9fa0 /* proc */, 0x62656572 /* sysfs */, 0x27e0eb /* cgroup */,
                                         0x63677270 /* cgroup2 */, 0x64626720 /* debugfs */, 0x74726163 /* tracefs */,
                                         0x73636673 /* securityfs */, 0xcafe4a11 /* bpf */, 0x62656570 /* configfs */ };
  struct statfs fs;

  if (fstatfs (fd, &fs) != 0)
    return true;
  for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
    if ((unsigned long) fs.f_type == magic[i])
      return true;
  return false;
}

/* PATH cut in two: the folder above in HOLDER[PATH_MAX], what is behind the last slash in NAME. */
static int
split_path (const char *path, char *holder, char *name)
{
  const char *slash = strrchr (path, '/');
  const char *last = slash == NULL ? path : slash + 1;

  if (strlen (last) > NAME_MAX || strlen (path) >= PATH_MAX)
    {
      errno = ENAMETOOLONG;
      return -1;
    }
  strcpy (name, last);
  snprintf (holder, PATH_MAX, "%.*s", slash == NULL ? 0 : (int) (slash - path), path);
  return 0;
}

static int
refuse_kernels (int fd)
{
  if (fd >= 0 && is_kernels (fd))
    {
      close (fd);
      errno = EPERM;
      return -1;
    }
  return fd;
}

int
open_holder (const char *path, char *name)
{
  char holder[PATH_MAX];

  if (split_path (path, holder, name) != 0)
    return -1;
  return refuse_kernels (open_beneath (mirror.target, holder, O_DIRECTORY));
}

static mode_t
mode_of_source (const char *path)
{
  struct stat st;
  cleanup_close int fd = look_beneath (mirror.source, path, &st);
  return fd >= 0 && S_ISDIR (st.st_mode) ? st.st_mode & 07777 : 0755;
}

/* The folder PATH of the target with all above it; the source has them under the same names. */
static int
make_folders (char *path)
{
  int folder = open_beneath (mirror.target, "", O_DIRECTORY);

  for (char *at = path; folder >= 0 && *at != 0;)
    {
      cleanup_close int above = folder;
      char *end = at + strcspn (at, "/"), kept = *end;

      *end = 0;
      folder = open_beneath (above, at, O_DIRECTORY | O_NOFOLLOW);
      if (folder < 0 && errno == ENOENT && (refuse_kernels (dup (above)) < 0 || mkdirat (above, at, mode_of_source (path)) == 0))
        folder = open_beneath (above, at, O_DIRECTORY | O_NOFOLLOW);
      *end = kept;
      at = end + (kept == '/');
    }
  return folder;
}

int
make_holder (const struct pair *pair, char *name, struct failure *why)
{
  char holder[PATH_MAX];
  int fd = open_holder (pair->to, name);

  if (fd >= 0)
    return fd;
  if (errno == ENOENT && split_path (pair->to, holder, name) == 0 && (fd = refuse_kernels (make_folders (holder))) >= 0)
    return fd;
  if (errno == ELOOP)
    return refuse (why, ELOOP, "a link of the container is on the way there");
  if (errno == ENOTDIR)
    return refuse (why, ENOTDIR, "a file of the container is on the way there");
  return fail (why, "%s", "");
}

int
remove_one (int holder, const char *name, bool folder)
{
  return unlinkat (holder, name, folder ? AT_REMOVEDIR : 0);
}
