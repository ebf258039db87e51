/*
 * failpoint.c - kills this process where a test asks for it.
 *
 * Actor: the monitor, root on the host. The container's program never comes
 * here: its environment is its own.
 */
#include "sys.h"
#include "failpoint.h"

static void
trace (const char *path, const char *name)
{
  int fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  dprintf (fd, "monitor %s\n", name);
  close (fd);
}

void
failpoint (const char *name)
{
  static const char *armed, *file;
  static bool looked;
  static int passes;
  size_t length = strlen (name);

  if (!looked)
    {
      armed = getenv ("BERTH_FAILPOINT");
      file = getenv ("BERTH_FAILPOINT_TRACE");
      looked = true;
    }
  if (file != NULL)
    trace (file, name);
  if (armed == NULL || strncmp (armed, "monitor:", 8) != 0 || strncmp (armed + 8, name, length) != 0
      || armed[8 + length] != ':')
    return;
  if (++passes == atoi (armed + 8 + length + 1))
    kill (getpid (), SIGKILL);
}
