/*
 * record.c - the files `run` and `exit` of a state folder.
 *
 * Written to a temporary name and renamed, so that a reader sees all or
 * nothing. The folder is on tmpfs: no fsync.
 */
#include "sys.h"
#include "monitor.h"
#include "process.h"

#include <sys/wait.h>
#include <time.h>

uint64_t
clock_ns (int clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return (uint64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static int
write_record (int dir, const char *name, const char *text)
{
  char temporary[32];
  cleanup_close int fd = -1;

  snprintf (temporary, sizeof temporary, ".%s.tmp", name);
  fd = openat (dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0 || write (fd, text, strlen (text)) != (ssize_t) strlen (text))
    return -1;
  return renameat (dir, temporary, dir, name);
}

int
write_run_record (struct monitor *m, struct failure *why)
{
  char text[128];

  snprintf (text, sizeof text, "%d %llu %d %llu\n", (int) m->pid, (unsigned long long) m->start_time, (int) getpid (),
            (unsigned long long) read_start_time (getpid ()));
  if (m->state_dir >= 0 && write_record (m->state_dir, "run", text) != 0)
    return fail (why, "write the run record");
  return 0;
}

/* Decided before the cgroups go: their counters go with them. */
void
format_exit_record (struct monitor *m, char *text, size_t size)
{
  int signal = WIFSIGNALED (m->status) ? WTERMSIG (m->status) : 0;
  int code = signal != 0 ? 128 + signal : WEXITSTATUS (m->status);

  snprintf (text, size, "%d %d %d %llu %llu\n", code, signal, was_oom_killed (m), (unsigned long long) m->started_ns,
            (unsigned long long) m->finished_ns);
}

void
publish_exit (struct monitor *m, const char *record)
{
  if (m->state_dir >= 0 && write_record (m->state_dir, "exit", record) != 0)
    {
      /* A full tmpfs: the run record is no use any more, its place is. */
      unlinkat (m->state_dir, ".run.tmp", 0);
      write_record (m->state_dir, "exit", record);
    }
  /* From here on the record is the answer: a client that came too late for it would wait for a stream that has ended. */
  stop_listening (m);
  broadcast (m, FRAME_EXIT, record, strlen (record) - 1);
  close_when_sent (m);
}
