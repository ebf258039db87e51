/* tar.c - headers: of an entry, and the extended ones that go before it. pax(1), tar(5). */
#include "sys.h"
#include "tar.h"
#include "tar_parts.h"

#define EXTENDED_MAX (1024 * 1024)
/* An entry has at most four (x, g, L, K); without a bound an archive of nothing else would never end. */
#define EXTENSIONS_MAX 16
/* The kernel's own bounds, linux/kdev_t.h: 12 and 20 bits. */
#define MAJOR_MAX 0xfff
#define MINOR_MAX 0xfffff

struct header
{
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2];
  char user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

/* Names have a place of their own: attributes of an `x` header before them still point into `extended`. */
static char extended[EXTENDED_MAX + 1], long_name[TAR_PATH_MAX + BLOCK];

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

/* Times may be negative: GNU writes those as two's complement behind a first byte of 0xff. */
static bool
parse_time (const char *field, size_t size, int64_t *seconds)
{
  uint64_t value = UINT64_MAX;

  if ((unsigned char) field[0] == 0xff)
    {
      for (size_t at = 1; at < size; at++)
        value = value << 8 | (unsigned char) field[at];
      *seconds = (int64_t) value;
      return *seconds < 0;
    }
  if (!parse_number (field, size, &value) || value > INT64_MAX / 2)
    return false;
  *seconds = (int64_t) value;
  return true;
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

/* The data of an extended header into TO, which has room for MAX bytes and a block more. */
static int
read_extended (char *to, uint64_t size, uint64_t max, struct failure *why)
{
  uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;

  if (size > max)
    return refuse (why, 0, "extended header of %llu bytes", (unsigned long long) size);
  if (take (to, padded) != padded)
    return refuse (why, 0, "the archive is cut short");
  if (to != NULL)
    to[size] = 0;
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
    default: return refuse (why, 0, "entry of type %c", type >= ' ' && type < 127 ? type : '?');
    }
  entry->size = 0;
  return 0;
}

static int
read_numbers (const struct header *header, struct tar_entry *entry, const struct overrides *set, struct failure *why)
{
  uint64_t size, uid, gid, mode, major = 0, minor = 0;
  int64_t mtime;

  if (!parse_number (header->size, sizeof header->size, &size) || !parse_number (header->uid, sizeof header->uid, &uid)
      || !parse_number (header->gid, sizeof header->gid, &gid) || !parse_number (header->mode, sizeof header->mode, &mode)
      || !parse_time (header->mtime, sizeof header->mtime, &mtime) || size > INT64_MAX || uid >= UINT32_MAX
      || gid >= UINT32_MAX)
    return refuse (why, 0, "numbers of the header");
  if (header->type == '3' || header->type == '4')
    if (!parse_number (header->major, sizeof header->major, &major) || !parse_number (header->minor, sizeof header->minor, &minor)
        || major > MAJOR_MAX || minor > MINOR_MAX)
      return refuse (why, 0, "device numbers of the header");
  entry->size = set->size ? entry->size : size;
  entry->uid = set->uid ? entry->uid : (uid_t) uid;
  entry->gid = set->gid ? entry->gid : (gid_t) gid;
  entry->mtime = set->mtime ? entry->mtime : mtime;
  entry->mode = (mode_t) (mode & 07777);
  entry->major = (unsigned) major;
  entry->minor = (unsigned) minor;
  return 0;
}

/* 1 for a header, 0 at the end: a block of zeros, without which nobody knows whether something is missing. */
static int
read_header (struct header *header, struct failure *why)
{
  if (take ((char *) header, BLOCK) < BLOCK)
    return !saw_bytes () ? refuse (why, 0, "it is empty") : refuse (why, 0, "the archive is cut short");
  if (is_zero (header))
    return 0;
  return check_sum (header) ? 1 : refuse (why, 0, "it is no tar archive (wrong checksum)");
}

/* L and K: the name, or what it links to, when it is longer than the header's 100 bytes. */
static int
take_long_name (char type, uint64_t size, struct tar_entry *entry, struct overrides *set, struct failure *why)
{
  if (read_extended (long_name, size, TAR_PATH_MAX, why) != 0)
    return -1;
  if (type == 'L')
    set->path = true;
  else
    set->link = true;
  return copy_text (type == 'L' ? entry->path : entry->link, long_name, strnlen (long_name, size), why);
}

/* x, g, L, K: 1 when the header was one of them and has been taken in. */
static int
take_extension (const struct header *header, struct tar_entry *entry, struct overrides *set, struct failure *why)
{
  uint64_t size;

  if (header->type == 0 || strchr ("xgLK", header->type) == NULL)
    return 0;
  if (!parse_number (header->size, sizeof header->size, &size))
    return refuse (why, 0, "size of an extended header");
  if (header->type == 'L' || header->type == 'K')
    return take_long_name (header->type, size, entry, set, why) != 0 ? -1 : 1;
  /* A comment or the like; what it sets for all entries is not used by image tools. */
  if (header->type == 'g')
    return read_extended (NULL, size, EXTENDED_MAX - BLOCK, why) != 0 ? -1 : 1;
  /* A second one overwrites the text that the first one's attributes point into. */
  entry->xattr_count = 0;
  if (read_extended (extended, size, EXTENDED_MAX - BLOCK, why) != 0)
    return -1;
  return parse_extended (extended, (size_t) size, entry, set, why) != 0 ? -1 : 1;
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
  entry->sparse = false;
  entry->real_size = 0;
  entry->path[0] = 0;
  for (int extensions = 0;; extensions++)
    {
      int extension;
      if (extensions > EXTENSIONS_MAX)
        return refuse (why, 0, "more than %d extended headers for one entry", EXTENSIONS_MAX);
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
  begin_data (entry->type == TAR_FILE ? entry->size : 0);
  return 1;
}
