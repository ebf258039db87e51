/*
 * op_terminal.c - setsid-tty
 *
 * The pty is opened in the container's own devpts, so that its name there is
 * right and the host's devpts is not reachable. Both ends go to the monitor;
 * /dev/console of a new container is the same terminal. ioctl_tty(2).
 */
#include "sys.h"
#include "number.h"
#include "path.h"
#include "root.h"
#include "sync.h"

#include <sys/ioctl.h>
#include <sys/vfs.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO ('T', 0x41)
#endif
#define DEVPTS_MAGIC 0x1cd1

static int
open_multiplexer (struct child *c, struct failure *why)
{
  int fd = open_in_root (c->root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
  struct statfs fs;

  if (fd < 0)
    return fail (why, "open /dev/pts/ptmx");
  if (fstatfs (fd, &fs) != 0 || fs.f_type != DEVPTS_MAGIC)
    return refuse (why, EPERM, "/dev/pts is not devpts");
  return fd;
}

static int
set_size (struct child *c, int pty, struct failure *why)
{
  struct op *op = find_op (c->program, OP_TERMINAL, NULL);
  uint64_t rows, cols;
  struct winsize size = { 0 };

  if (op == NULL)
    return refuse (why, EINVAL, "setsid-tty without terminal");
  if (!parse_decimal (op->args[0], 65535, &rows) || !parse_decimal (op->args[1], 65535, &cols))
    return refuse (why, EINVAL, "terminal %s %s", op->args[0], op->args[1]);
  size.ws_row = (unsigned short) rows;
  size.ws_col = (unsigned short) cols;
  return ioctl (pty, TIOCSWINSZ, &size) != 0 ? fail (why, "set the size of the terminal") : 0;
}

/* After pivot the file can be made only if the root is writable; without one there is no console, as in Docker's exec. */
static int
bind_console (struct child *c, int peer, struct failure *why)
{
  cleanup_close int place = make_file_in_root (c->root, "/dev/console");
  cleanup_close int copy = place < 0 ? -1 : copy_tree (peer, false);

  if (copy < 0 || attach_mount (copy, place) != 0)
    return fail (why, "bind /dev/console");
  return 0;
}

int
open_terminal (struct child *c, struct op *op, struct failure *why)
{
  struct report report = { .kind = REPORT_TERMINAL };
  int unlock = 0, ends[2] = { open_multiplexer (c, why), -1 };
  (void) op;

  if (ends[0] < 0 || set_size (c, ends[0], why) != 0)
    return -1;
  if (ioctl (ends[0], TIOCSPTLCK, &unlock) != 0 || (ends[1] = ioctl (ends[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
    return fail (why, "open the terminal");
  if ((c->program->new_namespaces & CLONE_NEWNS) != 0 && bind_console (c, ends[1], why) != 0)
    return -1;
  c->tty = ends[1];
  if (send_report (c->sync, &report, ends) != 0)
    return fail (why, "hand over the terminal");
  close (ends[0]);
  return 0;
}
