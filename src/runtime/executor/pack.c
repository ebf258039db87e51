/*
 * pack.c - berth-executor pack PATH [--name=NAME] [--follow] and the flags of view.h
 *
 * Everything is opened by descriptor below the root, the last component never
 * through a link (unless --follow says so of PATH itself). A file is looked at
 * before it is opened for reading, through the very descriptor that was looked
 * at: neither a link nor a device can be put in its place in between.
 */
#include "sys.h"
#include "inodes.h"
#include "pack.h"
#include "pack_parts.h"
#include "path.h"
#include "view.h"

#include <dirent.h>
#include <limits.h>

#define DEPTH_MAX 1000
#define NAME_SIZE 4096

static char name[NAME_SIZE];

static int pack_item (int parent, const char *item, int depth, struct failure *why);

/* The same file, to be read. */
static int
reopen (int fd, int flags)
{
  char place[64];
  snprintf (place, sizeof place, "/proc/self/fd/%d", fd);
  return open (place, flags | O_CLOEXEC);
}

/* LENGTH bytes; what the file no longer has is zeros, since the header has promised them. */
static int
emit_data (int fd, uint64_t length, struct failure *why)
{
  static char buffer[128 * 1024];

  while (length > 0)
    {
      size_t wanted = length < sizeof buffer ? (size_t) length : sizeof buffer;
      ssize_t got = read (fd, buffer, wanted);
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return fail (why, "read %.200s", name);
      if (got == 0)
        {
          memset (buffer, 0, wanted);
          got = (ssize_t) wanted;
        }
      if (emit (buffer, (size_t) got, why) != 0)
        return -1;
      length -= (uint64_t) got;
    }
  return 0;
}

static int
pack_sparse (int fd, const struct stat *st, const struct sparse_map *map, struct failure *why)
{
  static char text[SEGMENTS_MAX * 42 + 1024];
  size_t length = write_map_text (map, text, sizeof text);
  uint64_t size = length + (uint64_t) map->data;
  struct pack_header header = { .path = name, .st = st, .type = '0', .size = size, .fd = fd, .map = map };

  if (emit_header (&header, why) != 0 || emit (text, length, why) != 0)
    return -1;
  for (int i = 0; i < map->count; i++)
    {
      const struct segment *segment = &map->segments[i];
      if (segment->length > 0 && lseek (fd, segment->at, SEEK_SET) < 0)
        return fail (why, "read %.200s", name);
      if (emit_data (fd, (uint64_t) segment->length, why) != 0)
        return -1;
    }
  return emit_padding (size, why);
}

static int
pack_file (int place, const struct stat *st, struct failure *why)
{
  static struct sparse_map map;
  const char *first = st->st_nlink > 1 ? met_before (st, name) : NULL;
  cleanup_close int fd = -1;
  struct pack_header header = { .path = name, .link = first, .st = st, .type = first == NULL ? '0' : '1', .fd = -1 };

  if (first != NULL)
    return emit_header (&header, why);
  if ((fd = reopen (place, O_RDONLY | O_NONBLOCK)) < 0)
    return fail (why, "open %.200s", name);
  map_holes (fd, st, &map);
  if (map.count >= 0)
    return pack_sparse (fd, st, &map, why);
  header.size = (uint64_t) st->st_size;
  header.fd = fd;
  if (lseek (fd, 0, SEEK_SET) < 0 || emit_header (&header, why) != 0 || emit_data (fd, header.size, why) != 0)
    return why->message[0] == 0 ? fail (why, "read %.200s", name) : -1;
  return emit_padding (header.size, why);
}

static int
pack_link (int place, const struct stat *st, struct failure *why)
{
  static char target[PATH_MAX];
  ssize_t length = readlinkat (place, "", target, sizeof target - 1);
  struct pack_header header = { .path = name, .link = target, .st = st, .type = '2', .fd = -1 };

  if (length < 0)
    return fail (why, "read the link %.200s", name);
  target[length] = 0;
  return emit_header (&header, why);
}

