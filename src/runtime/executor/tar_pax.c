/*
 * tar_pax.c - records of an extended header. pax(1), "pax Extended Header".
 *
 * What speaks of something that is not read (sparse files) is refused, what
 * only describes (comment, atime) is passed over.
 */
#include "sys.h"
#include "number.h"
#include "tar.h"
#include "tar_parts.h"
#include "tree.h"

int
copy_text (char *to, const char *text, size_t length, struct failure *why)
{
  if (length >= TAR_PATH_MAX || memchr (text, 0, length) != NULL)
    return refuse (why, 0, "%.60s...: name is too long or holds a zero byte", text);
  memcpy (to, text, length);
  to[length] = 0;
  return 0;
}

static int
take_xattr (struct tar_entry *entry, const char *name, const char *value, size_t length, struct failure *why)
{
  /* trusted.* and the like would speak to overlayfs or the kernel in the image's name. */
  if (!is_kept_xattr (name))
    return 0;
  if (entry->xattr_count == TAR_XATTRS_MAX)
    return refuse (why, 0, "more than %d extended attributes", TAR_XATTRS_MAX);
  entry->xattrs[entry->xattr_count++] = (struct tar_xattr){ name, value, length };
  return 0;
}

static bool
parse_seconds (const char *value, int64_t *seconds)
{
  char whole[32];
  snprintf (whole, sizeof whole, "%.*s", (int) strcspn (value, "."), value);
  return parse_signed (whole, INT64_MIN / 2, INT64_MAX / 2, seconds);
}

bool tar_reads_sparse;

/* Version 1.0 only: its map stands in the data, where it can be read with bounds. */
static int
take_sparse (struct tar_entry *entry, struct overrides *set, const char *key, char *value, size_t length, struct failure *why)
{
  if (!tar_reads_sparse)
    return refuse (why, 0, "sparse files are not read");
  if (strcmp (key, "major") == 0 && strcmp (value, "1") == 0)
    return entry->sparse = true, 0;
  if (strcmp (key, "minor") == 0 && strcmp (value, "0") == 0)
    return 0;
  if (strcmp (key, "name") == 0)
    return set->path = true, copy_text (entry->path, value, length, why);
  if (strcmp (key, "realsize") == 0 && parse_decimal (value, INT64_MAX, &entry->real_size))
    return 0;
  return refuse (why, 0, "sparse file of another kind (%.32s %.32s)", key, value);
}

static int
take_record (struct tar_entry *entry, struct overrides *set, char *key, char *value, size_t length, struct failure *why)
{
  uint64_t number;

  if (strcmp (key, "path") == 0)
    return set->path = true, copy_text (entry->path, value, length, why);
  if (strcmp (key, "linkpath") == 0)
    return set->link = true, copy_text (entry->link, value, length, why);
  if (strncmp (key, "SCHILY.xattr.", 13) == 0)
    return take_xattr (entry, key + 13, value, length, why);
  if (strncmp (key, "GNU.sparse.", 11) == 0)
    return take_sparse (entry, set, key + 11, value, length, why);
  if (strcmp (key, "mtime") == 0)
    return set->mtime = parse_seconds (value, &entry->mtime), 0;
  if (strcmp (key, "size") != 0 && strcmp (key, "uid") != 0 && strcmp (key, "gid") != 0)
    return 0;
  if (!parse_decimal (value, key[0] == 's' ? INT64_MAX : UINT32_MAX - 1, &number))
    return refuse (why, 0, "%s %.32s in an extended header", key, value);
  if (key[0] == 's')
    set->size = true, entry->size = number;
  else if (key[0] == 'u')
    set->uid = true, entry->uid = (uid_t) number;
  else
    set->gid = true, entry->gid = (gid_t) number;
  return 0;
}

int
parse_extended (char *text, size_t length, struct tar_entry *entry, struct overrides *set, struct failure *why)
{
  char *end = text + length;

  while (text < end)
    {
      char *rest, *equals;
      unsigned long size = strtoul (text, &rest, 10);
      if (rest == text || *rest != ' ' || size > (size_t) (end - text) || size < (size_t) (rest - text) + 3
          || text[size - 1] != '\n' || (equals = memchr (rest, '=', text + size - rest)) == NULL)
        return refuse (why, 0, "extended header does not parse");
      *equals = 0;
      text[size - 1] = 0;
      if (take_record (entry, set, rest + 1, equals + 1, (size_t) (text + size - 1 - (equals + 1)), why) != 0)
        return -1;
      text += size;
    }
  return 0;
}
