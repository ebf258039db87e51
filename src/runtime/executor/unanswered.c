/*
 * unanswered.c - tells the engine of monitors that die before they answer.
 *
 * Actor: the launcher. Monitors are no children of it, so their death shows
 * only in the pipes that they leave behind.
 */
#include "sys.h"
#include "unanswered.h"

struct unanswered { int fd; char tag[65]; };

static struct unanswered waiting[MAX_UNANSWERED];
static int count;

int
expect_answer (const char *tag)
{
  int ends[2];

  if (count == MAX_UNANSWERED || strlen (tag) >= sizeof waiting[0].tag || pipe2 (ends, O_CLOEXEC) != 0)
    return -1;
  waiting[count].fd = ends[0];
  strcpy (waiting[count].tag, tag);
  count++;
  return ends[1];
}

int
poll_unanswered (struct pollfd *fds)
{
  for (int i = 0; i < count; i++)
    fds[i] = (struct pollfd){ .fd = waiting[i].fd, .events = POLLIN };
  return count;
}

static void
tell_death (const struct unanswered *monitor)
{
  char line[128];
  int length = snprintf (line, sizeof line, "%s failed 0 0 its monitor was killed before the program ran\n", monitor->tag);
  /* Without a reader there is nobody to tell. */
  if (write (STDOUT_FILENO, line, length) < 0)
    return;
}

void
look_at_unanswered (const struct pollfd *fds, int looked)
{
  int kept = 0;

  for (int i = 0; i < looked; i++)
    {
      char byte;
      if (fds[i].revents == 0)
        {
          waiting[kept++] = waiting[i];
          continue;
        }
      if (read (waiting[i].fd, &byte, 1) != 1)
        tell_death (&waiting[i]);
      close (waiting[i].fd);
    }
  count = kept;
}

void
forget_unanswered (void)
{
  for (int i = 0; i < count; i++)
    close (waiting[i].fd);
  count = 0;
}
