/*
 * view.h - the root of a container for those who copy in and out.
 *
 * Flags: --pid=PID:START (a process of the container that runs), --view (a
 * program of mounts on descriptor 3, for one that does not), --root=DIR.
 */
#ifndef BERTH_VIEW_H
#define BERTH_VIEW_H

#include "fail.h"
#include <stdbool.h>

/* Takes FLAG when it names a root. */
bool take_view_flag (const char *flag);

/* Whether a flag has named one. */
bool has_view (void);

/* The root as a descriptor, -1 with *WHY. Nothing of it is ever executed, and nothing resolved outside of it. */
int open_view (struct failure *why);

/*
 * Enters the mount namespace that the root is of. From outside of it the kernel lets a mount be removed together with
 * the file or folder under it; from inside, that is EBUSY. The host's /proc is out of reach afterwards.
 */
int enter_view (struct failure *why);

/* `berth-executor stat PATH FLAGS`: what PATH is there, links on the way followed, the last one only with --follow. */
int run_stat (const char *path, char **flags);

#endif
