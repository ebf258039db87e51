/*
 * layer.c - berth-executor layer DIR [FLAGS], berth-executor kind DIR PATH
 *
 * A tree as a tar, always in the same order, so that the same content is the
 * same archive: all of DIR, or with --source=PATTERN what matches below it, the
 * N-th pattern's matches as N/path. --whiteouts=overlay for an upper folder;
 * --time=SECONDS gives everything one time, --set-times on disk as well;
 * --drop=PATH removes an empty file or folder first (what a mount needed).
 */
#include "sys.h"
#include "number.h"
#include "layer.h"
#include "layer_parts.h"
#include "path.h"

#include <sys/xattr.h>

struct layer layer;

static const char *sources[MAX_SOURCES];
static int source_count;

/* Only what is empty goes, never through a link; a folder that hides what is below it stays. */
static void
drop_stub (const char *path)
{
  char parent[4096];
  const char *slash = strrchr (path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  cleanup_close int folder = -1;
  cleanup_close int itself = -1;
  struct stat st;
  char value[2];

  snprintf (parent, sizeof parent, "%.*s", slash == NULL ? 0 : (int) (slash - path), path);
  folder = sys_openat2 (layer.root, parent[0] == 0 ? "." : parent, O_RDONLY | O_DIRECTORY, 0,
                        RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (folder < 0 || fstatat (folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return;
  if (S_ISREG (st.st_mode) && st.st_size == 0)
    unlinkat (folder, name, 0);
  if (!S_ISDIR (st.st_mode))
    return;
  itself = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (itself >= 0 && fgetxattr (itself, "trusted.overlay.opaque", value, sizeof value) <= 0)
    unlinkat (folder, name, AT_REMOVEDIR);
}

static bool
take_flag (const char *flag)
{
  if (strcmp (flag, "--whiteouts=overlay") == 0)
    return layer.overlay = true;
  if (strcmp (flag, "--set-times") == 0)
    return layer.set_times = true;
  if (strcmp (flag, "--sync") == 0)
    return layer.sync = true;
  if (strncmp (flag, "--time=", 7) == 0)
    return layer.has_time = parse_signed (flag + 7, 0, INT64_MAX / 2, &layer.time);
  if (strncmp (flag, "--source=", 9) == 0 && source_count < MAX_SOURCES)
    return sources[source_count++] = flag + 9, true;
  return strncmp (flag, "--drop=", 7) == 0;
}

static int
layer_sources (struct failure *why)
{
  for (int i = 0; i < source_count; i++)
    {
      int count = 0;
      if (layer_matches (sources[i], i, &count, why) != 0)
        return -1;
    }
  return 0;
}

/* The root itself only when somebody has changed it: every layer has one. */
static int
layer_all (struct failure *why)
{
  struct stat st;

  if (fstat (layer.root, &st) != 0)
    return fail (why, "look at the root");
  if (((st.st_mode & 07777) != 0755 || st.st_uid != 0 || st.st_gid != 0)
      && write_header (".", &st, '5', NULL, layer.root, why) != 0)
    return -1;
  return layer_folder (layer.root, "", why);
}

int
run_layer (const char *dir, char **flags)
{
  struct failure why = { 0 };

  layer.root = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (layer.root < 0)
    return fprintf (stderr, "layer: %s: %s\n", dir, strerror (errno)), 1;
  for (char **flag = flags; *flag != NULL; flag++)
    if (!take_flag (*flag))
      return fprintf (stderr, "layer: unknown flag %s\n", *flag), 64;
  for (char **flag = flags; *flag != NULL; flag++)
    if (strncmp (*flag, "--drop=", 7) == 0)
      drop_stub (*flag + 7);
  layer.links = source_count == 0;
  if ((source_count > 0 ? layer_sources (&why) : layer_all (&why)) != 0 || write_end (&why) != 0)
    return fprintf (stderr, "layer: %s%s%s\n", why.message, why.err == 0 ? "" : ": ", why.err == 0 ? "" : strerror (why.err)), 1;
  if (layer.set_times && futimens (layer.root, (struct timespec[2]){ { .tv_nsec = UTIME_OMIT }, { .tv_sec = layer.time } }) != 0)
    return fprintf (stderr, "layer: set the time: %s\n", strerror (errno)), 1;
  if (layer.sync && syncfs (layer.root) != 0)
    return fprintf (stderr, "layer: sync: %s\n", strerror (errno)), 1;
  fprintf (stderr, "ok %llu %llu\n", (unsigned long long) layer.entries, (unsigned long long) layer.bytes);
  return 0;
}

/* Prints folder, file or missing; through links, never out of DIR. */
int
run_kind (const char *dir, const char *path)
{
  cleanup_close int root = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  cleanup_close int fd = root < 0 ? -1 : open_in_root (root, path, O_PATH);
  struct stat st;

  if (root < 0 || (fd < 0 && errno != ENOENT && errno != ENOTDIR))
    return fprintf (stderr, "kind: %s: %s\n", path, strerror (errno)), 1;
  if (fd < 0 || fstat (fd, &st) != 0)
    return puts (errno == ENOTDIR ? "blocked" : "missing") < 0;
  return puts (S_ISDIR (st.st_mode) ? "folder" : "file") < 0;
}
