/*
 * layer_entry.c - writes tar entries: ustar headers, pax records where those are too small.
 *
 * POSIX.1-2017 pax, "ustar Interchange Format" and "pax Extended Header". No
 * record has anything that is not content: no names of users, no access times.
 */
#include "sys.h"
#include "layer_parts.h"

#include <stdarg.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define BLOCK 512
#define BUFFER (256 * 1024)
#define PAX_LIMIT (1024 * 1024)
#define OCTAL_7 07777777ULL
#define OCTAL_11 077777777777ULL

struct header
{
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
  char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};

static char buffer[BUFFER];
static size_t buffered;
static char pax[PAX_LIMIT];
static size_t pax_length;

static int
flush (struct failure *why)
{
  for (size_t done = 0; done < buffered;)
    {
      ssize_t wrote = write (STDOUT_FILENO, buffer + done, buffered - done);
      if (wrote < 0 && errno != EINTR)
        return fail (why, "write the archive");
      done += wrote < 0 ? 0 : (size_t) wrote;
    }
  buffered = 0;
  return 0;
}

static int
put (const void *data, size_t length, struct failure *why)
{
  for (const char *from = data; length > 0;)
    {
      size_t part = BUFFER - buffered < length ? BUFFER - buffered : length;
      memcpy (buffer + buffered, from, part);
      buffered += part;
      from += part;
      length -= part;
      if (buffered == BUFFER && flush (why) != 0)
        return -1;
    }
  return 0;
}

static int
pad (uint64_t size, struct failure *why)
{
  static const char zeros[BLOCK];
  return size % BLOCK == 0 ? 0 : put (zeros, BLOCK - size % BLOCK, why);
}

/* "LENGTH KEY=VALUE\n", LENGTH counting itself. */
static void
add_record (const char *key, const void *value, size_t length)
{
  size_t size = strlen (key) + length + 3, digits = 1;

  for (size_t limit = 10; size + digits >= limit; limit *= 10)
    digits++;
  if (pax_length + size + digits > PAX_LIMIT)
    return;
  pax_length += (size_t) sprintf (pax + pax_length, "%zu %s=", size + digits, key);
  memcpy (pax + pax_length, value, length);
  pax_length += length;
  pax[pax_length++] = '\n';
}

static void
add_number (const char *key, uint64_t value)
{
  char text[24];
  add_record (key, text, (size_t) sprintf (text, "%llu", (unsigned long long) value));
}

static bool
is_kept (const char *name)
{
  return strcmp (name, "security.capability") == 0 || strncmp (name, "user.", 5) == 0;
}

static void
add_xattrs (int fd)
{
  static char names[65536], value[65536];
  static char key[65600];
  ssize_t length = fd < 0 ? 0 : flistxattr (fd, names, sizeof names);

  for (char *name = names; name < names + length; name += strlen (name) + 1)
    {
      ssize_t size = is_kept (name) ? fgetxattr (fd, name, value, sizeof value) : -1;
      if (size < 0)
        continue;
      snprintf (key, sizeof key, "SCHILY.xattr.%s", name);
      add_record (key, value, (size_t) size);
    }
}

static void
octal (char *field, size_t width, uint64_t value)
{
  char text[32];
  snprintf (text, sizeof text, "%0*llo", (int) width - 1, (unsigned long long) value);
  memcpy (field, text, width - 1);
}

static void
seal (struct header *h)
{
  unsigned sum = 0;

  memcpy (h->magic, "ustar", 6);
  memcpy (h->version, "00", 2);
  memset (h->checksum, ' ', sizeof h->checksum);
  for (size_t i = 0; i < sizeof *h; i++)
    sum += ((unsigned char *) h)[i];
  snprintf (h->checksum, sizeof h->checksum, "%06o", sum);
  h->checksum[7] = ' ';
}

static void
copy_name (char *field, size_t width, const char *text)
{
  size_t length = strlen (text);
  memcpy (field, text, length < width ? length : width);
}

static int
put_pax (struct failure *why)
{
  struct header h = { .type = 'x' };

  if (pax_length == 0)
    return 0;
  copy_name (h.name, sizeof h.name, "PaxHeaders/x");
  octal (h.mode, sizeof h.mode, 0644);
  octal (h.uid, sizeof h.uid, 0);
  octal (h.gid, sizeof h.gid, 0);
  octal (h.size, sizeof h.size, pax_length);
  octal (h.mtime, sizeof h.mtime, 0);
  seal (&h);
  return put (&h, sizeof h, why) != 0 || put (pax, pax_length, why) != 0 ? -1 : pad (pax_length, why);
}

int
write_header (const char *path, const struct stat *st, char type, const char *link, int fd, struct failure *why)
{
  struct header h = { .type = type };
  char name[4200];
  uint64_t size = type == '0' ? (uint64_t) st->st_size : 0;
  int64_t time = layer.has_time ? layer.time : st->st_mtim.tv_sec < 0 ? 0 : st->st_mtim.tv_sec;

  snprintf (name, sizeof name, "%s%s", path, type == '5' ? "/" : "");
  pax_length = 0;
  if (strlen (name) > sizeof h.name)
    add_record ("path", name, strlen (name));
  if (link != NULL && strlen (link) > sizeof h.link)
    add_record ("linkpath", link, strlen (link));
  if (size > OCTAL_11)
    add_number ("size", size);
  if (st->st_uid > OCTAL_7)
    add_number ("uid", st->st_uid);
  if (st->st_gid > OCTAL_7)
    add_number ("gid", st->st_gid);
  add_xattrs (type == '1' ? -1 : fd);
  copy_name (h.name, sizeof h.name, name);
  copy_name (h.link, sizeof h.link, link == NULL ? "" : link);
  octal (h.mode, sizeof h.mode, st->st_mode & 07777);
  octal (h.uid, sizeof h.uid, st->st_uid > OCTAL_7 ? 0 : st->st_uid);
  octal (h.gid, sizeof h.gid, st->st_gid > OCTAL_7 ? 0 : st->st_gid);
  octal (h.size, sizeof h.size, size > OCTAL_11 ? 0 : size);
  octal (h.mtime, sizeof h.mtime, (uint64_t) time > OCTAL_11 ? OCTAL_11 : (uint64_t) time);
  if (type == '3' || type == '4')
    {
      octal (h.major, sizeof h.major, major (st->st_rdev));
      octal (h.minor, sizeof h.minor, minor (st->st_rdev));
    }
  seal (&h);
  layer.entries++;
  return put_pax (why) != 0 ? -1 : put (&h, sizeof h, why);
}

/* A file that is cut short meanwhile would shift all that follows: then there is no archive. */
int
write_content (int fd, uint64_t size, struct failure *why)
{
  static char piece[BUFFER];

  for (uint64_t left = size; left > 0;)
    {
      ssize_t got = read (fd, piece, left < sizeof piece ? (size_t) left : sizeof piece);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return got == 0 ? refuse (why, 0, "a file became shorter while it was read") : fail (why, "read");
      if (put (piece, (size_t) got, why) != 0)
        return -1;
      left -= (uint64_t) got;
    }
  layer.bytes += size;
  return pad (size, why);
}

int
write_end (struct failure *why)
{
  static const char zeros[2 * BLOCK];
  return put (zeros, sizeof zeros, why) != 0 ? -1 : flush (why);
}
