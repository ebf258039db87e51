/*
 * unanswered.h - monitors that were forked and have not answered yet.
 *
 * Each holds the write end of a pipe. A byte says that it has answered; the
 * end of the pipe without one, that it was killed before it could.
 */
#ifndef BERTH_UNANSWERED_H
#define BERTH_UNANSWERED_H

#include <poll.h>

/* As many starts at once as are watched; of more than that nobody tells the death. */
#define MAX_UNANSWERED 256

/* Returns the end that the monitor holds, or -1 when it is not watched. */
int expect_answer (const char *tag);

/* Adds what is watched to `fds`; returns how many. */
int poll_unanswered (struct pollfd *fds);

/* Looks at what poll has said of them; tells the engine of those that died. */
void look_at_unanswered (const struct pollfd *fds, int count);

/* In a monitor: the launcher's ends are not its own. */
void forget_unanswered (void);

#endif
