/*
 * control.c - the listening ctl.sock and its table of clients.
 *
 * The socket is made relative to the state folder's descriptor: sun_path holds
 * 108 bytes only, a data root may be longer.
 */
#include "sys.h"
#include "monitor.h"

#include <sys/socket.h>
#include <sys/un.h>

int
open_control (struct monitor *m, struct failure *why)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "ctl.sock" };
  struct control *control = &m->control;
  mode_t mask;
  int bound;

  if (m->state_dir < 0)
    return 0;
  control->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (control->listener < 0 || fchdir (m->state_dir) != 0)
    return fail (why, "make ctl.sock");
  unlink ("ctl.sock");
  mask = umask (0177);
  bound = bind (control->listener, (struct sockaddr *) &address, sizeof address);
  umask (mask);
  if (bound != 0 || listen (control->listener, 16) != 0)
    return fail (why, "bind ctl.sock");
  return chdir ("/") != 0 ? fail (why, "enter /") : 0;
}

/* Returns false when nobody is waiting. */
static bool
accept_client (struct monitor *m)
{
  int fd = accept4 (m->control.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd < 0)
    return false;
  for (int i = 0; i < MAX_CLIENTS; i++)
    if (m->control.clients[i].fd < 0)
      {
        m->control.clients[i] = (struct client){ .fd = fd };
        return true;
      }
  close_fd (&fd); /* the table is full */
  return true;
}

void
stop_listening (struct monitor *m)
{
  if (m->control.listener < 0)
    return;
  /* The name goes first: whoever has found it is in the queue by then. Later it may be that of another monitor. */
  unlinkat (m->state_dir, "ctl.sock", 0);
  while (accept_client (m))
    continue;
  close_fd (&m->control.listener);
  m->control.listener = -1;
}

void
close_control (struct monitor *m)
{
  stop_listening (m);
  for (int i = 0; i < MAX_CLIENTS; i++)
    if (m->control.clients[i].fd >= 0)
      drop_client (m, &m->control.clients[i]);
}

int
poll_control (struct monitor *m, struct pollfd *fds)
{
  int count = 0;

  if (m->control.listener >= 0)
    fds[count++] = (struct pollfd){ .fd = m->control.listener, .events = POLLIN };
  for (int i = 0; i < MAX_CLIENTS; i++)
    {
      struct client *client = &m->control.clients[i];
      bool blocked = m->pending_start < m->pending_end && wants_input_room (client);
      if (client->fd >= 0)
        fds[count++] = (struct pollfd){ .fd = client->fd,
                                        .events = (blocked ? 0 : POLLIN) | (client->out_start < client->out_end ? POLLOUT : 0) };
    }
  return count;
}

void
handle_control (struct monitor *m, const struct pollfd *fds, int count)
{
  for (int at = 0; at < count; at++)
    {
      if (fds[at].revents == 0)
        continue;
      if (fds[at].fd == m->control.listener)
        {
          accept_client (m);
          continue;
        }
      for (int i = 0; i < MAX_CLIENTS; i++)
        {
          struct client *client = &m->control.clients[i];
          if (client->fd != fds[at].fd)
            continue;
          if ((fds[at].revents & POLLOUT) != 0)
            flush_client (m, client);
          if (client->fd >= 0 && (fds[at].revents & POLLIN) != 0)
            read_client (m, client);
          else if (client->fd >= 0 && (fds[at].revents & (POLLHUP | POLLERR)) != 0)
            drop_client (m, client);
        }
    }
}

void
broadcast (struct monitor *m, enum frame_type type, const char *data, size_t length)
{
  bool to_all = type == FRAME_EXIT || type == FRAME_EVENT;
  for (int i = 0; i < MAX_CLIENTS; i++)
    if (m->control.clients[i].fd >= 0 && !m->control.clients[i].closing && (to_all || m->control.clients[i].attached))
      send_frame (m, &m->control.clients[i], type, data, length);
}

size_t
slowest_client (const struct control *control)
{
  size_t most = 0;
  for (int i = 0; i < MAX_CLIENTS; i++)
    if (control->clients[i].fd >= 0 && control->clients[i].out_end - control->clients[i].out_start > most)
      most = control->clients[i].out_end - control->clients[i].out_start;
  return most;
}

bool
has_clients (const struct control *control)
{
  for (int i = 0; i < MAX_CLIENTS; i++)
    if (control->clients[i].fd >= 0)
      return true;
  return false;
}

/* After the exit frame: our side of each connection ends when its buffer is out, all of it when the client's has. */
void
close_when_sent (struct monitor *m)
{
  for (int i = 0; i < MAX_CLIENTS; i++)
    if (m->control.clients[i].fd >= 0)
      {
        m->control.clients[i].closing = true;
        flush_client (m, &m->control.clients[i]);
      }
}
