/*
 * listening.c - berth-executor listening PORT... 3<NETNS
 *
 * Runs beside the engine as root of the host, in the container's network
 * namespace only; nothing in the container knows of it. Asks sock_diag(7) for
 * listening sockets: that walks the short table of listeners alone, where
 * /proc/net/tcp walks that of every connection of the machine (milliseconds).
 * Between two looks it waits for the kernel to tell of a new listener.
 */
#include "sys.h"
#include "listening.h"
#include "listen_edge.h"
#include "number.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MAX_PORTS 64
#define TCP_LISTEN_STATE 10
#define NAMESPACE_FD 3

#define SETTLE_MS 1
/* With an edge, in case one was lost; without, how often to look. */
#define LOOK_AGAIN_MS 250
#define LOOK_MS 5

struct wanted
{
  int count;
  uint16_t ports[MAX_PORTS];
  bool seen[MAX_PORTS];
};

static bool
parse_ports (char **texts, struct wanted *wanted)
{
  for (wanted->count = 0; texts[wanted->count] != NULL; wanted->count++)
    {
      uint64_t port;
      if (wanted->count == MAX_PORTS || !parse_decimal (texts[wanted->count], UINT16_MAX, &port))
        return false;
      wanted->ports[wanted->count] = (uint16_t) port;
    }
  return wanted->count > 0;
}

static int
ask (int diag, int family)
{
  struct
  {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } request = {
    .header = { .nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    .body = { .sdiag_family = (uint8_t) family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = 1U << TCP_LISTEN_STATE },
  };

  return send (diag, &request, sizeof request, 0) == (ssize_t) sizeof request ? 0 : -1;
}

static void
note (struct wanted *wanted, const struct inet_diag_msg *socket)
{
  for (int index = 0; index < wanted->count; index++)
    if (wanted->ports[index] == ntohs (socket->id.idiag_sport))
      wanted->seen[index] = true;
}

/* Reads one dump to its end. Returns 0, or -1 with errno. */
static int
hear (int diag, struct wanted *wanted)
{
  char buffer[16384] __attribute__ ((aligned (NLMSG_ALIGNTO)));

  for (;;)
    {
      ssize_t length = recv (diag, buffer, sizeof buffer, 0);
      if (length < 0 && errno == EINTR)
        continue;
      if (length < 0)
        return -1;
      for (struct nlmsghdr *at = (struct nlmsghdr *) buffer; NLMSG_OK (at, length); at = NLMSG_NEXT (at, length))
        {
          if (at->nlmsg_type == NLMSG_DONE)
            return 0;
          if (at->nlmsg_type == NLMSG_ERROR)
            {
              errno = -((struct nlmsgerr *) NLMSG_DATA (at))->error;
              return -1;
            }
          note (wanted, NLMSG_DATA (at));
        }
    }
}

/* 1 when all listen, 0 when not, -1 with errno. */
static int
look (int diag, struct wanted *wanted)
{
  memset (wanted->seen, 0, sizeof wanted->seen);
  if (ask (diag, AF_INET) != 0 || hear (diag, wanted) != 0)
    return -1;
  /* A kernel without IPv6 has no such sockets. */
  if (ask (diag, AF_INET6) == 0 && hear (diag, wanted) != 0 && errno != ENOENT)
    return -1;
  for (int index = 0; index < wanted->count; index++)
    if (!wanted->seen[index])
      return 0;
  return 1;
}

static int
complain (const char *what)
{
  fprintf (stderr, "listening: %s: %s\n", what, strerror (errno));
  return 1;
}

int
run_listening (char **ports)
{
  struct wanted wanted;
  struct listen_edge edge;
  bool told = false;
  cleanup_close int diag = -1;

  if (!parse_ports (ports, &wanted))
    return 64;
  /* Whoever asked is gone: nobody would hear the answer. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  open_listen_edge (&edge);
  if (setns (NAMESPACE_FD, CLONE_NEWNET) != 0)
    return complain ("entering the network namespace");
  diag = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (diag < 0)
    return complain ("asking for sockets");
  for (;;)
    {
      int waited, found = look (diag, &wanted);
      if (found < 0)
        return complain ("asking for sockets");
      if (found > 0)
        /* Said rather than shown by our end: taking the edge down costs tens of milliseconds. */
        return write (STDOUT_FILENO, "ok\n", 3) != 3;
      /* The transition is told a moment before the socket stands in the table that was just read: look twice. */
      waited = told ? SETTLE_MS : edge.count > 0 ? LOOK_AGAIN_MS : LOOK_MS;
      told = await_listen_edge (&edge, waited);
    }
}
