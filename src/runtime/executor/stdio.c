/*
 * stdio.c - the program's stdin, stdout, stderr, seen from the monitor.
 *
 * Pipes are made before clone. A pty is opened by the child in the container's
 * own devpts and comes back over the sync socket; until then there is none.
 */
#include "sys.h"
#include "monitor.h"
#include "number.h"

#include <sys/ioctl.h>

static int
make_pipe (int *ours, int *theirs, bool we_read, struct failure *why)
{
  int ends[2];
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return fail (why, "make a pipe");
  *ours = ends[we_read ? 0 : 1];
  *theirs = ends[we_read ? 1 : 0];
  if (fcntl (*ours, F_SETFL, O_NONBLOCK | (we_read ? O_RDONLY : O_WRONLY)) != 0)
    return fail (why, "make a pipe non-blocking");
  return 0;
}

int
check_stdin (struct monitor *m, struct op *op, struct failure *why)
{
  const char *mode = op->args[0];
  m->stdin_mode = strcmp (mode, "open") == 0 ? STDIN_OPEN : strcmp (mode, "once") == 0 ? STDIN_ONCE : STDIN_NULL;
  if (m->stdin_mode == STDIN_NULL && strcmp (mode, "null") != 0)
    return refuse (why, EINVAL, "stdin %s", mode);
  return 0;
}

int
make_stdio (struct monitor *m, struct failure *why)
{
  m->is_terminal = find_op (&m->program, OP_TERMINAL, NULL) != NULL;
  if (m->is_terminal)
    return 0;
  if (m->stdin_mode == STDIN_NULL)
    m->child_stdio[0] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  else if (make_pipe (&m->in, &m->child_stdio[0], false, why) != 0)
    return -1;
  if (make_pipe (&m->out, &m->child_stdio[1], true, why) != 0 || make_pipe (&m->err, &m->child_stdio[2], true, why) != 0)
    return -1;
  return m->child_stdio[0] < 0 ? fail (why, "open /dev/null") : 0;
}

/* Or we would never see the end of file. */
void
close_child_stdio (struct monitor *m)
{
  for (int i = 0; i < 3; i++)
    {
      close_fd (&m->child_stdio[i]);
      m->child_stdio[i] = -1;
    }
}

void
take_terminal (struct monitor *m, const int *fds)
{
  if (fds[0] < 0 || fds[1] < 0 || m->terminal_ready)
    return;
  m->out = fds[0];
  m->pty_peer = fds[1];
  m->terminal_ready = true;
  fcntl (m->out, F_SETFL, O_RDWR | O_NONBLOCK);
  if (m->stdin_mode != STDIN_NULL)
    m->in = fcntl (m->out, F_DUPFD_CLOEXEC, 3);
}

int
resize_terminal (struct monitor *m, unsigned rows, unsigned cols)
{
  struct winsize size = { .ws_row = (unsigned short) rows, .ws_col = (unsigned short) cols };
  if (!m->terminal_ready || m->out < 0)
    {
      errno = ENOTTY;
      return -1;
    }
  return ioctl (m->out, TIOCSWINSZ, &size);
}

static void
close_input (struct monitor *m)
{
  close_fd (&m->in);
  m->in = -1;
  m->pending_start = m->pending_end = 0;
}

/* Writes what waits; at its end the end of file, if it has come. */
void
flush_input (struct monitor *m)
{
  while (m->in >= 0 && m->pending_start < m->pending_end)
    {
      ssize_t wrote = write (m->in, m->pending_input + m->pending_start, m->pending_end - m->pending_start);
      if (wrote < 0 && errno == EINTR)
        continue;
      if (wrote < 0 && errno == EAGAIN)
        return;
      if (wrote < 0)
        {
          close_input (m); /* the program has closed its stdin */
          return;
        }
      m->pending_start += wrote;
    }
  if (m->in < 0 && m->is_terminal && !m->terminal_ready)
    return;
  m->pending_start = m->pending_end = 0;
  if (m->input_ended && m->in >= 0)
    {
      /* A pty has no end of file of its own; ^D at the start of a line is it. */
      if (m->is_terminal && write (m->in, "\004", 1) < 0)
        return;
      close_input (m);
    }
}

/* LENGTH is at most what pending_input has room for: clients are not read while anything waits. */
void
write_input (struct monitor *m, const char *data, size_t length)
{
  bool will_come = m->is_terminal && !m->terminal_ready && m->stdin_mode != STDIN_NULL;
  if ((m->in < 0 && !will_come) || m->input_ended)
    return;
  memcpy (m->pending_input, data, length);
  m->pending_start = 0;
  m->pending_end = length;
  flush_input (m);
}

void
end_input (struct monitor *m)
{
  m->input_ended = true;
  flush_input (m);
}
