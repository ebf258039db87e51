/*
 * control.h - ctl.sock: clients that attach, signal, resize.
 *
 * A stuck client costs at most its buffer; it never holds up the container or
 * another client.
 */
#ifndef BERTH_CONTROL_H
#define BERTH_CONTROL_H

#include "fail.h"
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_CLIENTS 32
#define CLIENT_BUFFER (1024 * 1024) /* past it a client of a container with a log is dropped */
#define CLIENT_SLOW (256 * 1024)    /* past it the monitor stops reading when there is no log */

enum frame_type { FRAME_STDIN, FRAME_STDOUT, FRAME_STDERR, FRAME_EXIT, FRAME_COMMAND, FRAME_ANSWER, FRAME_EVENT };

struct client
{
  int fd; /* -1: free slot */
  bool attached, closing;
  unsigned char header[8];
  size_t header_have, payload_left; /* of the frame being read */
  char text[128];
  size_t text_have;
  char *out; /* bytes the socket did not take yet */
  size_t out_start, out_end, out_size;
};

struct control
{
  int listener;
  struct client clients[MAX_CLIENTS];
  bool was_attached;   /* somebody has attached since the start */
  bool first_detached; /* and the first one has gone again */
  int first;           /* slot of the first, or -1 */
};

struct monitor;

int open_control (struct monitor *m, struct failure *why);
void stop_listening (struct monitor *m); /* who waits in the queue is still taken */
void close_control (struct monitor *m);

/* Adds the descriptors to poll and, after it, acts on them. */
int poll_control (struct monitor *m, struct pollfd *fds);
void handle_control (struct monitor *m, const struct pollfd *fds, int count);

/* To every attached client (stdout, stderr) or to every client (exit, event). */
void broadcast (struct monitor *m, enum frame_type type, const char *data, size_t length);

/* The largest backlog of an attached client, in bytes. */
size_t slowest_client (const struct control *control);
bool has_clients (const struct control *control);
void close_when_sent (struct monitor *m);

/* client.c */
void send_frame (struct monitor *m, struct client *client, enum frame_type type, const char *data, size_t length);
void read_client (struct monitor *m, struct client *client);
void flush_client (struct monitor *m, struct client *client);
void drop_client (struct monitor *m, struct client *client);
bool wants_input_room (const struct client *client);

/* command.c */
void run_command (struct monitor *m, struct client *client, const char *text);

#endif
