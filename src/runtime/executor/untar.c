/*
 * untar.c - berth-executor untar DIR [--whiteouts=overlay] [--devices] [--sync] [--max-bytes=N] [--max-entries=N]
 *   [--sparse] [--owner=UID:GID] [--keep-kinds] and the flags of view.h, with which DIR is a folder of that root
 *
 * Every path is opened below DIR as if DIR were "/" (RESOLVE_IN_ROOT), the
 * last component never through a link: an archive can neither write nor link
 * to anything outside, whatever links it makes on the way.
 */
#include "sys.h"
#include "number.h"
#include "path.h"
#include "untar.h"
#include "untar_parts.h"
#include "view.h"

#include <limits.h>

struct untar untar;

static bool
parse_owner (const char *text, struct untar_options *options)
{
  char number[16];
  size_t length = strcspn (text, ":");
  uint64_t uid, gid;

  snprintf (number, sizeof number, "%.*s", (int) length, text);
  if (length >= sizeof number || text[length] != ':' || !parse_decimal (number, INT32_MAX, &uid)
      || !parse_decimal (text + length + 1, INT32_MAX, &gid))
    return false;
  options->owned = true;
  options->uid = (uid_t) uid;
  options->gid = (gid_t) gid;
  return true;
}

static int
parse_flags (char **flags, struct untar_options *options)
{
  *options = (struct untar_options){ .max_bytes = UINT64_MAX, .max_entries = 10 * 1000 * 1000 };
  for (; *flags != NULL; flags++)
    if (strcmp (*flags, "--whiteouts=overlay") == 0)
      options->overlay = true;
    else if (strcmp (*flags, "--devices") == 0)
      options->devices = true;
    else if (strcmp (*flags, "--sync") == 0)
      options->sync = true;
    else if (strcmp (*flags, "--sparse") == 0)
      tar_reads_sparse = true;
    else if (strcmp (*flags, "--keep-kinds") == 0)
      options->keep_kinds = true;
    else if (take_view_flag (*flags))
      continue;
    else if (strncmp (*flags, "--owner=", 8) == 0)
      {
        if (!parse_owner (*flags + 8, options))
          return -1;
      }
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

/* "usr/." is "usr": `tar -c usr/.` writes such names. */
static void
strip_dots (char *path)
{
  size_t end = strlen (path);

  while (end > 1 && (path[end - 1] == '/' || (path[end - 1] == '.' && path[end - 2] == '/')))
    end--;
  path[end] = 0;
}

/* PATH as one of the root, when entries are below a folder of it. */
static int
put_below (char *path, struct failure *why)
{
  static char whole[TAR_PATH_MAX];

  if (*untar.below == 0)
    return 0;
  if (snprintf (whole, sizeof whole, "%s/%s", untar.below, path) >= (int) sizeof whole)
    return refuse (why, ENAMETOOLONG, "the name");
  strcpy (path, whole);
  return 0;
}

static int
make_entry (struct tar_entry *entry, struct failure *why)
{
  char name[NAME_MAX + 1];
  cleanup_close int parent = -1;

  if (entry->path[0] == '/' || has_dot_dot (entry->path))
    return refuse (why, 0, "the name leads outside");
  if (entry->type == TAR_LINK && has_dot_dot (entry->link))
    return refuse (why, 0, "link to %.200s leads outside", entry->link);
  strip_dots (entry->path);
  if (is_root (entry->path))
    return *untar.below == 0 ? set_root (entry, why) : 0;
  if (put_below (entry->path, why) != 0 || (entry->type == TAR_LINK && put_below (entry->link, why) != 0))
    return -1;
  if (untar.options.owned)
    {
      entry->uid = untar.options.uid;
      entry->gid = untar.options.gid;
    }
  if ((parent = open_parent_in_root (untar.root, entry->path, name)) < 0)
    return fail (why, "open the folder above");
  if (untar.options.overlay && is_whiteout (name))
    return make_whiteout (parent, name, why);
  if (entry->type == TAR_DIR)
    return make_folder (parent, name, entry, why);
  if (make_way (parent, name, false) != 0)
    return fail (why, "replace what is there");
  switch (entry->type)
    {
    case TAR_FILE: return make_file (parent, name, entry, why);
    case TAR_LINK: return make_hard_link (parent, name, entry, why);
    case TAR_SYMLINK: return make_symbolic_link (parent, name, entry, why);
    default: return make_special (parent, name, entry, why);
    }
}

static int
unpack_all (struct tar_entry *entry, struct failure *why)
{
  int got;

  while ((got = next_entry (entry, why)) > 0)
    {
      if (++untar.entries > untar.options.max_entries)
        return refuse (why, 0, "more than %llu entries", (unsigned long long) untar.options.max_entries);
      /* By what the header says, before anything is written or even skipped: a bomb is seen at its door. */
      if (entry->size > untar.options.max_bytes - untar.bytes)
        return refuse (why, 0, "more than %llu bytes", (unsigned long long) untar.options.max_bytes);
      untar.bytes += entry->size;
      if (make_entry (entry, why) != 0)
        return -1;
    }
  return got;
}

/* One line whatever the entry's name holds: it ends up on somebody's terminal. */
static int
complain (char *entry, const struct failure *why)
{
  char line[1024];
  int length = snprintf (line, sizeof line, "untar: %.300s%s%s%s%s", entry, *entry == 0 ? "" : ": ", why->message,
                         why->err == 0 ? "" : ": ", why->err == 0 ? "" : strerror (why->err));

  for (int i = 0; i < length && line[i] != 0; i++)
    if ((unsigned char) line[i] < ' ' || line[i] == 127)
      line[i] = '?';
  fprintf (stderr, "%s\n", line);
  return 1;
}

static int
open_target (const char *dir, struct failure *why)
{
  cleanup_close int folder = -1;

  untar.below = "";
  if (!has_view ())
    {
      untar.root = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      return untar.root < 0 ? fail (why, "%s", dir) : 0;
    }
  if ((untar.root = open_view (why)) < 0 || enter_view (why) != 0)
    return -1;
  /* Looked up again for every entry: below the root that leads astray nobody but its owner. */
  folder = open_in_root (untar.root, dir, O_PATH | O_DIRECTORY);
  untar.below = dir;
  return folder < 0 ? fail (why, "%s", dir) : 0;
}

int
run_untar (const char *dir, char **flags)
{
  static struct tar_entry entry;
  struct failure why = { 0 };

  if (parse_flags (flags, &untar.options) != 0)
    return fprintf (stderr, "untar: unknown flag\n"), 64;
  umask (0);
  if (open_target (dir, &why) != 0)
    return complain ("", &why);
  if (unpack_all (&entry, &why) != 0)
    return complain (entry.path, &why);
  if (drain_archive (&why) != 0)
    return complain ("", &why);
  set_folder_times ();
  if (untar.options.sync && syncfs (untar.root) != 0)
    return fprintf (stderr, "untar: sync: %s\n", strerror (errno)), 1;
  printf ("ok %llu %llu %llu\n", (unsigned long long) untar.entries, (unsigned long long) untar.bytes,
          (unsigned long long) untar.skipped);
  return 0;
}
