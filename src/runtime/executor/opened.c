/*
 * opened.c - berth-executor opened STATEDIR TARGET...
 *
 * Actor: root on the host, beside the engine; the container knows nothing of
 * it. Takes a copy of the fanotify group that the container's monitor holds
 * (op_note_opens.c), and prints what the kernel has noted since the start and
 * notes from now on, until its stdin ends or the container does. It sleeps
 * while the container opens nothing.
 *
 * stdout: `KIND N` NUL PATH NUL EXTRA NUL, where PATH is below the N-th TARGET:
 * o opened, w written to (each once for a path), c closed after writing, every
 * time, EXTRA: its inode and modification time in ns; `!`: notes were lost.
 */
#include "sys.h"
#include "opened.h"
#include "path.h"
#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sys/fanotify.h>

#define MAX_TARGETS 256
#define GROUP_LINK "anon_inode:[fanotify]"
/* A power of two; half of it is used at most. */
#define SEEN_SIZE (1u << 17)

static struct { char *path; size_t length; } targets[MAX_TARGETS];
static int target_count;

static uint64_t seen[SEEN_SIZE];
static unsigned seen_count;

/* Whether a note of this KIND and PATH was told before; past the bound nothing new is. */
static bool
is_told (char kind, const char *path)
{
  uint64_t hash = 1469598103934665603u ^ (unsigned char) kind;
  unsigned at;

  for (; *path != 0; path++)
    hash = (hash ^ (unsigned char) *path) * 1099511628211u;
  hash |= hash == 0;
  for (at = (unsigned) (hash >> 32) % SEEN_SIZE; seen[at] != 0; at = (at + 1) % SEEN_SIZE)
    if (seen[at] == hash)
      return true;
  if (seen_count >= SEEN_SIZE / 2)
    return true;
  seen[at] = hash;
  seen_count++;
  return false;
}

static void
tell (char kind, int target, const char *path, const char *extra)
{
  printf ("%c %d%c%s%c%s%c", kind, target, 0, path, 0, extra, 0);
}

/* PATH of the container as one below a target, the innermost; -1 when it is below none. */
static int
find_target (const char *path, const char **inside)
{
  int found = -1;

  for (int i = 0; i < target_count; i++)
    {
      size_t length = targets[i].length;
      if (strncmp (path, targets[i].path, length) != 0 || (path[length] != '/' && path[length] != 0))
        continue;
      if (found >= 0 && targets[found].length >= length)
        continue;
      found = i;
      *inside = path + length + (path[length] == '/');
    }
  return found;
}

static bool
read_own_link (int fd, char *path)
{
  char place[64];
  ssize_t length;

  snprintf (place, sizeof place, "/proc/self/fd/%d", fd);
  length = readlink (place, path, PATH_MAX - 1);
  if (length < 0)
    return false;
  path[length] = 0;
  return true;
}

static void
tell_closed (int target, const char *inside, const struct stat *st)
{
  char extra[64];
  uint64_t mtime = (uint64_t) st->st_mtim.tv_sec * 1000000000 + (uint64_t) st->st_mtim.tv_nsec;

  snprintf (extra, sizeof extra, "%" PRIu64 " %" PRIu64, (uint64_t) st->st_ino, mtime);
  tell ('c', target, inside, extra);
}

static void
take_note (const struct fanotify_event_metadata *note)
{
  static char path[PATH_MAX];
  const char *inside;
  struct stat st;
  int target;

  if (note->fd < 0 || !read_own_link (note->fd, path) || fstat (note->fd, &st) != 0)
    return;
  target = find_target (path, &inside);
  if (target < 0 || (!S_ISREG (st.st_mode)))
    return;
  if ((note->mask & FAN_OPEN) != 0 && st.st_nlink > 0 && !is_told ('o', path))
    tell ('o', target, inside, "");
  if ((note->mask & (FAN_MODIFY | FAN_CLOSE_WRITE)) != 0 && !is_told ('w', path))
    tell ('w', target, inside, "");
  if ((note->mask & FAN_CLOSE_WRITE) != 0 && st.st_nlink > 0)
    tell_closed (target, inside, &st);
}

