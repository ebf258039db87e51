/*
 * monitor.h - the state of one monitor: the process beside one container.
 *
 * Actor everywhere: root on the host, own session, parent of the container's
 * PID 1. It owns the stdio of the program, the log, ctl.sock and the records.
 */
#ifndef BERTH_MONITOR_H
#define BERTH_MONITOR_H

#include "control.h"
#include "log.h"
#include "program.h"

enum stdin_mode { STDIN_NULL, STDIN_OPEN, STDIN_ONCE };

struct monitor
{
  struct program program;
  struct op *running; /* the op at work, for failures of the monitor itself */
  int state_dir;      /* or -1 */
  pid_t pid;
  int pidfd;
  uint64_t start_time;
  int sync, alive;
  bool has_time_namespace, has_started;
  int status; /* wait status of the program */
  bool has_status, ended;
  int answered; /* to the launcher: this start has been told of */
  bool engine_gone; /* whoever reads our answers */
  uint64_t started_ns, finished_ns;

  /* Our ends of the program's stdio; -1 when closed. With a pty all of it is OUT. */
  int in, out, err, child_stdio[3];
  bool is_terminal, terminal_ready;
  int pty_peer; /* held open so that the pty gives no EIO while the program has closed it */
  enum stdin_mode stdin_mode;
  char pending_input[8192];
  size_t pending_start, pending_end;
  bool input_ended;

  struct log log;
  struct control control;
  struct { int events, file; bool v2; uint64_t before, look_until; bool killed; } oom;
};

/* Runs one program in a process of its own; never returns. Takes BUFFER. */
/* `answered`: gets a byte when the engine has been told how the start went, or -1. */
void run_monitor (char *buffer, size_t length, int answered) __attribute__ ((noreturn));

/* clone.c: clones the child and drives it until it has exec'd. */
int clone_child (struct monitor *m, struct failure *why);
int await_start (struct monitor *m, struct failure *why);

/* stdio.c */
int make_stdio (struct monitor *m, struct failure *why);
void close_child_stdio (struct monitor *m);
void take_terminal (struct monitor *m, const int *fds);
void write_input (struct monitor *m, const char *data, size_t length);
void flush_input (struct monitor *m);
void end_input (struct monitor *m);
int resize_terminal (struct monitor *m, unsigned rows, unsigned cols);

/* serve.c: the event loop. */
enum serve_until { UNTIL_ATTACHED, UNTIL_ENDED };
int serve (struct monitor *m, enum serve_until until);
void drain_output (struct monitor *m);
void linger (struct monitor *m);

/* output.c: reads one chunk of FD into log and clients. Returns false at end of file. */
bool pump_output (struct monitor *m, int *fd, int stream);

/* record.c */
int write_run_record (struct monitor *m, struct failure *why);
void format_exit_record (struct monitor *m, char *text, size_t size);
void publish_exit (struct monitor *m, const char *record);
uint64_t clock_ns (int clock);

/* cgroup.c, oom.c */
void remove_cgroups (struct monitor *m);
int signal_all (struct monitor *m, int signal);
void read_oom_event (struct monitor *m);
bool expects_oom_kill (const struct monitor *m);
void look_for_oom_kill (struct monitor *m);
bool was_oom_killed (struct monitor *m);

/* op_net.c: network ops of a batch, in the joined network namespace. */
int apply_batch_network (struct monitor *m, struct failure *why);
void remove_links (struct monitor *m);

/* namespace.c */
int unshare_time (struct monitor *m, struct failure *why);

#endif
