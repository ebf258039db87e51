/*
 * op_exec.c - exec ARG0 ARG...
 *
 * Actor: the program's user, inside. ARG0 without a slash is looked up in the
 * PATH of the program's own environment, as execvp(3) does, but never through
 * a relative folder of it and never by running a shell.
 */
#include "sys.h"
#include "child.h"

#include <limits.h>

static const char *
find_path (char *const *environment)
{
  const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (; *environment != NULL; environment++)
    if (strncmp (*environment, "PATH=", 5) == 0)
      path = *environment + 5;
  return path;
}

int
exec_program (struct child *c, struct op *op, struct failure *why)
{
  const char *name = op->args[0];
  char full[PATH_MAX];
  int err = ENOENT;

  if (strchr (name, '/') != NULL)
    {
      execve (name, op->args, c->environment);
      return fail (why, "exec %s", name);
    }
  for (const char *at = find_path (c->environment); *at != 0 && *name != 0;)
    {
      int length = (int) strcspn (at, ":");
      if (*at == '/' && snprintf (full, sizeof full, "%.*s/%s", length, at, name) < (int) sizeof full)
        {
          execve (full, op->args, c->environment);
          /* EACCES is remembered: a later folder may still hold the one we may run. */
          if (errno == EACCES)
            err = EACCES;
          else if (errno != ENOENT && errno != ENOTDIR)
            return fail (why, "exec %s", full);
        }
      at += length + (at[length] == ':');
    }
  return refuse (why, err, "exec %s", name);
}
