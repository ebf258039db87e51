/*
 * op_note_opens.c - note-opens TARGET...
 *
 * The kernel notes which files the container opens and writes through the
 * mounts at these places, from the program's first one on; `opened` reads the
 * notes (opened.c). Only marks on mounts can tell the container from everybody
 * else who uses the same files. Nothing waits for a reader: past 16384 notes
 * the kernel drops further ones and says so. The group is held by the monitor,
 * so it ends with the container and outlives the engine. fanotify(7).
 */
#include "sys.h"
#include "monitor.h"
#include "path.h"
#include "root.h"

#include <sys/fanotify.h>

#define NOTED (FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE)

/* Monitor: marks on mounts need CAP_SYS_ADMIN of the machine, as does reading them. */
int
open_notes (struct monitor *m, struct op *op, struct failure *why)
{
  (void) m;
  op->fd = fanotify_init (FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_MARKS,
                          O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NONBLOCK | O_NOATIME);
  return op->fd < 0 ? fail (why, "note what is opened") : 0;
}

/* Child, before pivot: all mounts are in place. */
int
mark_mounts (struct child *c, struct op *op, struct failure *why)
{
  for (int i = 0; i < op->argc; i++)
    {
      const char *target = op->args[i];
      cleanup_close int place = open_in_root (c->root, target, O_PATH);
      cleanup_close int opened = -1;
      struct stat st;

      if (place < 0 || fstat (place, &st) != 0)
        return fail (why, "note what is opened below %s", target);
      if (!S_ISDIR (st.st_mode) && !S_ISREG (st.st_mode))
        continue;
      opened = open_in_root (c->root, target, O_RDONLY | O_NONBLOCK);
      if (opened < 0 || fanotify_mark (op->fd, FAN_MARK_ADD | FAN_MARK_MOUNT, NOTED, opened, NULL) != 0)
        return fail (why, "note what is opened below %s", target);
    }
  return 0;
}
