/*
 * pack_header.c - headers of a tar stream: ustar, with pax records for what does not fit. pax(1), tar(5).
 */
#include "sys.h"
#include "pack_parts.h"
#include "tree.h"

#include <inttypes.h>
#include <limits.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define RECORDS_MAX (1024 * 1024)
#define OCTAL_SIZE_MAX 077777777777ULL
#define OCTAL_ID_MAX 07777777U

struct ustar
{
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2];
  char user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

static char records[RECORDS_MAX];
static size_t used;
static char output[256 * 1024];
static size_t pending;

int
flush_output (struct failure *why)
{
  size_t done = 0;

  while (done < pending)
    {
      ssize_t wrote = write (STDOUT_FILENO, output + done, pending - done);
      if (wrote < 0 && errno != EINTR)
        return fail (why, "write the archive");
      done += wrote < 0 ? 0 : (size_t) wrote;
    }
  pending = 0;
  return 0;
}

int
emit (const void *data, size_t length, struct failure *why)
{
  const char *from = data;

  while (length > 0)
    {
      size_t part = sizeof output - pending < length ? sizeof output - pending : length;
      memcpy (output + pending, from, part);
      pending += part;
      from += part;
      length -= part;
      if (pending == sizeof output && flush_output (why) != 0)
        return -1;
    }
  return 0;
}

int
emit_padding (uint64_t length, struct failure *why)
{
  static const char zeros[PACK_BLOCK];
  size_t rest = (size_t) (length % PACK_BLOCK);
  return rest == 0 ? 0 : emit (zeros, PACK_BLOCK - rest, why);
}

/* "LENGTH KEY=VALUE\n", LENGTH counting itself. False when there is no room. */
static bool
add_record (const char *key, const char *value, size_t length)
{
  size_t rest = strlen (key) + length + 3, total = rest + 1;
  char digits[24];

  while (total != rest + (size_t) snprintf (digits, sizeof digits, "%zu", total))
    total = rest + strlen (digits);
  if (total > sizeof records - used)
    return false;
  used += (size_t) sprintf (records + used, "%s %s=", digits, key);
  memcpy (records + used, value, length);
  used += length;
  records[used++] = '\n';
  return true;
}

static bool
add_number (const char *key, uint64_t value)
{
  char text[24];
  snprintf (text, sizeof text, "%" PRIu64, value);
  return add_record (key, text, strlen (text));
}

static bool
add_xattrs (int fd)
{
  static char names[65536], value[65536];
  ssize_t length = fd < 0 ? 0 : flistxattr (fd, names, sizeof names);

  for (char *name = names; length > 0 && name < names + length; name += strlen (name) + 1)
    {
      char key[300];
      ssize_t size = is_kept_xattr (name) && strchr (name, '=') == NULL ? fgetxattr (fd, name, value, sizeof value) : -1;
      snprintf (key, sizeof key, "SCHILY.xattr.%s", name);
      if (size >= 0 && !add_record (key, value, (size_t) size))
        return false;
    }
  return true;
}

static bool
add_sparse (const struct pack_header *h)
{
  return h->map == NULL
         || (add_record ("GNU.sparse.major", "1", 1) && add_record ("GNU.sparse.minor", "0", 1)
             && add_record ("GNU.sparse.name", h->path, strlen (h->path))
             && add_number ("GNU.sparse.realsize", (uint64_t) h->st->st_size));
}

static bool
collect_records (const struct pack_header *h)
{
  const struct stat *st = h->st;
  char mtime[32];

  used = 0;
  snprintf (mtime, sizeof mtime, "%" PRId64, (int64_t) st->st_mtime);
  return (h->map != NULL || strlen (h->path) <= 100 || add_record ("path", h->path, strlen (h->path)))
         && (h->link == NULL || strlen (h->link) <= 100 || add_record ("linkpath", h->link, strlen (h->link)))
         && (h->size <= OCTAL_SIZE_MAX || add_number ("size", h->size))
         && (st->st_uid <= OCTAL_ID_MAX || add_number ("uid", st->st_uid))
         && (st->st_gid <= OCTAL_ID_MAX || add_number ("gid", st->st_gid))
         && (st->st_mtime >= 0 || add_record ("mtime", mtime, strlen (mtime))) && add_sparse (h)
         && add_xattrs (h->fd);
}

static void
put_octal (char *field, size_t size, uint64_t value)
{
  char digits[32];
  snprintf (digits, sizeof digits, "%0*" PRIo64, (int) size - 1, value);
  memcpy (field, digits + strlen (digits) - (size - 1), size - 1);
}

static void
fill_ustar (struct ustar *u, const struct pack_header *h, char type, uint64_t size)
{
  const struct stat *st = h->st;
  unsigned sum = 0;

  memset (u, 0, sizeof *u);
  strncpy (u->name, h->path, sizeof u->name);
  if (h->link != NULL && type != 'x')
    strncpy (u->link, h->link, sizeof u->link);
  put_octal (u->mode, sizeof u->mode, st->st_mode & 07777);
  put_octal (u->uid, sizeof u->uid, st->st_uid <= OCTAL_ID_MAX ? st->st_uid : 0);
  put_octal (u->gid, sizeof u->gid, st->st_gid <= OCTAL_ID_MAX ? st->st_gid : 0);
  put_octal (u->size, sizeof u->size, size <= OCTAL_SIZE_MAX ? size : 0);
  put_octal (u->mtime, sizeof u->mtime, st->st_mtime < 0 ? 0 : (uint64_t) st->st_mtime);
  memcpy (u->magic, "ustar", 6);
  memcpy (u->version, "00", 2);
  if (type == '3' || type == '4')
    {
      put_octal (u->major, sizeof u->major, major (st->st_rdev));
      put_octal (u->minor, sizeof u->minor, minor (st->st_rdev));
    }
  u->type = type;
  memset (u->checksum, ' ', sizeof u->checksum);
  for (size_t i = 0; i < PACK_BLOCK; i++)
    sum += ((unsigned char *) u)[i];
  snprintf (u->checksum, sizeof u->checksum, "%06o", sum);
}

int
emit_header (const struct pack_header *header, struct failure *why)
{
  struct ustar ustar;

  if (!collect_records (header))
    return refuse (why, E2BIG, "%.200s: more attributes than an archive holds", header->path);
  if (used > 0)
    {
      fill_ustar (&ustar, header, 'x', used);
      if (emit (&ustar, sizeof ustar, why) != 0 || emit (records, used, why) != 0 || emit_padding (used, why) != 0)
        return -1;
    }
  fill_ustar (&ustar, header, header->type, header->size);
  return emit (&ustar, sizeof ustar, why);
}

int
emit_end (struct failure *why)
{
  static const char zeros[2 * PACK_BLOCK];
  return emit (zeros, sizeof zeros, why) != 0 || flush_output (why) != 0 ? -1 : 0;
}
