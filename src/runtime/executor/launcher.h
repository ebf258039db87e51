/* launcher.h - `berth-executor launcher LOCKFILE`. */
#ifndef BERTH_LAUNCHER_H
#define BERTH_LAUNCHER_H

int run_launcher (const char *lock_path, char **argv);

#endif
