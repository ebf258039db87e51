/*
 * serve.c - the monitor's event loop.
 *
 * Everything is an edge: output, clients, the program's end, the OOM counter.
 * The only timers are a full disk (1 s), a line without its newline (100 ms), a
 * kill for memory that is under way (10 ms) and the wait for output that a
 * process of the container still holds open after the program's end.
 */
#include "sys.h"
#include "monitor.h"
#include "sync.h"

#include <sys/wait.h>
#include <time.h>

#define AFTER_END_MS 500
#define OOM_LOOK_MS 10
#define STUCK_CLIENT_MS 30000
#define ATTACH_WAIT_MS 60000

struct poll_set
{
  struct pollfd fds[MAX_CLIENTS + 8];
  int count, out, err, in, pidfd, sync, oom, engine, control;
};

static int
add (struct poll_set *set, int fd, short events)
{
  if (fd < 0)
    return -1;
  set->fds[set->count] = (struct pollfd){ .fd = fd, .events = events };
  return set->count++;
}

static bool
ready (const struct poll_set *set, int at)
{
  return at >= 0 && set->fds[at].revents != 0;
}

/* Without a log the output has nowhere else to go: a slow client holds the program up, as a terminal would. */
static bool
must_wait_for_client (const struct monitor *m)
{
  return m->log.path == NULL && slowest_client (&m->control) > CLIENT_SLOW;
}

static void
fill (struct monitor *m, struct poll_set *set, enum serve_until until)
{
  bool may_read = !must_wait_for_client (m);

  set->count = 0;
  set->out = may_read ? add (set, m->out, POLLIN) : -1;
  set->err = may_read ? add (set, m->err, POLLIN) : -1;
  set->in = m->pending_start < m->pending_end ? add (set, m->in, POLLOUT) : -1;
  set->pidfd = m->ended ? -1 : add (set, m->pidfd, POLLIN);
  set->sync = m->has_started ? add (set, m->sync, POLLIN) : -1;
  set->oom = add (set, m->oom.events, POLLIN);
  set->engine = until == UNTIL_ATTACHED ? add (set, STDOUT_FILENO, 0) : -1;
  set->control = set->count;
  set->count += poll_control (m, set->fds + set->count);
}

/* init tells how the program ended; its own end follows. */
static void
read_status (struct monitor *m)
{
  struct report report;
  int fds[2];

  if (receive_report (m->sync, &report, fds) == 1 && report.kind == REPORT_STATUS)
    {
      m->status = report.status;
      m->has_status = true;
      return;
    }
  for (int i = 0; i < 2; i++)
    close_fd (&fds[i]);
  close_fd (&m->sync);
  m->sync = -1;
}

static void
reap_program (struct monitor *m)
{
  int status;
  if (waitpid (m->pid, &status, WNOHANG) != m->pid)
    return;
  m->finished_ns = clock_ns (CLOCK_REALTIME);
  if (m->sync >= 0)
    read_status (m);
  if (!m->has_status)
    m->status = status;
  m->ended = true;
  /* As subreaper we are given orphans of a container without a pid namespace of its own. */
  while (waitpid (-1, NULL, WNOHANG) > 0)
    continue;
}

/* Returns how many milliseconds at most to wait, -1 for no limit. */
static int
step (struct monitor *m, int timeout, enum serve_until until)
{
  struct poll_set set;
  int got, part = m->log.path == NULL ? -1 : log_waiting (&m->log);

  if (part >= 0 && (timeout < 0 || timeout > part))
    timeout = part;
  if (m->log.backlog_length > 0 && (timeout < 0 || timeout > 1000))
    timeout = 1000;
  if (expects_oom_kill (m) && (timeout < 0 || timeout > OOM_LOOK_MS))
    timeout = OOM_LOOK_MS;
  fill (m, &set, until);
  got = poll (set.fds, set.count, timeout);
  if (got == 0)
    retry_log (&m->log);
  if (expects_oom_kill (m))
    look_for_oom_kill (m);
  if (got <= 0)
    return got;
  if (ready (&set, set.engine))
    m->engine_gone = true;
  if (ready (&set, set.sync))
    read_status (m);
  if (ready (&set, set.oom))
    read_oom_event (m);
  if (ready (&set, set.out))
    pump_output (m, &m->out, 0);
  if (ready (&set, set.err))
    pump_output (m, &m->err, 1);
  if (ready (&set, set.in))
    flush_input (m);
  handle_control (m, set.fds + set.control, set.count - set.control);
  if (ready (&set, set.pidfd))
    reap_program (m);
  return got;
}

int
serve (struct monitor *m, enum serve_until until)
{
  uint64_t deadline = clock_ns (CLOCK_MONOTONIC) + (uint64_t) ATTACH_WAIT_MS * 1000000;

  while (until == UNTIL_ENDED ? !m->ended : !m->control.was_attached)
    {
      step (m, until == UNTIL_ENDED ? -1 : 1000, until);
      /* An engine that died between `listening` and attach must not leave us behind: nobody reads our answers then. */
      if (until == UNTIL_ATTACHED && (m->engine_gone || clock_ns (CLOCK_MONOTONIC) > deadline))
        {
          errno = ETIMEDOUT;
          return -1;
        }
    }
  return 0;
}

void
drain_output (struct monitor *m)
{
  uint64_t last = clock_ns (CLOCK_MONOTONIC);
  size_t backlog = slowest_client (&m->control);

  close_fd (&m->pty_peer);
  m->pty_peer = -1;
  while (m->out >= 0 || m->err >= 0)
    {
      int limit = must_wait_for_client (m) ? STUCK_CLIENT_MS : AFTER_END_MS;
      int64_t idle = (int64_t) (clock_ns (CLOCK_MONOTONIC) - last) / 1000000;
      struct pollfd outputs[2] = { { .fd = m->out, .events = POLLIN }, { .fd = m->err, .events = POLLIN } };

      if (idle >= limit)
        return;
      step (m, (int) (limit - idle), UNTIL_ENDED);
      /* Progress: more to read, or the slow client has taken some. */
      if (poll (outputs, 2, 0) > 0 ? !must_wait_for_client (m) || slowest_client (&m->control) != backlog : false)
        last = clock_ns (CLOCK_MONOTONIC);
      backlog = slowest_client (&m->control);
    }
}

/* What clients have not taken yet, and what the disk has not; the exit record is already there. Input has no reader any more. */
void
linger (struct monitor *m)
{
  uint64_t last = clock_ns (CLOCK_MONOTONIC);
  size_t before = slowest_client (&m->control) + m->log.backlog_length;

  m->input_ended = true;
  m->pending_start = m->pending_end = 0;
  while (has_clients (&m->control) || m->log.backlog_length > 0)
    {
      size_t now;
      step (m, 1000, UNTIL_ENDED);
      now = slowest_client (&m->control) + m->log.backlog_length;
      if (now != before)
        last = clock_ns (CLOCK_MONOTONIC);
      else if (clock_ns (CLOCK_MONOTONIC) - last > (uint64_t) STUCK_CLIENT_MS * 1000000)
        return;
      before = now;
    }
}
