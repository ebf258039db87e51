/* tar.c - the stream, its headers, and the extended headers that go before them. pax(1), tar(5). */
#include "sys.h"
#include "number.h"
#include "tar.h"

#define BLOCK 512
#define EXTENDED_MAX (1024 * 1024)

struct header
{
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2];
  char user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

static char buffer[1 << 20], extended[EXTENDED_MAX + 1];
static size_t buffer_start, buffer_end;
static uint64_t data_left, padding_left, total;

/* At least one byte in the buffer; false at the end of stdin. */
static bool
fill (void)
{
  ssize_t got;

  if (buffer_start < buffer_end)
    return true;
  do
    got = read (STDIN_FILENO, buffer, sizeof buffer);
  while (got < 0 && errno == EINTR);
  if (got <= 0)
    return false;
  buffer_start = 0;
  buffer_end = (size_t) got;
  total += (uint64_t) got;
  return true;
}

/* Exactly LENGTH bytes into TO (NULL: nowhere). Returns how many there were. */
static uint64_t
take (char *to, uint64_t length)
{
  uint64_t done = 0;

  while (done < length && fill ())
    {
      size_t part = buffer_end - buffer_start;
      if (part > length - done)
        part = (size_t) (length - done);
      if (to != NULL)
        memcpy (to + done, buffer + buffer_start, part);
      buffer_start += part;
      done += part;
    }
  return done;
}

bool
saw_archive (void)
{
  return total > 0;
}

void
drain_archive (void)
{
  while (fill ())
    buffer_start = buffer_end;
}

/* Octal digits, or (GNU) a big-endian number behind a first byte of 0x80. */
static bool
parse_number (const char *field, size_t size, uint64_t *value)
{
  size_t at = 0;

  *value = 0;
  if ((field[0] & 0x80) != 0)
    {
      if ((unsigned char) field[0] != 0x80)
        return false; /* negative, or too large for anybody */
      for (at = 1; at < size; at++)
        {
          if (*value >> 55 != 0)
            return false;
          *value = *value << 8 | (unsigned char) field[at];
        }
      return true;
    }
  while (at < size && field[at] == ' ')
    at++;
  for (; at < size && field[at] >= '0' && field[at] <= '7'; at++)
    *value = *value << 3 | (unsigned) (field[at] - '0');
  return at == size || field[at] == 0 || field[at] == ' ';
}

static bool
check_sum (const struct header *header)
{
  const unsigned char *bytes = (const unsigned char *) header;
  size_t field = offsetof (struct header, checksum);
  uint64_t wanted, sum = 0;

  for (size_t i = 0; i < BLOCK; i++)
    sum += i >= field && i < field + sizeof header->checksum ? ' ' : bytes[i];
  return parse_number (header->checksum, sizeof header->checksum, &wanted) && wanted == sum;
}

