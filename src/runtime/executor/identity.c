/*
 * identity.c - the process that becomes the program.
 *
 * Actor: root in the new namespaces at entry; at the end the program's user,
 * with its capabilities and nothing else. The order is fixed, whatever the
 * program's: descriptors go before paths of the image are entered
 * (CVE-2024-21626), the bounding set before the ids, seccomp last.
 */
#include "sys.h"
#include "child.h"
#include "number.h"
#include "sync.h"

#include <grp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

/* The program's session, with the pty (if any) as controlling terminal and stdio. */
static int
take_stdio (struct child *c, struct failure *why)
{
  setsid ();
  if (c->tty >= 0 && ioctl (c->tty, TIOCSCTTY, 0) != 0)
    return fail (why, "make the pty the controlling terminal");
  for (int fd = 0; fd <= 2; fd++)
    if (dup2 (c->tty >= 0 ? c->tty : c->stdio[fd], fd) < 0)
      return fail (why, "set up stdio");
  return 0;
}

/* Only 0, 1, 2 and the two descriptors to the monitor survive; no way back to the host through /proc/self/fd. */
static int
close_descriptors (struct child *c, struct failure *why)
{
  int alive = fcntl (c->alive, F_DUPFD_CLOEXEC, 100), sync = fcntl (c->sync, F_DUPFD_CLOEXEC, 100);

  if (alive < 0 || sync < 0 || dup3 (alive, 3, O_CLOEXEC) != 3 || dup3 (sync, 4, O_CLOEXEC) != 4)
    return fail (why, "keep descriptors");
  c->alive = 3;
  c->sync = 4;
  c->root = c->host_root = c->proc = c->tty = -1;
  if (sys_close_range (5, ~0U, 0) != 0)
    return fail (why, "close descriptors");
  return 0;
}

/* So that the user may open /dev/stdout again; a pipe or pty made by root would refuse that. */
static void
own_stdio (const struct child *c)
{
  struct stat st;
  for (int fd = 0; fd <= 2; fd++)
    if (fstat (fd, &st) == 0 && (S_ISFIFO (st.st_mode) || (S_ISCHR (st.st_mode) && isatty (fd))))
      if (fchown (fd, c->user.uid, -1) != 0)
        return;
}

static int
become_user (struct child *c, struct op *caps, struct failure *why)
{
  struct op *user = find_op (c->program, OP_USER, NULL);
  bool no_new_privs = find_op (c->program, OP_NO_NEW_PRIVS, NULL) != NULL;
  bool keep_admin = !no_new_privs && find_op (c->program, OP_SECCOMP, NULL) != NULL;

  if (caps != NULL && drop_bounding (caps, why) != 0)
    return -1;
  if (user != NULL)
    {
      why->op = user->number;
      own_stdio (c);
      if ((caps != NULL || keep_admin) && prctl (PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
        return fail (why, "keep capabilities");
      if (setgroups (c->user.group_count, c->user.groups) != 0)
        return fail (why, "set %d groups", c->user.group_count);
      if (setresgid (c->user.gid, c->user.gid, c->user.gid) != 0)
        return fail (why, "set gid %u", (unsigned) c->user.gid);
      if (setresuid (c->user.uid, c->user.uid, c->user.uid) != 0)
        return fail (why, "set uid %u", (unsigned) c->user.uid);
      prctl (PR_SET_KEEPCAPS, 0, 0, 0, 0);
    }
  if (caps != NULL)
    {
      why->op = caps->number;
      return raise_caps (caps, keep_admin, why);
    }
  return 0;
}

/* Without no_new_privs the filter needs CAP_SYS_ADMIN, which is given up right after it. */
static int
lock_down (struct child *c, struct op *caps, struct failure *why)
{
  struct op *no_new_privs = find_op (c->program, OP_NO_NEW_PRIVS, NULL);
  struct op *seccomp = find_op (c->program, OP_SECCOMP, NULL);

  /* The change of ids and capabilities has cleared both. */
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (no_new_privs != NULL && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return why->op = no_new_privs->number, fail (why, "set no_new_privs");
  if (seccomp != NULL)
    {
      why->op = seccomp->number;
      if (install_seccomp (seccomp, why) != 0)
        return -1;
    }
  if (caps != NULL)
    {
      why->op = caps->number;
      return lower_caps (caps, why);
    }
  return 0;
}

static int
apply_limits (struct child *c, struct failure *why)
{
  for (struct op *op = NULL; (op = find_op (c->program, OP_RLIMIT, op)) != NULL;)
    {
      why->op = op->number;
      if (set_limit (op, why) != 0)
        return -1;
    }
  return 0;
}

static void
reset_signals (void)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  sigset_t none;

  for (int signal = 1; signal < 65; signal++)
    sigaction (signal, &action, NULL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

int
become_program (struct child *c, struct failure *why)
{
  struct op *exec = find_op (c->program, OP_EXEC, NULL), *cwd = find_op (c->program, OP_CWD, NULL);
  struct op *caps = find_op (c->program, OP_CAPS, NULL), *mask = find_op (c->program, OP_UMASK, NULL);
  struct report ready = { .kind = REPORT_EXEC };
  uint64_t bits = 022;

  why->op = exec->number;
  reset_signals ();
  if (take_stdio (c, why) != 0 || close_descriptors (c, why) != 0)
    return -1;
  if (mask != NULL && !parse_octal (mask->args[0], 0777, &bits))
    return why->op = mask->number, refuse (why, EINVAL, "umask %s", mask->args[0]);
  umask ((mode_t) bits);
  if (apply_limits (c, why) != 0)
    return -1;
  why->op = caps == NULL ? exec->number : caps->number;
  if (become_user (c, caps, why) != 0)
    return -1;
  if (cwd != NULL && (why->op = cwd->number, enter_working_dir (c, cwd, why)) != 0)
    return -1;
  if (lock_down (c, caps, why) != 0)
    return -1;
  why->op = exec->number;
  send_report (c->sync, &ready, NULL);
  return exec_program (c, exec, why);
}
