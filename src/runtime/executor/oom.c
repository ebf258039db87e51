/*
 * oom.c - op `oom-watch`: did the kernel kill for memory in this cgroup?
 *
 * The counter oom_kill is the only proof (a SIGKILL is not), and is read
 * before the cgroup is removed. v1 tells by an eventfd, v2 by inotify.
 */
#include "sys.h"
#include "monitor.h"

#include <limits.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <time.h>

/* How long a kill is looked for after an event of v1. */
#define LOOK_NS 1000000000ULL

static uint64_t
read_kills (const struct monitor *m)
{
  char text[2048];
  const char *at;
  ssize_t got = m->oom.file < 0 ? -1 : pread (m->oom.file, text, sizeof text - 1, 0);

  if (got <= 0)
    return m->oom.before;
  text[got] = 0;
  at = strstr (text, "oom_kill ");
  return at == NULL ? 0 : strtoull (at + strlen ("oom_kill "), NULL, 10);
}

static int
watch_v1 (struct monitor *m, const char *dir, struct failure *why)
{
  char path[PATH_MAX], line[64];
  cleanup_close int control = -1;

  snprintf (path, sizeof path, "%s/memory.oom_control", dir);
  if ((m->oom.file = open (path, O_RDONLY | O_CLOEXEC)) < 0)
    return fail (why, "open %s", path);
  if ((m->oom.events = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
    return fail (why, "eventfd");
  snprintf (path, sizeof path, "%s/cgroup.event_control", dir);
  snprintf (line, sizeof line, "%d %d", m->oom.events, m->oom.file);
  if ((control = open (path, O_WRONLY | O_CLOEXEC)) < 0 || write (control, line, strlen (line)) < 0)
    return fail (why, "watch %s", path);
  return 0;
}

static int
watch_v2 (struct monitor *m, const char *dir, struct failure *why)
{
  char path[PATH_MAX];

  snprintf (path, sizeof path, "%s/memory.events", dir);
  if ((m->oom.file = open (path, O_RDONLY | O_CLOEXEC)) < 0)
    return fail (why, "open %s", path);
  if ((m->oom.events = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK)) < 0
      || inotify_add_watch (m->oom.events, path, IN_MODIFY) < 0)
    return fail (why, "watch %s", path);
  return 0;
}

int
watch_oom (struct monitor *m, struct op *op, struct failure *why)
{
  m->oom.v2 = strcmp (op->args[0], "v2") == 0;
  if (!m->oom.v2 && strcmp (op->args[0], "v1") != 0)
    return refuse (why, EINVAL, "oom-watch %s", op->args[0]);
  if ((m->oom.v2 ? watch_v2 : watch_v1) (m, op->args[1], why) != 0)
    return -1;
  /* The cgroup may have been there before (EEXIST): only what is added counts. */
  m->oom.before = read_kills (m);
  return 0;
}

void
look_for_oom_kill (struct monitor *m)
{
  if (!m->oom.killed && read_kills (m) > m->oom.before)
    {
      m->oom.killed = true;
      broadcast (m, FRAME_EVENT, "oom", 3);
    }
  if (m->oom.killed || clock_ns (CLOCK_MONOTONIC) > m->oom.look_until)
    m->oom.look_until = 0;
}

/* The event of v1 comes before the kernel has chosen whom to kill, and there is none when it has. */
void
read_oom_event (struct monitor *m)
{
  char ignored[4096];
  if (read (m->oom.events, ignored, sizeof ignored) <= 0)
    return;
  m->oom.look_until = clock_ns (CLOCK_MONOTONIC) + LOOK_NS;
  look_for_oom_kill (m);
}

bool
expects_oom_kill (const struct monitor *m)
{
  return m->oom.look_until != 0;
}

bool
was_oom_killed (struct monitor *m)
{
  return m->oom.killed || (m->oom.file >= 0 && read_kills (m) > m->oom.before);
}
