/* listening.h - waits until something listens on TCP ports of a network namespace. */
#ifndef BERTH_LISTENING_H
#define BERTH_LISTENING_H

/*
 * Enters the network namespace that descriptor 3 is, and says `ok` as soon as every one of PORTS (NULL-terminated,
 * decimal) has a socket that listens, on whatever address. Returns 0; 64 for a bad port, 1 with a line on stderr when the kernel
 * does not answer. Waits without end.
 */
int run_listening (char **ports);

#endif
