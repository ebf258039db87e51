/*
 * watch.c - berth-executor watch-network TABLE BRIDGES PORTS
 *
 * Actor: root, child of the engine, in its network namespace. Says on stdout,
 * one word or two a line, what others have done to our part of it:
 *
 *   ready               from here on nothing is missed
 *   bridge NAME         a bridge (name begins with BRIDGES) is gone, down, or lost an address
 *   port NAME           a container's end (name begins with PORTS) is gone, or on no bridge
 *   rules               a transaction of nftables touched a table named TABLE
 *   foreign-rules       one did not
 *   foreign-bridge NAME a bridge that is not ours is there
 *   forwarding          forwarding was switched off
 *   lost                the kernel had more to say than fits: look at everything
 *
 * Interfaces are made in steps, each of which is heard: what looks wrong is
 * looked at again a little later, and told only when it still does.
 * Ends with its stdin. rtnetlink(7), linux/netfilter/nf_tables.h.
 */
#include "sys.h"
#include "netlink.h"
#include "process.h"
#include "watch.h"

#include <linux/netconf.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#define BUFFER_BYTES (8 * 1024 * 1024)
#define SECOND_LOOK_MS 100
#define MAX_DOUBTFUL 256
#define TABLE_NAME 1 /* attribute 1 of all messages about tables and what is in them, NFTA_TABLE_NAME and so on */

static const char *table, *bridges, *ports;
static int doubtful[MAX_DOUBTFUL], doubtful_count;
static bool touched_ours;

static bool
begins (const char *name, const char *prefix)
{
  return strncmp (name, prefix, strlen (prefix)) == 0;
}

static int
listen_to (int protocol, const int *groups, size_t count)
{
  struct sockaddr_nl any = { .nl_family = AF_NETLINK };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  int bytes = BUFFER_BYTES;

  if (fd < 0 || bind (fd, (struct sockaddr *) &any, sizeof any) != 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  for (size_t i = 0; i < count; i++)
    if (setsockopt (fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]) != 0)
      return -1;
  return fd;
}

/* Kind of a link ("bridge", "veth"), or "". */
static const char *
kind_of (const struct rtattr *info)
{
  int left = info == NULL ? 0 : (int) RTA_PAYLOAD (info);

  for (const struct rtattr *a = info == NULL ? NULL : RTA_DATA (info); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == IFLA_INFO_KIND)
      return RTA_DATA (a);
  return "";
}

struct link { const struct ifinfomsg *head; const char *name, *kind; bool has_master; };

static struct link
read_link (const struct nlmsghdr *message)
{
  struct link link = { .head = NLMSG_DATA (message), .name = "", .kind = "" };
  int left = (int) IFLA_PAYLOAD (message);

  for (const struct rtattr *a = IFLA_RTA (link.head); RTA_OK (a, left); a = RTA_NEXT (a, left))
    switch (a->rta_type)
      {
      case IFLA_IFNAME:
        link.name = RTA_DATA (a);
        break;
      case IFLA_MASTER:
        link.has_master = true;
        break;
      case IFLA_LINKINFO:
        link.kind = kind_of (a);
        break;
      }
  return link;
}

static bool
looks_wrong (const struct link *link)
{
  if (begins (link->name, ports))
    return !link->has_master; /* one that is down may be somebody's experiment */
  return begins (link->name, bridges) && (link->head->ifi_flags & IFF_UP) == 0;
}

static void
tell_link (const struct link *link)
{
  if (begins (link->name, bridges))
    printf ("bridge %s\n", link->name);
  else if (begins (link->name, ports))
    printf ("port %s\n", link->name);
}

/* An interface's own state is AF_UNSPEC; the same numbers come again from the bridge as AF_BRIDGE. */
static void
hear_link (const struct nlmsghdr *message)
{
  struct link link = read_link (message);

  if (link.head->ifi_family != AF_UNSPEC)
    return;
  if (message->nlmsg_type == RTM_DELLINK)
    tell_link (&link);
  else if (strcmp (link.kind, "bridge") == 0 && !begins (link.name, bridges))
    printf ("foreign-bridge %s\n", link.name);
  else if (looks_wrong (&link) && doubtful_count < MAX_DOUBTFUL)
    doubtful[doubtful_count++] = link.head->ifi_index;
  else if (looks_wrong (&link))
    printf ("lost\n");
}

/* The address of a bridge that is itself gone is not told again. */
static void
hear_address (const struct nlmsghdr *message)
{
  const struct ifaddrmsg *address = NLMSG_DATA (message);
  char name[IF_NAMESIZE];

  if (message->nlmsg_type == RTM_DELADDR && if_indextoname (address->ifa_index, name) != NULL && begins (name, bridges))
    printf ("bridge %s\n", name);
}