/* All that is there. A note whose file can not be opened any more is skipped by the kernel with an error. */
static void
take_notes (int group)
{
  static char buffer[16384] __attribute__ ((aligned (8)));
  ssize_t length;

  while ((length = read (group, buffer, sizeof buffer)) > 0 || (length < 0 && errno != EAGAIN))
    {
      struct fanotify_event_metadata *note = (struct fanotify_event_metadata *) buffer;
      for (; length > 0 && FAN_EVENT_OK (note, length); note = FAN_EVENT_NEXT (note, length))
        {
          if ((note->mask & FAN_Q_OVERFLOW) != 0)
            tell ('!', 0, "", "");
          else
            take_note (note);
          if (note->fd >= 0)
            close (note->fd);
        }
    }
  fflush (stdout);
}

static int
find_group (int monitor, pid_t pid)
{
  char place[300], link[64];
  int fd = -1;
  DIR *dir;
  struct dirent *item;

  snprintf (place, sizeof place, "/proc/%d/fd", (int) pid);
  dir = opendir (place);
  while (dir != NULL && fd < 0 && (item = readdir (dir)) != NULL)
    {
      ssize_t length = readlinkat (dirfd (dir), item->d_name, link, sizeof link - 1);
      link[length < 0 ? 0 : length] = 0;
      if (strcmp (link, GROUP_LINK) == 0)
        fd = (int) syscall (SYS_pidfd_getfd, monitor, atoi (item->d_name), 0);
    }
  if (dir != NULL)
    closedir (dir);
  return fd;
}

struct processes { pid_t container, monitor; uint64_t container_start, monitor_start; };

static int
read_run (const char *state_dir, struct processes *processes)
{
  char path[PATH_MAX], text[128] = "";
  int container, monitor;
  FILE *file;

  snprintf (path, sizeof path, "%s/run", state_dir);
  file = fopen (path, "re");
  if (file == NULL)
    return -1;
  if (fgets (text, sizeof text, file) == NULL
      || sscanf (text, "%d %" SCNu64 " %d %" SCNu64, &container, &processes->container_start, &monitor,
                 &processes->monitor_start) != 4)
    text[0] = 0;
  fclose (file);
  processes->container = container;
  processes->monitor = monitor;
  errno = EINVAL;
  return text[0] == 0 ? -1 : 0;
}

/* What the kernel calls the targets: links on the way are gone. */
static int
resolve_targets (const struct processes *processes, char **paths)
{
  static char path[PATH_MAX];
  char place[64];
  cleanup_close int root = -1;

  snprintf (place, sizeof place, "/proc/%d/root", (int) processes->container);
  root = open (place, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 || read_start_time (processes->container) != processes->container_start)
    return -1;
  for (target_count = 0; paths[target_count] != NULL && target_count < MAX_TARGETS; target_count++)
    {
      cleanup_close int fd = open_in_root (root, paths[target_count], O_PATH);
      if (fd < 0 || !read_own_link (fd, path) || (targets[target_count].path = strdup (path)) == NULL)
        return -1;
      targets[target_count].length = strlen (path);
    }
  return 0;
}

static void
read_until_end (int group, int monitor)
{
  struct pollfd fds[] = { { .fd = group, .events = POLLIN }, { .fd = monitor, .events = POLLIN },
                          { .fd = STDIN_FILENO, .events = POLLIN } };
  char byte;

  for (;;)
    {
      if (poll (fds, 3, -1) < 0 && errno != EINTR)
        return;
      take_notes (group);
      if (fds[1].revents != 0 || ferror (stdout) || (fds[2].revents != 0 && read (STDIN_FILENO, &byte, 1) <= 0))
        return;
    }
}

int
run_opened (const char *state_dir, char **paths)
{
  struct processes processes;
  cleanup_close int monitor = -1;
  cleanup_close int group = -1;

  if (read_run (state_dir, &processes) != 0)
    return fprintf (stderr, "opened: %s: %s\n", state_dir, strerror (errno)), 1;
  /* Held before the start time is compared: a number that is reused can not pass. */
  monitor = sys_pidfd_open (processes.monitor);
  if (monitor < 0 || read_start_time (processes.monitor) != processes.monitor_start)
    return fprintf (stderr, "opened: the container has ended\n"), 1;
  if ((group = find_group (monitor, processes.monitor)) < 0)
    return fprintf (stderr, "opened: the container was started without notes\n"), 1;
  if (resolve_targets (&processes, paths) != 0)
    return fprintf (stderr, "opened: the container's mounts can not be seen\n"), 1;
  read_until_end (group, monitor);
  return 0;
}
