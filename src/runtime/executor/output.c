/*
 * output.c - stdout and stderr of the program, to the log and to clients.
 */
#include "sys.h"
#include "monitor.h"

bool
pump_output (struct monitor *m, int *fd, int stream)
{
  static char chunk[32768];
  ssize_t got;

  do
    got = read (*fd, chunk, sizeof chunk);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN)
    return true;
  /* EIO: the last holder of the pty's other end has gone. */
  if (got <= 0)
    {
      close_fd (fd);
      *fd = -1;
      return false;
    }
  broadcast (m, stream == 0 ? FRAME_STDOUT : FRAME_STDERR, chunk, got);
  if (m->log.path != NULL)
    log_output (&m->log, stream, chunk, got);
  return true;
}
