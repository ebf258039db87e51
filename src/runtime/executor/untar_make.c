/* untar_make.c - makes files, folders, links and nodes, each new and with its owner, mode, times and attributes. */
#include "sys.h"
#include "path.h"
#include "untar_parts.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

static int
set_xattrs (int fd, const struct tar_entry *entry)
{
  for (int i = 0; i < entry->xattr_count; i++)
    /* Where the file system has no user attributes they are lost; without capabilities a program would not work. */
    if (fsetxattr (fd, entry->xattrs[i].name, entry->xattrs[i].value, entry->xattrs[i].length, 0) != 0
        && (errno != ENOTSUP || strncmp (entry->xattrs[i].name, "security.", 9) == 0))
      return -1;
  return 0;
}

/* Owner first: a change of owner takes the set-user-id bits away. */
static int
set_attributes (int fd, const struct tar_entry *entry)
{
  return fchown (fd, entry->uid, entry->gid) != 0 || fchmod (fd, entry->mode) != 0 || set_xattrs (fd, entry) != 0 ? -1 : 0;
}

static int
write_data (int fd, struct failure *why)
{
  const void *data;
  ssize_t length;

  while ((length = read_data (&data, why)) > 0)
    for (ssize_t done = 0; done < length;)
      {
        ssize_t wrote = write (fd, (const char *) data + done, (size_t) (length - done));
        if (wrote < 0 && errno != EINTR)
          return fail (why, "write");
        done += wrote < 0 ? 0 : wrote;
      }
  return length < 0 ? -1 : 0;
}

int
make_file (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int fd = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = entry->mtime } };

  if (fd < 0)
    return fail (why, "make the file");
  if ((entry->sparse ? write_sparse (fd, entry, why) : write_data (fd, why)) != 0)
    return -1;
  if (set_attributes (fd, entry) != 0 || futimens (fd, times) != 0)
    return fail (why, "set the file's attributes");
  return 0;
}

/* A folder over a whiteout of its own name hides what the layers below have in it. */
int
make_folder (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int fd = -1;
  bool opaque = untar.options.overlay && hides_below (parent, name);

  if (make_way (parent, name, true) != 0)
    return fail (why, "replace what is there");
  if (mkdirat (parent, name, 0700) != 0 && errno != EEXIST)
    return fail (why, "make the folder");
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || set_attributes (fd, entry) != 0 || (opaque && make_opaque (fd) != 0))
    return fail (why, "set the folder's attributes");
  remember_time (entry);
  return 0;
}

int
set_root (const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int fd = openat (untar.root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (entry->type != TAR_DIR)
    return refuse (why, 0, "the root is not a folder");
  return fd < 0 || set_attributes (fd, entry) != 0 ? fail (why, "set the root's attributes") : 0;
}

int
make_hard_link (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int target = -1;

  /* Links on the way are followed below the root, the last component is not: a link to a link is one to the link. */
  target = open_in_root (untar.root, entry->link, O_PATH | O_NOFOLLOW);
  if (target < 0)
    return fail (why, "link to %.200s", entry->link);
  return linkat (target, "", parent, name, AT_EMPTY_PATH) != 0 ? fail (why, "link to %.200s", entry->link) : 0;
}

int
make_symbolic_link (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = entry->mtime } };

  /* It may point anywhere: inside of a container that is below the container's root. */
  if (symlinkat (entry->link, parent, name) != 0)
    return fail (why, "make the link");
  if (fchownat (parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) != 0
      || utimensat (parent, name, times, AT_SYMLINK_NOFOLLOW) != 0)
    return fail (why, "set the link's attributes");
  return 0;
}

int
make_special (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  mode_t type = entry->type == TAR_FIFO ? S_IFIFO : entry->type == TAR_CHAR ? S_IFCHR : S_IFBLK;
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = entry->mtime } };

  if (entry->type != TAR_FIFO && !untar.options.devices)
    {
      untar.skipped++;
      return 0;
    }
  if (mknodat (parent, name, type | 0600, makedev (entry->major, entry->minor)) != 0
      || fchownat (parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) != 0
      || fchmodat (parent, name, entry->mode, 0) != 0
      || utimensat (parent, name, times, AT_SYMLINK_NOFOLLOW) != 0)
    return fail (why, "make the node");
  return 0;
}