static bool
is_zero (const struct header *header)
{
  const char *bytes = (const char *) header;
  for (size_t i = 0; i < BLOCK; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}

static int
copy_text (char *to, const char *text, size_t length, struct failure *why)
{
  if (length >= TAR_PATH_MAX || memchr (text, 0, length) != NULL)
    return refuse (why, ENAMETOOLONG, "%.60s...: name is too long or holds a zero byte", text);
  memcpy (to, text, length);
  to[length] = 0;
  return 0;
}

/* What came before an entry and overrides its header. */
struct overrides { bool path, link, size, uid, gid, mtime; };

static int
take_xattr (struct tar_entry *entry, const char *name, const char *value, size_t length, struct failure *why)
{
  /* trusted.* and the like would speak to overlayfs or the kernel in the image's name. */
  if (strcmp (name, "security.capability") != 0 && strncmp (name, "user.", 5) != 0)
    return 0;
  if (entry->xattr_count == TAR_XATTRS_MAX)
    return refuse (why, E2BIG, "more than %d extended attributes", TAR_XATTRS_MAX);
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
    return refuse (why, ENOTSUP, "sparse files are not read");
  if (strcmp (key, "mtime") == 0)
    return set->mtime = parse_seconds (value, &entry->mtime), 0;
  if (strcmp (key, "size") != 0 && strcmp (key, "uid") != 0 && strcmp (key, "gid") != 0)
    return 0;
  if (!parse_decimal (value, key[0] == 's' ? INT64_MAX : UINT32_MAX - 1, &number))
    return refuse (why, EINVAL, "%s %.32s in an extended header", key, value);
  if (key[0] == 's')
    set->size = true, entry->size = number;
  else if (key[0] == 'u')
    set->uid = true, entry->uid = (uid_t) number;
  else
    set->gid = true, entry->gid = (gid_t) number;
  return 0;
}

/* Records "LENGTH KEY=VALUE\n"; made NUL-terminated in place. */
static int
parse_extended (char *text, size_t length, struct tar_entry *entry, struct overrides *set, struct failure *why)
{
  char *end = text + length;

  while (text < end)
    {
      char *rest, *equals;
      unsigned long size = strtoul (text, &rest, 10);
      if (rest == text || *rest != ' ' || size > (size_t) (end - text) || size < (size_t) (rest - text) + 3
          || text[size - 1] != '\n' || (equals = memchr (rest, '=', text + size - rest)) == NULL)
        return refuse (why, EINVAL, "extended header does not parse");
      *equals = 0;
      text[size - 1] = 0;
      if (take_record (entry, set, rest + 1, equals + 1, (size_t) (text + size - 1 - (equals + 1)), why) != 0)
        return -1;
      text += size;
    }
  return 0;
}

static int
read_extended (uint64_t size, struct failure *why)
{
  uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;

  if (size > EXTENDED_MAX - BLOCK)
    return refuse (why, EFBIG, "extended header of %llu bytes", (unsigned long long) size);
  if (take (extended, padded) != padded)
    return refuse (why, EPIPE, "the archive is cut short");
  extended[size] = 0;
  return 0;
}

static int
read_names (const struct header *header, struct tar_entry *entry, const struct overrides *set, struct failure *why)
{
  size_t name = strnlen (header->name, sizeof header->name), link = strnlen (header->link, sizeof header->link);
  size_t prefix = memcmp (header->magic, "ustar", 6) == 0 ? strnlen (header->prefix, sizeof header->prefix) : 0;

  if (!set->link && copy_text (entry->link, header->link, link, why) != 0)
    return -1;
  if (!set->path)
    snprintf (entry->path, sizeof entry->path, "%.*s%s%.*s", (int) prefix, header->prefix, prefix > 0 ? "/" : "",
              (int) name, header->name);
  return 0;
}

static int
read_type (char type, struct tar_entry *entry, struct failure *why)
{
  size_t length = strlen (entry->path);

  switch (type)
    {
    case 0: case '0': case '7':
      /* Before POSIX a folder was a file with a slash at its end. */
      entry->type = length > 0 && entry->path[length - 1] == '/' ? TAR_DIR : TAR_FILE;
      return 0;
    case '1': entry->type = TAR_LINK; break;
    case '2': entry->type = TAR_SYMLINK; break;
    case '3': entry->type = TAR_CHAR; break;
    case '4': entry->type = TAR_BLOCK; break;
    case '5': entry->type = TAR_DIR; break;
    case '6': entry->type = TAR_FIFO; break;
    default: return refuse (why, ENOTSUP, "entry of type %c", type >= ' ' && type < 127 ? type : '?');
    }
  entry->size = 0;
  return 0;
}

static int
read_numbers (const struct header *header, struct tar_entry *entry, const struct overrides *set, struct failure *why)
{
  uint64_t size, uid, gid, mode, mtime, major = 0, minor = 0;

  if (!parse_number (header->size, sizeof header->size, &size) || !parse_number (header->uid, sizeof header->uid, &uid)
      || !parse_number (header->gid, sizeof header->gid, &gid) || !parse_number (header->mode, sizeof header->mode, &mode)
      || !parse_number (header->mtime, sizeof header->mtime, &mtime) || size > INT64_MAX || uid >= UINT32_MAX
      || gid >= UINT32_MAX)
    return refuse (why, EINVAL, "numbers of the header");
  if (header->type == '3' || header->type == '4')
    if (!parse_number (header->major, sizeof header->major, &major) || !parse_number (header->minor, sizeof header->minor, &minor))
      return refuse (why, EINVAL, "device numbers of the header");
  entry->size = set->size ? entry->size : size;
  entry->uid = set->uid ? entry->uid : (uid_t) uid;
  entry->gid = set->gid ? entry->gid : (gid_t) gid;
  entry->mtime = set->mtime ? entry->mtime : (int64_t) (mtime > INT64_MAX / 2 ? 0 : mtime);
  entry->mode = (mode_t) (mode & 07777);
  entry->major = (unsigned) major;
  entry->minor = (unsigned) minor;
  return 0;
}

/* 1 for a header, 0 at the end. */
static int
read_header (struct header *header, struct failure *why)
{
  uint64_t got = take ((char *) header, BLOCK);

  if (got == 0)
    return 0;
  if (got < BLOCK)
    return refuse (why, EPIPE, "the archive is cut short");
  if (is_zero (header))
    return 0;
  return check_sum (header) ? 1 : refuse (why, EINVAL, "it is no tar archive (wrong checksum)");
}

static int
skip_data (struct failure *why)
{
  uint64_t left = data_left + padding_left;

  data_left = padding_left = 0;
  return take (NULL, left) == left ? 0 : refuse (why, EPIPE, "the archive is cut short");
}

/* x, g, L, K: 1 when the header was one of them and has been taken in. */
static int
take_extension (const struct header *header, struct tar_entry *entry, struct overrides *set, struct failure *why)
{
  uint64_t size;

  if (header->type == 0 || strchr ("xgLK", header->type) == NULL)
    return 0;
  if (!parse_number (header->size, sizeof header->size, &size) || read_extended (size, why) != 0)
    return size > EXTENDED_MAX ? refuse (why, EFBIG, "extended header") : -1;
  if (header->type == 'x')
    return parse_extended (extended, (size_t) size, entry, set, why) != 0 ? -1 : 1;
  if (header->type == 'g')
    return 1; /* a comment or the like; what it sets for all entries is not used by image tools */
  if (header->type == 'L')
    set->path = true;
  else
    set->link = true;
  return copy_text (header->type == 'L' ? entry->path : entry->link, extended, strnlen (extended, size), why) != 0 ? -1 : 1;
}

int
next_entry (struct tar_entry *entry, struct failure *why)
{
  struct overrides set = { 0 };
  struct header header;
  int got;

  if (skip_data (why) != 0)
    return -1;
  entry->xattr_count = 0;
  entry->path[0] = 0;
  for (;;)
    {
      int extension;
      if ((got = read_header (&header, why)) <= 0)
        return got;
      if ((extension = take_extension (&header, entry, &set, why)) < 0)
        return -1;
      if (extension == 0)
        break;
    }
  if (read_names (&header, entry, &set, why) != 0 || read_numbers (&header, entry, &set, why) != 0
      || read_type (header.type, entry, why) != 0)
    return -1;
  data_left = entry->type == TAR_FILE ? entry->size : 0;
  padding_left = (BLOCK - data_left % BLOCK) % BLOCK;
  return 1;
}

ssize_t
read_data (const void **data, struct failure *why)
{
  size_t part;

  if (data_left == 0)
    return 0;
  if (!fill ())
    return refuse (why, EPIPE, "the archive is cut short");
  part = buffer_end - buffer_start;
  if (part > data_left)
    part = (size_t) data_left;
  *data = buffer + buffer_start;
  buffer_start += part;
  data_left -= part;
  return (ssize_t) part;
}
