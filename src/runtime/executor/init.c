/*
 * init.c - PID 1 of a container with `init`.
 *
 * Actor: root in the container, but holds no capability except CAP_KILL and no
 * descriptor except the one to the monitor. Forwards every signal to the
 * program, reaps everything, and ends with the program's status.
 */
#include "sys.h"
#include "child.h"
#include "process.h"
#include "sync.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static void
shed_privileges (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };

  data[0].effective = data[0].permitted = 1U << CAP_KILL;
  syscall (SYS_capset, &header, data);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* Keeps only the sync socket: an open stdout of ours would hide the program's end-of-file. */
static void
shed_descriptors (struct child *c)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  for (int fd = 0; fd <= 2; fd++)
    if (null >= 0)
      dup2 (null, fd);
    else
      close (fd);
  if (c->sync != 3)
    dup3 (c->sync, 3, O_CLOEXEC);
  c->sync = 3;
  sys_close_range (4, ~0U, 0);
  if (chdir ("/") != 0)
    return;
}

/* Reaps all that have ended. Returns true, with *STATUS, when PROGRAM was among them. */
static bool
reap (pid_t program, int *status)
{
  bool ended = false;
  int found;
  pid_t pid;

  while ((pid = waitpid (-1, &found, WNOHANG)) > 0)
    if (pid == program)
      {
        ended = true;
        *status = found;
      }
  return ended;
}

void
run_init (struct child *c, pid_t program)
{
  struct report report = { .kind = REPORT_STATUS };
  sigset_t all;
  siginfo_t info;

  set_title ("berth-init");
  /* Blocked signals are queued even for PID 1, which is otherwise deaf without handlers. */
  sigfillset (&all);
  sigprocmask (SIG_BLOCK, &all, NULL);
  shed_descriptors (c);
  shed_privileges ();
  if (getpid () != 1)
    prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  while (!reap (program, &report.status))
    {
      int signal = sigwaitinfo (&all, &info);
      if (signal > 0 && signal != SIGCHLD)
        kill (program, signal);
    }
  send_report (c->sync, &report, NULL);
  _exit (WIFEXITED (report.status) ? WEXITSTATUS (report.status) : 128 + WTERMSIG (report.status));
}
