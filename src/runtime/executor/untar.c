/*
 * untar.c - berth-executor untar DIR [--whiteouts=overlay] [--devices] [--sync] [--max-bytes=N] [--max-entries=N]
 *
 * Actor: root on the host, below a folder that only root can reach. Every
 * path is opened below DIR as if DIR were "/" (RESOLVE_IN_ROOT), the last
 * component never through a link: an archive can neither write nor link to
 * anything outside, whatever links it makes on the way.
 */
#include "sys.h"
#include "number.h"
#include "path.h"
#include "tar.h"
#include "untar.h"

#include <dirent.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

struct options { bool overlay, devices, sync; uint64_t max_bytes, max_entries; };

/* Times of folders are set last: what is put into them changes them. */
struct folder_time { char *path; int64_t mtime; };

static struct
{
  int root;
  struct options options;
  struct folder_time *times;
  size_t time_count, time_size;
  uint64_t entries, bytes, skipped;
} job;

static int
parse_flags (char **flags, struct options *options)
{
  *options = (struct options){ .max_bytes = UINT64_MAX, .max_entries = 10 * 1000 * 1000 };
  for (; *flags != NULL; flags++)
    if (strcmp (*flags, "--whiteouts=overlay") == 0)
      options->overlay = true;
    else if (strcmp (*flags, "--devices") == 0)
      options->devices = true;
    else if (strcmp (*flags, "--sync") == 0)
      options->sync = true;
    else if (strncmp (*flags, "--max-bytes=", 12) != 0 || !parse_decimal (*flags + 12, UINT64_MAX, &options->max_bytes))
      if (strncmp (*flags, "--max-entries=", 14) != 0 || !parse_decimal (*flags + 14, UINT64_MAX, &options->max_entries))
        return -1;
  return 0;
}

static bool
has_dot_dot (const char *path)
{
  while (*path != 0)
    {
      size_t length = strcspn (path, "/");
      if (length == 2 && memcmp (path, "..", 2) == 0)
        return true;
      path += length;
      path += strspn (path, "/");
    }
  return false;
}

static bool
is_root (const char *path)
{
  while (*path == '/' || (path[0] == '.' && (path[1] == '/' || path[1] == 0)))
    path++;
  return *path == 0;
}

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

static int
make_way (int parent, const char *name, bool for_folder)
{
  struct stat st;

  if (fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? 0 : -1;
  return for_folder && S_ISDIR (st.st_mode) ? 0 : remove_all (parent, name, 0);
}

static int
set_xattrs (int fd, const struct tar_entry *entry)
{
  for (int i = 0; i < entry->xattr_count; i++)
    /* A file system without user attributes loses them; without capabilities a program would not work. */
    if (fsetxattr (fd, entry->xattrs[i].name, entry->xattrs[i].value, entry->xattrs[i].length, 0) != 0
        && (errno != ENOTSUP || entry->xattrs[i].name[0] == 's'))
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
    {
      job.bytes += (uint64_t) length;
      if (job.bytes > job.options.max_bytes)
        return refuse (why, EFBIG, "more than %llu bytes", (unsigned long long) job.options.max_bytes);
      for (ssize_t done = 0; done < length;)
        {
          ssize_t wrote = write (fd, (const char *) data + done, (size_t) (length - done));
          if (wrote < 0 && errno != EINTR)
            return fail (why, "write");
          done += wrote < 0 ? 0 : wrote;
        }
    }
  return length < 0 ? -1 : 0;
}

static int
make_file (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int fd = openat (parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = entry->mtime } };

  if (fd < 0)
    return fail (why, "make the file");
  if (write_data (fd, why) != 0)
    return -1;
  if (set_attributes (fd, entry) != 0 || futimens (fd, times) != 0)
    return fail (why, "set the file's attributes");
  return 0;
}

static void
remember_time (const struct tar_entry *entry)
{
  if (job.time_count == job.time_size)
    {
      size_t size = job.time_size == 0 ? 1024 : job.time_size * 2;
      struct folder_time *grown = realloc (job.times, size * sizeof *grown);
      if (grown == NULL)
        return;
      job.times = grown;
      job.time_size = size;
    }
  job.times[job.time_count++] = (struct folder_time){ strdup (entry->path), entry->mtime };
}

static int
make_folder (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int fd = -1;

  if (mkdirat (parent, name, 0700) != 0 && errno != EEXIST)
    return fail (why, "make the folder");
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || set_attributes (fd, entry) != 0)
    return fail (why, "set the folder's attributes");
  remember_time (entry);
  return 0;
}

