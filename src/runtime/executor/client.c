/*
 * client.c - one connection to ctl.sock: frames in, frames out.
 *
 * Stdin payload is passed on as it comes, whatever the frame's length; other
 * frames must fit in 128 bytes.
 */
#include "sys.h"
#include "monitor.h"

#include <sys/socket.h>
#include <sys/uio.h>

void
drop_client (struct monitor *m, struct client *client)
{
  struct control *control = &m->control;
  int slot = (int) (client - control->clients);

  free (client->out);
  close_fd (&client->fd);
  *client = (struct client){ .fd = -1 };
  if (control->first == slot && control->was_attached && !control->first_detached)
    {
      control->first_detached = true;
      if (m->stdin_mode == STDIN_ONCE)
        end_input (m);
    }
}

/* Keeps bytes the socket did not take. */
static bool
keep (struct client *client, const char *data, size_t length)
{
  size_t have = client->out_end - client->out_start;

  if (client->out_start > 0)
    {
      memmove (client->out, client->out + client->out_start, have);
      client->out_start = 0;
      client->out_end = have;
    }
  if (have + length > client->out_size)
    {
      size_t size = client->out_size == 0 ? 16384 : client->out_size;
      char *grown;
      while (size < have + length)
        size *= 2;
      if ((grown = realloc (client->out, size)) == NULL)
        return false;
      client->out = grown;
      client->out_size = size;
    }
  memcpy (client->out + have, data, length);
  client->out_end = have + length;
  return true;
}

void
flush_client (struct monitor *m, struct client *client)
{
  while (client->out_start < client->out_end)
    {
      ssize_t sent = send (client->fd, client->out + client->out_start, client->out_end - client->out_start, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0 && errno == EAGAIN)
        return;
      if (sent < 0)
        {
          drop_client (m, client);
          return;
        }
      client->out_start += sent;
    }
  free (client->out);
  client->out = NULL;
  client->out_start = client->out_end = client->out_size = 0;
  /* Closing it now would fail what the client may be writing, and a failed write can cost it what it has not read yet. */
  if (client->closing)
    shutdown (client->fd, SHUT_WR);
}

void
send_frame (struct monitor *m, struct client *client, enum frame_type type, const char *data, size_t length)
{
  unsigned char header[8] = { (unsigned char) type, 0, 0, 0, (unsigned char) (length >> 24), (unsigned char) (length >> 16),
                              (unsigned char) (length >> 8), (unsigned char) length };
  struct iovec parts[2] = { { header, sizeof header }, { (char *) data, length } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
  size_t done = 0;
  bool kept = true;

  if (client->closing)
    return;
  if (client->out_start == client->out_end)
    {
      ssize_t sent = sendmsg (client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN && errno != EINTR)
        {
          drop_client (m, client);
          return;
        }
      done = sent < 0 ? 0 : (size_t) sent;
    }
  if (done < sizeof header)
    kept = keep (client, (char *) header + done, sizeof header - done);
  if (done < sizeof header + length && kept)
    kept = keep (client, data + (done > sizeof header ? done - sizeof header : 0),
                 length - (done > sizeof header ? done - sizeof header : 0));
  /* With a log nothing is lost by dropping the client; without one, serve.c has stopped reading long before. */
  if (!kept || client->out_end - client->out_start > CLIENT_BUFFER)
    drop_client (m, client);
}

bool
wants_input_room (const struct client *client)
{
  return client->header_have == 8 && client->header[0] == FRAME_STDIN;
}

/* Stdin bytes go straight to the program; anything but stdin is gathered as text. */
static ssize_t
read_payload (struct monitor *m, struct client *client)
{
  char chunk[sizeof m->pending_input];
  size_t want = client->payload_left < sizeof chunk ? client->payload_left : sizeof chunk;
  ssize_t got = recv (client->fd, chunk, want, 0);

  if (got <= 0)
    return got;
  client->payload_left -= got;
  if (client->header[0] == FRAME_STDIN && client->attached)
    write_input (m, chunk, got);
  else if (client->text_have + got < sizeof client->text)
    {
      memcpy (client->text + client->text_have, chunk, got);
      client->text_have += got;
    }
  return got;
}

static void
end_frame (struct monitor *m, struct client *client, bool was_empty)
{
  char text[sizeof client->text];

  memcpy (text, client->text, client->text_have);
  text[client->text_have] = 0;
  client->header_have = client->text_have = 0;
  if (client->header[0] == FRAME_STDIN && was_empty && client->attached)
    end_input (m);
  else if (client->header[0] == FRAME_COMMAND)
    run_command (m, client, text);
}

void
read_client (struct monitor *m, struct client *client)
{
  while (client->fd >= 0)
    {
      ssize_t got;
      if (client->header_have < 8)
        {
          got = recv (client->fd, client->header + client->header_have, 8 - client->header_have, 0);
          if (got > 0 && (client->header_have += got) == 8)
            {
              const unsigned char *h = client->header;
              client->payload_left = (size_t) h[4] << 24 | (size_t) h[5] << 16 | (size_t) h[6] << 8 | h[7];
              if (client->payload_left == 0)
                end_frame (m, client, true);
            }
        }
      else if (wants_input_room (client) && m->pending_start < m->pending_end)
        return;
      else if ((got = read_payload (m, client)) > 0 && client->payload_left == 0)
        end_frame (m, client, false);
      if (got < 0 && errno == EINTR)
        continue;
      if (got == 0 || (got < 0 && errno != EAGAIN))
        drop_client (m, client);
      if (got <= 0)
        return;
    }
}
