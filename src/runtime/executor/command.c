/*
 * command.c - commands of ctl.sock: attach, signal, signal-all, resize, ping.
 */
#include "sys.h"
#include "monitor.h"

static void
answer (struct monitor *m, struct client *client, int result)
{
  char text[32] = "ok";
  if (result != 0)
    snprintf (text, sizeof text, "error %d", errno);
  if (client->fd >= 0)
    send_frame (m, client, FRAME_ANSWER, text, strlen (text));
}

static int
attach (struct monitor *m, struct client *client)
{
  client->attached = true;
  if (!m->control.was_attached)
    {
      m->control.was_attached = true;
      m->control.first = (int) (client - m->control.clients);
    }
  return 0;
}

static int
send_signal (struct monitor *m, int signal, bool to_all)
{
  errno = signal < 1 || signal > 64 ? EINVAL : ESRCH;
  if (errno == EINVAL || m->pidfd < 0 || m->ended)
    return -1;
  if (to_all)
    return signal_all (m, signal) > 0 ? 0 : -1;
  return sys_pidfd_send_signal (m->pidfd, signal);
}

void
run_command (struct monitor *m, struct client *client, const char *text)
{
  unsigned first = 0, second = 0;
  char end;

  if (strcmp (text, "attach") == 0)
    answer (m, client, attach (m, client));
  else if (strcmp (text, "ping") == 0)
    answer (m, client, 0);
  else if (sscanf (text, "signal %u%c", &first, &end) == 1)
    answer (m, client, send_signal (m, (int) first, false));
  else if (sscanf (text, "signal-all %u%c", &first, &end) == 1)
    answer (m, client, send_signal (m, (int) first, true));
  else if (sscanf (text, "resize %u %u%c", &first, &second, &end) == 2 && first <= 65535 && second <= 65535)
    answer (m, client, resize_terminal (m, first, second));
  else
    {
      errno = EINVAL;
      answer (m, client, -1);
    }
}
