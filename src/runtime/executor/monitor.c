/*
 * monitor.c - one program from parse to exit record.
 *
 * Actor: root on the host, in its own session, re-parented to init. When it
 * fails before the program runs, everything is undone in reverse; when it is
 * killed, the kernel kills the container (PDEATHSIG in the child).
 */
#include "sys.h"
#include "failpoint.h"
#include "monitor.h"
#include "number.h"
#include "process.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

/* One line, one write: lines of many monitors share the launcher's stdout. */
static void
answer (const struct monitor *m, const char *format, const struct failure *why)
{
  char line[640];
  int length;

  if (why != NULL)
    length = snprintf (line, sizeof line, "%s failed %d %d %s\n", m->program.tag, why->op, why->err, why->message);
  else if (strcmp (format, "started") == 0)
    length = snprintf (line, sizeof line, "%s started %d %llu\n", m->program.tag, (int) m->pid,
                       (unsigned long long) m->start_time);
  else
    length = snprintf (line, sizeof line, "%s %s\n", m->program.tag, format);
  /* Nobody may be reading any more; the records on disk tell the same. */
  if (write (STDOUT_FILENO, line, length) < 0)
    return;
}

/* The launcher need not look after this start any more. */
static void
note_answered (struct monitor *m)
{
  if (m->answered < 0)
    return;
  if (write (m->answered, "", 1) == 1)
    close (m->answered);
  m->answered = -1;
}

static void
leave_stdio (void)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++)
    dup2 (null, fd);
  close (null);
}

static void
undo (struct monitor *m)
{
  if (m->pid > 0)
    {
      if (m->pidfd >= 0)
        sys_pidfd_send_signal (m->pidfd, SIGKILL);
      waitpid (m->pid, NULL, 0);
      remove_links (m);
    }
  remove_cgroups (m);
  close_control (m);
  if (m->state_dir >= 0)
    unlinkat (m->state_dir, "run", 0);
}

static int
open_state_dir (struct monitor *m, struct failure *why)
{
  struct op *op = find_op (&m->program, OP_STATE_DIR, NULL);
  if (op == NULL)
    return 0;
  why->op = op->number;
  m->state_dir = open (op->args[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  return m->state_dir < 0 ? fail (why, "open state folder %s", op->args[0]) : 0;
}

static int
run_before (struct monitor *m, struct failure *why)
{
  for (int i = 0; i < m->program.count; i++)
    {
      struct op *op = &m->program.ops[i];
      why->op = i;
      if (op->kind->before != NULL && op->kind->before (m, op, why) != 0)
        return -1;
    }
  return 0;
}

static int
await_client (struct monitor *m, struct failure *why)
{
  struct op *op = find_op (&m->program, OP_AWAIT_ATTACH, NULL);
  if (op == NULL)
    return 0;
  why->op = op->number;
  if (m->state_dir < 0)
    return refuse (why, EINVAL, "await-attach without a state folder");
  answer (m, "listening", NULL);
  return serve (m, UNTIL_ATTACHED) != 0 ? fail (why, "nobody has attached") : 0;
}

static int
run_batch (struct monitor *m, struct failure *why)
{
  for (int i = 0; i < m->program.count; i++)
    {
      struct op *op = &m->program.ops[i];
      why->op = i;
      if (op->kind->after != NULL && op->kind->after (m, op, why) != 0)
        return -1;
    }
  return apply_batch_network (m, why);
}

static int
start (struct monitor *m, struct failure *why)
{
  if (open_state_dir (m, why) != 0 || run_before (m, why) != 0)
    return -1;
  if (find_op (&m->program, OP_BATCH, NULL) != NULL)
    return run_batch (m, why);
  failpoint ("grouped");
  why->op = m->program.count - 1;
  if (open_control (m, why) != 0 || make_stdio (m, why) != 0)
    return -1;
  if (await_client (m, why) != 0)
    return -1;
  why->op = m->program.count - 1;
  failpoint ("prepared");
  if (clone_child (m, why) != 0)
    return -1;
  failpoint ("cloned");
  if (await_start (m, why) != 0)
    return -1;
  failpoint ("started");
  m->has_started = true;
  m->started_ns = clock_ns (CLOCK_REALTIME);
  return write_run_record (m, why);
}

static void
finish (struct monitor *m)
{
  char record[128];

  /* In the host's pid namespace the rest of the container does not die with the program. */
  if ((m->program.new_namespaces & CLONE_NEWPID) == 0 && find_op (&m->program, OP_CGROUP_MKDIR, NULL) != NULL)
    signal_all (m, SIGKILL);
  drain_output (m);
  if (m->log.path != NULL)
    log_rest (&m->log);
  format_exit_record (m, record, sizeof record);
  failpoint ("drained");
  remove_cgroups (m);
  failpoint ("ungrouped");
  publish_exit (m, record);
  failpoint ("published");
  linger (m);
  close_control (m);
}

static void
initialise (struct monitor *m)
{
  *m = (struct monitor){ .state_dir = -1, .pidfd = -1, .sync = -1, .alive = -1, .in = -1, .out = -1, .err = -1,
                         .child_stdio = { -1, -1, -1 }, .pty_peer = -1 };
  m->oom.events = m->oom.file = m->log.fd = m->control.listener = m->control.first = -1;
  for (int i = 0; i < MAX_CLIENTS; i++)
    m->control.clients[i].fd = -1;
  set_title ("berth-monitor");
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  umask (022);
}

void
run_monitor (char *buffer, size_t length, int answered)
{
  static struct monitor monitor;
  struct monitor *m = &monitor;
  struct failure why = { 0 };

  initialise (m);
  m->answered = answered;
  failpoint ("forked");
  if (parse_program (buffer, length, &m->program, &why) != 0 || start (m, &why) != 0)
    {
      undo (m);
      answer (m, NULL, &why);
      note_answered (m);
      _exit (1);
    }
  if (find_op (&m->program, OP_BATCH, NULL) != NULL)
    {
      answer (m, "done", NULL);
      note_answered (m);
      _exit (0);
    }
  failpoint ("recorded");
  answer (m, "started", NULL);
  note_answered (m);
  failpoint ("answered");
  leave_stdio ();
  serve (m, UNTIL_ENDED);
  failpoint ("ended");
  finish (m);
  _exit (0);
}
