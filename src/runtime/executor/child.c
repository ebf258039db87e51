/*
 * child.c - the clone, from clone3 to the fork or exec of the program.
 *
 * Actor: root in new namespaces, the old root still visible until `pivot`.
 * It dies with its monitor (PDEATHSIG) and can not be looked into by the
 * container it joins: the monitor has made itself undumpable before clone3.
 */
#include "sys.h"
#include "child.h"
#include "sync.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

void
report_failure (struct child *c, const struct failure *why)
{
  struct report report = { .kind = REPORT_FAILED, .failure = *why };
  send_report (c->sync, &report, NULL);
  _exit (125);
}

int
open_root (struct child *c, struct failure *why)
{
  close_fd (&c->root);
  c->root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return c->root < 0 ? fail (why, "open /") : 0;
}

static int
await_go (struct child *c, char wanted, struct failure *why)
{
  char byte = 0;
  ssize_t got;
  do
    got = read (c->sync, &byte, 1);
  while (got < 0 && errno == EINTR);
  if (got != 1 || byte != wanted)
    return refuse (why, EPIPE, "monitor is gone");
  return 0;
}

int
await_network (struct child *c, struct failure *why)
{
  if (c->network_ready)
    return 0;
  c->network_ready = true;
  return await_go (c, GO_NETWORK, why);
}

/* Identity in a new user namespace: root there, once the monitor has written the maps. */
static int
enter_user_namespace (struct child *c, struct failure *why)
{
  if (await_go (c, GO_MAPS, why) != 0)
    return -1;
  if (setgroups (0, NULL) != 0 && errno != EPERM)
    return fail (why, "drop groups in the user namespace");
  if (setresgid (0, 0, 0) != 0 || setresuid (0, 0, 0) != 0)
    return fail (why, "become root of the user namespace");
  /* The change of ids has cleared it. */
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return 0;
}

static int
prepare (struct child *c, struct failure *why)
{
  uint64_t namespaces = c->program->new_namespaces;

  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  umask (0);
  for (int i = 0; i < c->program->count; i++)
    {
      struct op *op = &c->program->ops[i];
      why->op = i;
      if (op->kind->enter != NULL && op->kind->enter (c, op, why) != 0)
        return -1;
    }
  why->op = 0;
  if ((namespaces & CLONE_NEWUSER) != 0 && enter_user_namespace (c, why) != 0)
    return -1;
  /* After the joins: where a process is now becomes the root it sees. */
  if ((namespaces & CLONE_NEWCGROUP) != 0 && unshare (CLONE_NEWCGROUP) != 0)
    return fail (why, "new cgroup namespace");
  /* Nothing we mount may reach the host; what the host mounts may still reach slave binds. */
  if ((namespaces & CLONE_NEWNS) != 0 && mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
    return fail (why, "cut mount propagation");
  if ((c->host_root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    return fail (why, "open /");
  return c->root >= 0 ? 0 : open_root (c, why);
}

static void
collect_environment (struct child *c)
{
  int count = 0;
  for (struct op *op = NULL; (op = find_op (c->program, OP_ENV, op)) != NULL && count < MAX_ENV;)
    c->environment[count++] = op->args[0];
  c->environment[count] = NULL;
}

static void
start_under_init (struct child *c, struct failure *why)
{
  pid_t program = fork ();
  if (program < 0)
    {
      fail (why, "fork the program");
      report_failure (c, why);
    }
  if (program > 0)
    run_init (c, program);
}

void
run_child (struct child *c)
{
  struct failure why = { 0 };

  collect_environment (c);
  if (prepare (c, &why) != 0)
    report_failure (c, &why);
  for (int i = 0; i < c->program->count; i++)
    {
      struct op *op = &c->program->ops[i];
      why.op = i;
      if (op->kind->inside != NULL && op->kind->inside (c, op, &why) != 0)
        report_failure (c, &why);
    }
  if (find_op (c->program, OP_INIT, NULL) != NULL)
    start_under_init (c, &why);
  become_program (c, &why);
  report_failure (c, &why);
}
