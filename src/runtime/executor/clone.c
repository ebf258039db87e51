/*
 * clone.c - clone3, and driving the child until it has exec'd.
 *
 * Actor: monitor. Network interfaces are made here while the child mounts;
 * the two meet at the first op that needs an interface.
 */
#include "sys.h"
#include "child.h"
#include "monitor.h"
#include "process.h"
#include "sync.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* CLONE_NEWCGROUP waits for the joins in the child; time offsets need the namespace made by unshare. */
#define LATER_NAMESPACES (CLONE_NEWCGROUP | CLONE_NEWTIME)

static void
become_child (struct monitor *m, int sync, int alive)
{
  static struct child child;

  child = (struct child){ .program = &m->program, .sync = sync, .alive = alive, .host_root = -1, .root = -1,
                          .null_device = -1, .empty_dir = -1, .files = -1, .proc = -1, .tty = -1 };
  memcpy (child.stdio, m->child_stdio, sizeof child.stdio);
  run_child (&child);
}

int
clone_child (struct monitor *m, struct failure *why)
{
  struct op *into = find_op (&m->program, OP_CGROUP_INTO_V2, NULL);
  struct clone3_arguments arguments = { .exit_signal = SIGCHLD };
  int sync[2], alive[2];
  long pid;

  if ((m->program.new_namespaces & CLONE_NEWTIME) != 0 && unshare_time (m, why) != 0)
    return -1;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) != 0 || pipe2 (alive, O_CLOEXEC) != 0)
    return fail (why, "make the pipes to the child");
  m->pidfd = -1;
  arguments.flags = CLONE_PIDFD | (m->program.new_namespaces & ~(uint64_t) LATER_NAMESPACES);
  arguments.pidfd = (uintptr_t) &m->pidfd;
  if (into != NULL)
    {
      arguments.flags |= CLONE_INTO_CGROUP;
      arguments.cgroup = into->fd;
    }
  pid = syscall (SYS_clone3, &arguments, sizeof arguments);
  if (pid < 0)
    return fail (why, "clone into new namespaces");
  if (pid == 0)
    {
      /* Ours to hold are the other ends: with them open we could not see the monitor die. */
      close (sync[0]);
      close (alive[0]);
      become_child (m, sync[1], alive[1]);
    }
  close (sync[1]);
  close (alive[1]);
  m->sync = sync[0];
  m->alive = alive[0];
  m->pid = (pid_t) pid;
  m->start_time = read_start_time (m->pid);
  close_child_stdio (m);
  return 0;
}

/* Handlers of kind FIRST..LAST that act while the child is at work. */
static int
run_after (struct monitor *m, bool maps, struct failure *why)
{
  for (int i = 0; i < m->program.count; i++)
    {
      struct op *op = &m->program.ops[i];
      why->op = i;
      if (op->kind->after != NULL && (op->kind->id == OP_ID_MAP) == maps && op->kind->after (m, op, why) != 0)
        return -1;
    }
  return 0;
}

static void
go (struct monitor *m, char byte)
{
  /* A child that is gone is noticed in await_start. */
  send (m->sync, &byte, 1, MSG_NOSIGNAL);
}

/* Reads reports until the child has exec'd or failed. Returns 1, or 0 when more must come, or -1. */
static int
read_reports (struct monitor *m, bool *execing, struct failure *why)
{
  struct report report;
  int fds[2];

  while (receive_report (m->sync, &report, fds) == 1)
    {
      if (report.kind == REPORT_FAILED)
        {
          *why = report.failure;
          return -1;
        }
      if (report.kind == REPORT_TERMINAL)
        {
          take_terminal (m, fds);
          flush_input (m);
        }
      if (report.kind == REPORT_EXEC)
        *execing = true;
      /* A program that ended at once may have been reported by init already. */
      if (report.kind == REPORT_STATUS)
        {
          m->status = report.status;
          m->has_status = true;
        }
    }
  return 0;
}

int
await_start (struct monitor *m, struct failure *why)
{
  bool execing = false;

  if ((m->program.new_namespaces & CLONE_NEWUSER) != 0)
    {
      if (run_after (m, true, why) != 0)
        return -1;
      go (m, GO_MAPS);
    }
  if (run_after (m, false, why) != 0)
    {
      /* A child that has failed is gone, and so is its network namespace: its own failure is the cause. */
      read_reports (m, &execing, why);
      return -1;
    }
  go (m, GO_NETWORK);
  why->op = m->program.count - 1;
  for (;;)
    {
      struct pollfd fds[2] = { { .fd = m->sync, .events = POLLIN }, { .fd = m->alive, .events = POLLIN } };
      if (poll (fds, 2, -1) < 0 && errno != EINTR)
        return fail (why, "wait for the child");
      /* Reports were sent before the pipe closed: read them first, then believe the close. */
      if (read_reports (m, &execing, why) != 0)
        return -1;
      if ((fds[1].revents & (POLLHUP | POLLIN)) == 0)
        {
          if ((fds[0].revents & POLLHUP) != 0)
            fds[0].fd = -1;
          continue;
        }
      if (read_reports (m, &execing, why) != 0)
        return -1;
      break;
    }
  close (m->alive);
  m->alive = -1;
  if (!execing)
    return refuse (why, ECHILD, "the child was killed before it could exec");
  return 0;
}
