/*
 * fail.h - how a failed op tells what went wrong.
 *
 * A failure is an errno (0 when no system call is to blame) and the name of
 * the thing that failed, without strerror: the caller turns the number into a
 * sentence. Every handler returns 0 with *why untouched, or -1 with it set.
 */
#ifndef BERTH_FAIL_H
#define BERTH_FAIL_H

struct failure
{
  int op;  /* number of the op, filled in by whoever walks the program */
  int err; /* errno or 0 */
  char message[400];
};

/* Takes errno. Returns -1. */
int fail (struct failure *why, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* The same with an errno of our own choice: a refusal, not a failed call. */
int refuse (struct failure *why, int err, const char *format, ...) __attribute__ ((format (printf, 3, 4)));

#endif
