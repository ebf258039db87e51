/* opened.h - `berth-executor opened STATEDIR TARGET...`: which files a container opens and writes below its mounts. */
#ifndef BERTH_OPENED_H
#define BERTH_OPENED_H

int run_opened (const char *state_dir, char **targets);

#endif
