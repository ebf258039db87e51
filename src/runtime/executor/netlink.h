/*
 * netlink.h - one rtnetlink request at a time, with its acknowledgement.
 *
 * rtnetlink(7). A request is built in a fixed buffer on the stack; a request
 * that does not fit fails with EMSGSIZE when it is sent.
 */
#ifndef BERTH_NETLINK_H
#define BERTH_NETLINK_H

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>

struct request
{
  struct nlmsghdr header;
  char body[1024];
  bool overflow;
};

/* A socket in the calling process's network namespace. */
int open_netlink (void);

/* Starts a request of TYPE with its fixed part (ifinfomsg, ifaddrmsg, rtmsg). */
void begin_request (struct request *request, unsigned short type, unsigned short flags, const void *fixed, size_t length);

void add_attribute (struct request *request, unsigned short type, const void *data, size_t length);
void add_text (struct request *request, unsigned short type, const char *text);
void add_number (struct request *request, unsigned short type, unsigned number);

/* Opens a nested attribute; returns what end_nest needs. */
struct rtattr *begin_nest (struct request *request, unsigned short type);
void end_nest (struct request *request, struct rtattr *nest);

/* Appends raw bytes: the ifinfomsg of a veth's peer. */
void add_raw (struct request *request, const void *data, size_t length);

/* Sends, waits for the acknowledgement. Returns 0, or -1 with errno. */
int exchange (int socket, struct request *request);

#define MAC_BYTES 6

/* Six bytes in hex with colons between them. */
bool parse_mac (const char *text, unsigned char *mac);

struct monitor;

/* IFLA_NET_NS_*: the interface is made in the namespace that the child has joined, or was born in. */
void add_container_namespace (const struct monitor *m, struct request *request);

/* Index of an interface here, 0 with errno when there is none. */
unsigned interface_index (const char *name);

#endif
