/* seal.h - runs this program from a sealed copy of itself. */
#ifndef BERTH_SEAL_H
#define BERTH_SEAL_H

/* Returns when the process already runs from a sealed copy; otherwise execs one. -1 with errno. */
int run_sealed (char **argv);

#endif
