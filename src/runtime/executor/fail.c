/*
 * fail.c - fills a struct failure.
 *
 * The message travels as the rest of one answer line, so control characters
 * (a newline in a path of the stack file) are replaced here, once.
 */
#include "sys.h"
#include "fail.h"

#include <stdarg.h>

static int
write_failure (struct failure *why, int err, const char *format, va_list args)
{
  why->err = err;
  vsnprintf (why->message, sizeof why->message, format, args);
  for (char *c = why->message; *c != 0; c++)
    if ((unsigned char) *c < ' ' || *c == 127)
      *c = '?';
  return -1;
}

int
fail (struct failure *why, const char *format, ...)
{
  int err = errno;
  va_list args;
  va_start (args, format);
  write_failure (why, err, format, args);
  va_end (args);
  return -1;
}

int
refuse (struct failure *why, int err, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  write_failure (why, err, format, args);
  va_end (args);
  return -1;
}
