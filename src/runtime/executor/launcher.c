/*
 * launcher.c - the resident process that forks a monitor for each program.
 *
 * Actor: root on the host, child of the engine. Reads frames from stdin until
 * its end; small on purpose, since every fork copies its page tables.
 */
#include "sys.h"
#include "launcher.h"
#include "monitor.h"
#include "process.h"
#include "seal.h"
#include "unanswered.h"

#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/time.h>

#define MAX_PROGRAM (16 * 1024 * 1024)
#define LOCK_WAIT_SECONDS 5

static void
wake_up (int signal)
{
  (void) signal; /* only interrupts flock */
}

/* The engine ended before its death could be asked for: its end of our stdin is closed. */
static bool
is_orphan (void)
{
  struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

  return poll (&in, 1, 0) == 1 && (in.revents & POLLHUP) != 0;
}

/* Returns the descriptor that holds the lock, or -1. */
static int
take_lock (const char *path)
{
  struct sigaction action = { .sa_handler = wake_up };
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  int held;

  if (fd < 0)
    return -1;
  sigaction (SIGALRM, &action, NULL);
  /* An engine that has given up must not be outlived by the wait for its lock. */
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  alarm (LOCK_WAIT_SECONDS);
  held = is_orphan () ? (errno = EINTR, -1) : flock (fd, LOCK_EX);
  alarm (0);
  prctl (PR_SET_PDEATHSIG, 0, 0, 0, 0);
  if (held == 0)
    {
      char pid[16];
      int length = snprintf (pid, sizeof pid, "%d\n", (int) getpid ());
      if (ftruncate (fd, 0) == 0 && pwrite (fd, pid, length, 0) == length)
        return fd;
    }
  else if (errno == EINTR)
    {
      char pid[16] = "";
      if (pread (fd, pid, sizeof pid - 1, 0) < 0)
        pid[0] = 0;
      dprintf (STDOUT_FILENO, "busy %ld\n", strtol (pid, NULL, 10));
      exit (75);
    }
  return -1;
}

/* Returns false at the end of stdin. */
static bool
read_all (void *data, size_t length)
{
  for (size_t done = 0; done < length;)
    {
      ssize_t got = read (STDIN_FILENO, (char *) data + done, length - done);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return false;
      done += got;
    }
  return true;
}

/* The first op is `tag`, with one argument; the monitor checks it, here it is only a name. */
static const char *
tag_of (const char *program, size_t length)
{
  static const char head[] = "tag\0001";
  /* The buffer has a byte behind `length`, which is made the end of a text that has none. */
  return length > sizeof head && memcmp (program, head, sizeof head) == 0 ? program + sizeof head : "-";
}

/* Waits for the next frame; meanwhile tells the engine of monitors that have died. */
static void
await_frame (void)
{
  struct pollfd fds[MAX_UNANSWERED + 1];

  for (;;)
    {
      int count = poll_unanswered (fds + 1);
      fds[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
      if (poll (fds, count + 1, -1) < 0)
        continue;
      look_at_unanswered (fds + 1, count);
      if (fds[0].revents != 0)
        return;
    }
}

/* Forks twice: the monitor's parent becomes init, and its end is not ours to reap. */
static void
fork_monitor (char *program, size_t length, int lock)
{
  int answered = expect_answer (tag_of (program, length));
  pid_t pid = fork ();
  int null;

  if (pid < 0)
    dprintf (STDERR_FILENO, "launcher: fork: %d\n", errno);
  if (pid != 0)
    {
      if (answered >= 0)
        close (answered);
      return;
    }
  forget_unanswered ();
  setsid ();
  if ((pid = fork ()) != 0)
    _exit (pid < 0);
  close (lock);
  signal (SIGCHLD, SIG_DFL);
  null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2 (null, STDIN_FILENO);
  close (null);
  run_monitor (program, length, answered);
}

int
run_launcher (const char *lock_path, char **argv)
{
  unsigned char size[4];
  int lock;

  if (run_sealed (argv) != 0)
    return dprintf (STDERR_FILENO, "launcher: sealed copy: %d\n", errno), 1;
  /* Nobody in a container may look into us or our descendants before they exec (CVE-2016-9962). */
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_IGN); /* the kernel reaps the intermediate forks */
  if ((lock = take_lock (lock_path)) < 0)
    return dprintf (STDERR_FILENO, "launcher: lock %s: %d\n", lock_path, errno), 1;
  set_title ("berth-launcher");
  dprintf (STDOUT_FILENO, "ready %d\n", (int) getpid ());
  while (await_frame (), read_all (size, sizeof size))
    {
      uint32_t length = size[0] | (uint32_t) size[1] << 8 | (uint32_t) size[2] << 16 | (uint32_t) size[3] << 24;
      char *program = length > MAX_PROGRAM ? NULL : malloc (length + 1);
      if (program == NULL)
        return dprintf (STDERR_FILENO, "launcher: frame of %u bytes\n", (unsigned) length), 1;
      if (!read_all (program, length))
        return 0;
      program[length] = 0;
      fork_monitor (program, length, lock);
      free (program);
    }
  return 0;
}