static int
pack_below (int fd, int depth, struct failure *why)
{
  int listed = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = listed < 0 ? NULL : fdopendir (listed);
  size_t end = strlen (name);
  struct dirent *item;
  int result = 0;

  if (dir == NULL || depth > DEPTH_MAX)
    {
      close_fd (&listed);
      return dir == NULL ? fail (why, "list %.200s", name) : refuse (why, ELOOP, "%.200s lies too deep", name);
    }
  while (result == 0 && (item = readdir (dir)) != NULL)
    {
      if (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0)
        continue;
      if (end + strlen (item->d_name) + 2 > sizeof name)
        result = refuse (why, ENAMETOOLONG, "%.200s", name);
      else
        {
          strcpy (name + end, item->d_name);
          result = pack_item (fd, item->d_name, depth + 1, why);
          name[end] = 0;
        }
    }
  closedir (dir);
  return result;
}

static int
pack_folder (int place, const struct stat *st, int depth, struct failure *why)
{
  cleanup_close int fd = reopen (place, O_RDONLY | O_DIRECTORY);
  size_t end = strlen (name);
  struct pack_header header = { .path = name, .st = st, .type = '5', .fd = fd };
  int result;

  if (fd < 0)
    return fail (why, "open %.200s", name);
  if (end + 2 > sizeof name)
    return refuse (why, ENAMETOOLONG, "%.200s", name);
  strcpy (name + end, "/");
  result = emit_header (&header, why) != 0 ? -1 : pack_below (fd, depth, why);
  name[end] = 0;
  return result;
}

static int
pack_place (int place, int depth, struct failure *why)
{
  struct pack_header header = { .path = name, .fd = -1 };
  struct stat st;

  if (fstat (place, &st) != 0)
    return fail (why, "look at %.200s", name);
  header.st = &st;
  switch (st.st_mode & S_IFMT)
    {
    case S_IFDIR: return pack_folder (place, &st, depth, why);
    case S_IFREG: return pack_file (place, &st, why);
    case S_IFLNK: return pack_link (place, &st, why);
    case S_IFSOCK: return 0; /* of no use to anybody else */
    case S_IFIFO: header.type = '6'; break;
    case S_IFCHR: header.type = '3'; break;
    default: header.type = '4'; break;
    }
  return emit_header (&header, why);
}

static int
pack_item (int parent, const char *item, int depth, struct failure *why)
{
  cleanup_close int place = openat (parent, item, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  /* It went away while we were on our way to it. */
  if (place < 0 && errno == ENOENT)
    return 0;
  return place < 0 ? fail (why, "open %.200s", name) : pack_place (place, depth, why);
}

static int
complain (const struct failure *why)
{
  fprintf (stderr, "pack: %s%s%s\n", why->message, why->err == 0 ? "" : ": ", why->err == 0 ? "" : strerror (why->err));
  return 1;
}

int
run_pack (const char *path, char **flags)
{
  struct failure why = { 0 };
  int follow = O_NOFOLLOW;
  cleanup_close int root = -1;
  cleanup_close int place = -1;

  strcpy (name, ".");
  for (; *flags != NULL; flags++)
    if (strcmp (*flags, "--follow") == 0)
      follow = 0;
    else if (strncmp (*flags, "--name=", 7) == 0 && strlen (*flags + 7) < sizeof name / 2)
      strcpy (name, *flags + 7);
    else if (!take_view_flag (*flags))
      return fprintf (stderr, "pack: unknown flag\n"), 64;
  if (!has_view () || (root = open_view (&why)) < 0)
    return complain (&why);
  if ((place = open_in_root (root, path, O_PATH | follow)) < 0)
    {
      fail (&why, "%.300s", path);
      return complain (&why);
    }
  if (pack_place (place, 0, &why) != 0 || emit_end (&why) != 0)
    return complain (&why);
  return 0;
}
