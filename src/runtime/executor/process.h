/* process.h - what /proc tells about processes, and how to reach all of a container. */
#ifndef BERTH_PROCESS_H
#define BERTH_PROCESS_H

#include "fail.h"
#include <stdint.h>
#include <sys/types.h>

/* Field 22 of /proc/PID/stat, 0 when the process is gone. */
uint64_t read_start_time (pid_t pid);

/* Sends SIGNAL to every process in the pid namespace of PID, by pidfd. Returns how many it reached. */
int signal_pid_namespace (pid_t pid, int signal);

/* The same for every process listed in FILE (tasks or cgroup.procs). */
int signal_listed (const char *file, int signal);

/* Opens, writes TEXT in one call, closes. */
int write_file (const char *path, const char *text, struct failure *why);

/* Overwrites argv and sets comm, so that ps shows what the process is now. */
void set_title (const char *title);
void remember_arguments (int argc, char **argv);

#endif
