/* listen_edge.h - the kernel's own word that a socket has begun to listen. */
#ifndef BERTH_LISTEN_EDGE_H
#define BERTH_LISTEN_EDGE_H

#include <stdbool.h>

#define EDGE_CPUS 256

struct listen_edge
{
  int count; /* of processors that are listened to; 0: there is no edge to be had here */
  int fds[EDGE_CPUS];
  void *rings[EDGE_CPUS];
};

/*
 * Asks for the tracepoint sock:inet_sock_set_state, filtered to transitions to LISTEN, on every processor. Leaves the
 * caller in a mount namespace of its own. Without the right or without tracefs EDGE is empty, which is no failure.
 */
void open_listen_edge (struct listen_edge *edge);

/* Waits for a transition, at most MS milliseconds. Returns whether there was one. */
bool await_listen_edge (struct listen_edge *edge, int ms);

#endif
