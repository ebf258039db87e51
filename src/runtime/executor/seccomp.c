/*
 * seccomp.c - seccomp HEX
 *
 * HEX is an array of struct sock_filter, made in TypeScript. It is decoded in
 * place, in the program's buffer: no memory is allocated after clone.
 */
#include "sys.h"
#include "child.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

static int
hex_digit (char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
install_seccomp (struct op *op, struct failure *why)
{
  char *hex = op->args[0];
  size_t length = strlen (hex), bytes = length / 2;
  struct sock_fprog program = { .len = (unsigned short) (bytes / sizeof (struct sock_filter)) };

  if (length == 0 || length % (2 * sizeof (struct sock_filter)) != 0 || bytes / sizeof (struct sock_filter) > BPF_MAXINSNS)
    return refuse (why, EINVAL, "seccomp filter of %zu hex digits", length);
  for (size_t i = 0; i < bytes; i++)
    {
      int high = hex_digit (hex[2 * i]), low = hex_digit (hex[2 * i + 1]);
      if (high < 0 || low < 0)
        return refuse (why, EINVAL, "seccomp filter is not hex");
      hex[i] = (char) (high << 4 | low);
    }
  /* Half of the text is free now: move the bytes to an aligned place in it. */
  program.filter = (struct sock_filter *) (((uintptr_t) hex + 7) & ~(uintptr_t) 7);
  memmove (program.filter, hex, bytes);
  if (syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
    return fail (why, "install the seccomp filter");
  return 0;
}
