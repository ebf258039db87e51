/*
 * idmap.c - option `owner=UID:GID` of a bind.
 *
 * Actor: child, root, before pivot: the host's /proc is still there. A user
 * namespace that nobody lives in carries the map: on disk OWNER, seen as the
 * container's user; every other id is itself. The two ids that change places
 * would meet someone else's files (root's, as a rule): the displaced id is left
 * out, so such files can be read by their mode and not be made or taken.
 * mount_setattr(2), MOUNT_ATTR_IDMAP.
 */
#include "sys.h"
#include "idmap.h"
#include "number.h"
#include "process.h"

#include <sys/wait.h>

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif

/* uid_map wants the id on disk first, the id that is seen second. */
static void
write_map (char *text, unsigned disk, unsigned seen)
{
  unsigned low = disk < seen ? disk : seen, high = disk < seen ? seen : disk;

  text += sprintf (text, "%u %u 1\n", disk, seen);
  if (low > 0)
    text += sprintf (text, "0 0 %u\n", low);
  if (high - low > 1)
    text += sprintf (text, "%u %u %u\n", low + 1, low + 1, high - low - 1);
  sprintf (text, "%u %u %u\n", high + 1, high + 1, UINT32_MAX - high - 1);
}

/* A process in a new user namespace, which waits until HOLD closes; PROC is its folder in the host's /proc. */
static pid_t
start_holder (int *hold, char *proc, size_t size)
{
  int ready[2], held[2];
  ssize_t length;
  pid_t pid;

  if (pipe2 (ready, O_CLOEXEC) != 0 || pipe2 (held, O_CLOEXEC) != 0 || (pid = fork ()) < 0)
    return -1;
  if (pid == 0)
    {
      char self[64], byte;
      /* Our own number in the pid namespace of the host's /proc, which is not the one we live in. */
      ssize_t got = readlink ("/proc/self", self, sizeof self);
      close (held[1]);
      if (unshare (CLONE_NEWUSER) != 0 || got < 0 || write (ready[1], self, (size_t) got) != got)
        _exit (1);
      _exit (read (held[0], &byte, 1) == 0 ? 0 : 1);
    }
  close (ready[1]);
  close (held[0]);
  *hold = held[1];
  length = read (ready[0], proc, size - 1);
  close (ready[0]);
  proc[length < 0 ? 0 : length] = 0;
  if (length > 0)
    return pid;
  errno = EPERM;
  return -1;
}

static int
make_namespace (unsigned disk_uid, unsigned disk_gid, const struct child *c, struct failure *why)
{
  cleanup_close int hold = -1;
  char number[64], path[128], map[256];
  pid_t pid = start_holder (&hold, number, sizeof number);
  int fd = -1;

  if (pid < 0)
    return fail (why, "make a user namespace for the owner of a bind");
  snprintf (path, sizeof path, "/proc/%s/uid_map", number);
  write_map (map, disk_uid, c->user.uid);
  if (write_file (path, map, why) == 0)
    {
      snprintf (path, sizeof path, "/proc/%s/gid_map", number);
      write_map (map, disk_gid, c->user.gid);
      if (write_file (path, map, why) == 0)
        {
          snprintf (path, sizeof path, "/proc/%s/ns/user", number);
          if ((fd = open (path, O_RDONLY | O_CLOEXEC)) < 0)
            fail (why, "open %s", path);
        }
    }
  close_fd (&hold);
  hold = -1;
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    ;
  return fd;
}

static int
parse_owner (const char *options, uint64_t *uid, uint64_t *gid)
{
  const char *text = strstr (options, "owner=");
  char number[16];
  size_t length;

  if (text == NULL)
    return 0;
  text += 6;
  length = strcspn (text, ":");
  if (length >= sizeof number || text[length] != ':')
    return -1;
  snprintf (number, sizeof number, "%.*s", (int) length, text);
  text += length + 1;
  if (!parse_decimal (number, INT32_MAX, uid) || (length = strcspn (text, ",")) >= sizeof number)
    return -1;
  snprintf (number, sizeof number, "%.*s", (int) length, text);
  return parse_decimal (number, INT32_MAX, gid) ? 1 : -1;
}

int
map_owner (struct child *c, int mount, const char *options, struct failure *why)
{
  struct mount_attributes attributes = { .set = MOUNT_ATTR_IDMAP };
  struct op *user = find_op (c->program, OP_USER, NULL);
  cleanup_close int namespace = -1;
  uint64_t uid, gid;
  int given = parse_owner (options, &uid, &gid);

  if (given <= 0)
    return given == 0 ? 0 : refuse (why, EINVAL, "options %s of a bind", options);
  if (user != NULL && resolve_user (c, user, why) != 0)
    return -1;
  if (uid == c->user.uid && gid == c->user.gid)
    return 0;
  if ((namespace = make_namespace ((unsigned) uid, (unsigned) gid, c, why)) < 0)
    return -1;
  attributes.userns_fd = (uint64_t) namespace;
  if (sys_mount_setattr (mount, AT_RECURSIVE, &attributes) != 0)
    return fail (why, "give the files of a bind another owner");
  return 0;
}