static void
hear_setting (const struct nlmsghdr *message)
{
  const struct netconfmsg *head = NLMSG_DATA (message);
  int left = (int) (message->nlmsg_len - NLMSG_LENGTH (NLMSG_ALIGN (sizeof *head)));
  const struct rtattr *a = (const struct rtattr *) ((const char *) head + NLMSG_ALIGN (sizeof *head));
  int index = 0, forwarding = 1;
  char name[IF_NAMESIZE];

  for (; RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == NETCONFA_IFINDEX)
      memcpy (&index, RTA_DATA (a), sizeof index);
    else if (a->rta_type == NETCONFA_FORWARDING)
      memcpy (&forwarding, RTA_DATA (a), sizeof forwarding);
  if (forwarding != 0)
    return;
  if (index == NETCONFA_IFINDEX_ALL || (index > 0 && if_indextoname ((unsigned) index, name) != NULL && begins (name, bridges)))
    printf ("forwarding\n");
}

/* A transaction ends with the number of the new generation; until then we only note whose it is. */
static void
hear_rules (const struct nlmsghdr *message)
{
  int left = (int) (message->nlmsg_len - NLMSG_LENGTH (sizeof (struct nfgenmsg)));
  const struct rtattr *a = (const struct rtattr *) ((const char *) NLMSG_DATA (message) + sizeof (struct nfgenmsg));

  if (NFNL_SUBSYS_ID (message->nlmsg_type) != NFNL_SUBSYS_NFTABLES)
    return;
  if (NFNL_MSG_TYPE (message->nlmsg_type) == NFT_MSG_NEWGEN)
    {
      printf (touched_ours ? "rules\n" : "foreign-rules\n");
      touched_ours = false;
      return;
    }
  for (; RTA_OK (a, left); a = RTA_NEXT (a, left))
    if ((a->rta_type & NLA_TYPE_MASK) == TABLE_NAME && strcmp (RTA_DATA (a), table) == 0)
      touched_ours = true;
}

static void
hear (const struct nlmsghdr *message, bool is_netfilter)
{
  if (is_netfilter)
    return hear_rules (message);
  switch (message->nlmsg_type)
    {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return hear_link (message);
    case RTM_DELADDR:
      return hear_address (message);
    case RTM_NEWNETCONF:
      return hear_setting (message);
    }
}

static void
receive (int fd, bool is_netfilter)
{
  static char buffer[256 * 1024] __attribute__ ((aligned (NLMSG_ALIGNTO)));

  for (;;)
    {
      ssize_t got = recv (fd, buffer, sizeof buffer, 0);
      unsigned left = got < 0 ? 0 : (unsigned) got;
      if (got < 0 && errno == ENOBUFS)
        printf ("lost\n");
      else if (got < 0 && errno != EINTR)
        return;
      for (const struct nlmsghdr *m = (const struct nlmsghdr *) buffer; NLMSG_OK (m, left); m = NLMSG_NEXT (m, left))
        hear (m, is_netfilter);
    }
}

/* Asks for one link; the answer is read like an event. A link that is gone meanwhile has been told. */
static void
look_again (int index)
{
  char answer[16384] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  struct ifinfomsg which = { .ifi_family = AF_UNSPEC, .ifi_index = index };
  const struct nlmsghdr *message = (const struct nlmsghdr *) answer;
  cleanup_close int fd = open_netlink ();
  struct request request;
  struct link link;

  begin_request (&request, RTM_GETLINK, 0, &which, sizeof which);
  if (fd < 0 || send (fd, &request, request.header.nlmsg_len, 0) < 0)
    return;
  if (recv (fd, answer, sizeof answer, 0) < (ssize_t) NLMSG_LENGTH (sizeof which) || message->nlmsg_type != RTM_NEWLINK)
    return;
  link = read_link (message);
  if (looks_wrong (&link))
    tell_link (&link);
}

static void
look_at_doubtful (void)
{
  for (int i = 0; i < doubtful_count; i++)
    if (i == 0 || doubtful[i] != doubtful[i - 1])
      look_again (doubtful[i]);
  doubtful_count = 0;
}

int
run_watch (char **args)
{
  static const int route_groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_NETCONF,
                                      RTNLGRP_IPV6_NETCONF };
  static const int rule_groups[] = { NFNLGRP_NFTABLES };
  int route = listen_to (NETLINK_ROUTE, route_groups, sizeof route_groups / sizeof *route_groups);
  int rules = listen_to (NETLINK_NETFILTER, rule_groups, 1);
  struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = route, .events = POLLIN },
                          { .fd = rules, .events = POLLIN } };

  /* The title takes the place of the arguments. */
  table = strdup (args[0]);
  bridges = strdup (args[1]);
  ports = strdup (args[2]);
  if (route < 0 || rules < 0 || table == NULL || bridges == NULL || ports == NULL)
    return perror ("watch-network"), 1;
  set_title ("berth-watcher");
  printf ("ready\n");
  for (;;)
    {
      fflush (stdout);
      if (poll (fds, 3, doubtful_count > 0 ? SECOND_LOOK_MS : -1) == 0)
        look_at_doubtful ();
      if (fds[0].revents != 0)
        return 0; /* its end: nobody writes to it */
      if (fds[1].revents != 0)
        receive (route, false);
      if (fds[2].revents != 0)
        receive (rules, true);
    }
}
