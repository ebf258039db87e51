/*
 * child.h - the state of the clone while it sets itself up.
 *
 * Lives in the child only, which is root in its new namespaces until
 * become_user() in identity.c. Nothing here is allocated.
 */
#ifndef BERTH_CHILD_H
#define BERTH_CHILD_H

#include "program.h"

#define MAX_GROUPS 1024
#define MAX_ENV 4096

struct child
{
  struct program *program;
  int sync;  /* seqpacket pair with the monitor: failures, the pty, the program's wait status */
  int alive; /* close-on-exec pipe: the monitor sees it close when execve has succeeded */
  int stdio[3];
  int host_root; /* "/" as it was at clone, for pivot */
  int root;      /* the container's root folder */
  int null_device, empty_dir;
  int files; /* the file system in memory that `file` ops fill, or -1 */
  int proc; /* a procfs mount of our own that nobody else can reach, see op_sysctl.c */
  bool network_ready;
  int tty; /* the pty's other end, or -1 */
  struct
  {
    bool set;
    uid_t uid;
    gid_t gid;
    int group_count;
    gid_t groups[MAX_GROUPS];
    char home[4096 + 8]; /* "HOME=..." */
  } user;
  char *environment[MAX_ENV + 2];
};

/* Runs in the clone; never returns. */
void run_child (struct child *c) __attribute__ ((noreturn));

/* Becomes the program: drops what has to be dropped, execs. Returns only on failure. */
int become_program (struct child *c, struct failure *why);

/* PID 1: forwards signals to PROGRAM, reaps, tells the monitor the program's wait status. Never returns. */
void run_init (struct child *c, pid_t program) __attribute__ ((noreturn));

/* Sends a failure to the monitor and ends the process. */
void report_failure (struct child *c, const struct failure *why) __attribute__ ((noreturn));

/* (Re)opens c->root as the process's own "/". */
int open_root (struct child *c, struct failure *why);

/* Blocks until the monitor has made the network interfaces. */
int await_network (struct child *c, struct failure *why);

/* Finds ARG0 in PATH as execvp does and execs it. Returns only on failure. */
int exec_program (struct child *c, struct op *op, struct failure *why);

int drop_bounding (const struct op *caps, struct failure *why);
int raise_caps (const struct op *caps, bool keep_admin, struct failure *why);
int lower_caps (const struct op *caps, struct failure *why);
int install_seccomp (struct op *op, struct failure *why);
int set_limit (struct op *op, struct failure *why);
int enter_working_dir (struct child *c, struct op *op, struct failure *why);

#endif