static int
set_root (const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int fd = openat (job.root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (entry->type != TAR_DIR)
    return refuse (why, EINVAL, "the root is not a folder");
  return fd < 0 || set_attributes (fd, entry) != 0 ? fail (why, "set the root's attributes") : 0;
}

static int
make_link (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  cleanup_close int target = -1;

  if (has_dot_dot (entry->link))
    return refuse (why, EPERM, "link to %.200s leads outside", entry->link);
  target = open_in_root (job.root, entry->link, O_PATH | O_NOFOLLOW);
  if (target < 0)
    return fail (why, "link to %.200s", entry->link);
  return linkat (target, "", parent, name, AT_EMPTY_PATH) != 0 ? fail (why, "link to %.200s", entry->link) : 0;
}

static int
make_symlink_entry (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
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

static int
make_special (int parent, const char *name, const struct tar_entry *entry, struct failure *why)
{
  mode_t type = entry->type == TAR_FIFO ? S_IFIFO : entry->type == TAR_CHAR ? S_IFCHR : S_IFBLK;

  if (entry->type != TAR_FIFO && !job.options.devices)
    {
      job.skipped++;
      return 0;
    }
  if (mknodat (parent, name, type | 0600, makedev (entry->major, entry->minor)) != 0
      || fchownat (parent, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) != 0
      || fchmodat (parent, name, entry->mode, 0) != 0)
    return fail (why, "make the node");
  return 0;
}

/* .wh.NAME hides NAME of the layers below, .wh..wh..opq all of them in this folder. OCI image-spec, layer.md. */
static int
make_whiteout (int parent, const char *name, struct failure *why)
{
  const char *hidden = name + strlen (WHITEOUT);
  cleanup_close int folder = -1;

  if (strcmp (name, OPAQUE) == 0)
    {
      folder = openat (parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (folder < 0 || fsetxattr (folder, "trusted.overlay.opaque", "y", 1, 0) != 0)
        return fail (why, "make the folder opaque");
      return 0;
    }
  if (strncmp (hidden, WHITEOUT, strlen (WHITEOUT)) == 0)
    return 0; /* aufs's own */
  if (*hidden == 0 || strcmp (hidden, ".") == 0 || strcmp (hidden, "..") == 0)
    return refuse (why, EPERM, "whiteout of nothing, of this or of the upper folder");
  if (make_way (parent, hidden, false) != 0 || mknodat (parent, hidden, S_IFCHR, makedev (0, 0)) != 0)
    return fail (why, "make the whiteout");
  return 0;
}

static int
make_entry (const struct tar_entry *entry, struct failure *why)
{
  char name[NAME_MAX + 1];
  cleanup_close int parent = -1;

  if (has_dot_dot (entry->path))
    return refuse (why, EPERM, "the name leads outside");
  if (is_root (entry->path))
    return set_root (entry, why);
  if ((parent = open_parent_in_root (job.root, entry->path, name)) < 0)
    return fail (why, "open the folder above");
  if (job.options.overlay && strncmp (name, WHITEOUT, strlen (WHITEOUT)) == 0)
    return make_whiteout (parent, name, why);
  if (make_way (parent, name, entry->type == TAR_DIR) != 0)
    return fail (why, "replace what is there");
  switch (entry->type)
    {
    case TAR_FILE: return make_file (parent, name, entry, why);
    case TAR_DIR: return make_folder (parent, name, entry, why);
    case TAR_LINK: return make_link (parent, name, entry, why);
    case TAR_SYMLINK: return make_symlink_entry (parent, name, entry, why);
    default: return make_special (parent, name, entry, why);
    }
}

static int
unpack_all (struct tar_entry *entry, struct failure *why)
{
  int got;

  while ((got = next_entry (entry, why)) > 0)
    {
      if (++job.entries > job.options.max_entries)
        return refuse (why, E2BIG, "more than %llu entries", (unsigned long long) job.options.max_entries);
      if (make_entry (entry, why) != 0)
        return -1;
    }
  if (got == 0 && !saw_archive ())
    return refuse (why, EINVAL, "it is empty");
  return got;
}

static void
set_folder_times (void)
{
  for (size_t i = job.time_count; i > 0; i--)
    {
      struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = job.times[i - 1].mtime } };
      cleanup_close int fd = job.times[i - 1].path == NULL ? -1 : open_in_root (job.root, job.times[i - 1].path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (fd >= 0)
        futimens (fd, times);
    }
}

int
run_untar (const char *dir, char **flags)
{
  static struct tar_entry entry;
  struct failure why = { 0 };

  if (parse_flags (flags, &job.options) != 0)
    return fprintf (stderr, "untar: unknown flag\n"), 64;
  umask (0);
  job.root = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (job.root < 0)
    return fprintf (stderr, "untar: %s: %s\n", dir, strerror (errno)), 1;
  if (unpack_all (&entry, &why) != 0)
    return fprintf (stderr, "untar: %.300s%s%s%s%s\n", entry.path, entry.path[0] == 0 ? "" : ": ", why.message,
                    why.err == 0 ? "" : ": ", why.err == 0 ? "" : strerror (why.err)), 1;
  set_folder_times ();
  drain_archive ();
  if (job.options.sync && syncfs (job.root) != 0)
    return fprintf (stderr, "untar: sync: %s\n", strerror (errno)), 1;
  printf ("ok %llu %llu %llu\n", (unsigned long long) job.entries, (unsigned long long) job.bytes, (unsigned long long) job.skipped);
  return 0;
}
