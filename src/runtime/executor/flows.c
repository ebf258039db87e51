/*
 * flows.c - berth-executor forget-flows PORT|ADDRESS...
 *
 * Actor: root in the engine's network namespace. Removes from conntrack the
 * UDP flows that were sent to one of the ports, or that have one of the
 * addresses in them: a client that goes on sending would go on reaching a
 * container that has been replaced, or nobody at all, for as long as it does.
 * linux/netfilter/nfnetlink_conntrack.h.
 */
#include "sys.h"
#include "netlink.h"
#include "number.h"
#include "watch.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define CT(type) ((NFNL_SUBSYS_CTNETLINK << 8) | (type))
#define ATTRIBUTES (CTA_MAX + 1)

struct flow { const struct rtattr *tuple, *zone; unsigned protocol, port; char from[4][INET6_ADDRSTRLEN]; };

static char **wanted;

static const struct rtattr *
find (const struct rtattr *nest, unsigned short type)
{
  int left = nest == NULL ? 0 : (int) RTA_PAYLOAD (nest);

  for (const struct rtattr *a = nest == NULL ? NULL : RTA_DATA (nest); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if ((a->rta_type & NLA_TYPE_MASK) == type)
      return a;
  return NULL;
}

static void
read_address (const struct rtattr *ip, bool source, char *text)
{
  const struct rtattr *v4 = find (ip, source ? CTA_IP_V4_SRC : CTA_IP_V4_DST);
  const struct rtattr *v6 = find (ip, source ? CTA_IP_V6_SRC : CTA_IP_V6_DST);

  if (v4 != NULL)
    inet_ntop (AF_INET, RTA_DATA (v4), text, INET6_ADDRSTRLEN);
  else if (v6 != NULL)
    inet_ntop (AF_INET6, RTA_DATA (v6), text, INET6_ADDRSTRLEN);
}

static struct flow
read_flow (const struct nlmsghdr *message)
{
  const char *at = (const char *) NLMSG_DATA (message) + sizeof (struct nfgenmsg);
  int left = (int) (message->nlmsg_len - NLMSG_LENGTH (sizeof (struct nfgenmsg)));
  struct flow flow = { 0 };

  for (const struct rtattr *a = (const struct rtattr *) at; RTA_OK (a, left); a = RTA_NEXT (a, left))
    {
      unsigned type = a->rta_type & NLA_TYPE_MASK;
      const struct rtattr *ip = find (a, CTA_TUPLE_IP), *protocol = find (a, CTA_TUPLE_PROTO), *value;
      if (type == CTA_ZONE)
        flow.zone = a;
      if (type != CTA_TUPLE_ORIG && type != CTA_TUPLE_REPLY)
        continue;
      read_address (ip, true, flow.from[type == CTA_TUPLE_ORIG ? 0 : 2]);
      read_address (ip, false, flow.from[type == CTA_TUPLE_ORIG ? 1 : 3]);
      if (type == CTA_TUPLE_REPLY)
        continue;
      flow.tuple = a;
      if ((value = find (protocol, CTA_PROTO_NUM)) != NULL)
        flow.protocol = *(const unsigned char *) RTA_DATA (value);
      if ((value = find (protocol, CTA_PROTO_DST_PORT)) != NULL)
        flow.port = ntohs (*(const uint16_t *) RTA_DATA (value));
    }
  return flow;
}

static bool
is_wanted (const struct flow *flow)
{
  char port[8];

  if (flow->protocol != IPPROTO_UDP || flow->tuple == NULL)
    return false;
  snprintf (port, sizeof port, "%u", flow->port);
  for (char **w = wanted; *w != NULL; w++)
    {
      if (strcmp (*w, port) == 0)
        return true;
      for (int i = 0; i < 4; i++)
        if (strcmp (*w, flow->from[i]) == 0)
          return true;
    }
  return false;
}

static void
forget (int fd, unsigned char family, const struct flow *flow)
{
  struct nfgenmsg head = { .nfgen_family = family, .version = NFNETLINK_V0 };
  struct request request;

  begin_request (&request, CT (IPCTNL_MSG_CT_DELETE), 0, &head, sizeof head);
  add_attribute (&request, flow->tuple->rta_type, RTA_DATA (flow->tuple), RTA_PAYLOAD (flow->tuple));
  if (flow->zone != NULL)
    add_attribute (&request, flow->zone->rta_type, RTA_DATA (flow->zone), RTA_PAYLOAD (flow->zone));
  exchange (fd, &request); /* it may have ended by itself */
}

int
run_forget_flows (char **which)
{
  static char answer[64 * 1024] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  struct nfgenmsg all = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
  cleanup_close int list = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  cleanup_close int remove = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  struct request request;

  wanted = which;
  begin_request (&request, CT (IPCTNL_MSG_CT_GET), NLM_F_DUMP, &all, sizeof all);
  if (list < 0 || remove < 0 || send (list, &request, request.header.nlmsg_len, 0) < 0)
    return perror ("forget-flows"), 1;
  for (;;)
    {
      ssize_t got = recv (list, answer, sizeof answer, 0);
      unsigned left = got < 0 ? 0 : (unsigned) got;
      if (got < 0)
        return perror ("forget-flows"), 1;
      for (const struct nlmsghdr *m = (const struct nlmsghdr *) answer; NLMSG_OK (m, left); m = NLMSG_NEXT (m, left))
        {
          struct flow flow;
          if (m->nlmsg_type != CT (IPCTNL_MSG_CT_NEW))
            return m->nlmsg_type != NLMSG_DONE;
          flow = read_flow (m);
          if (is_wanted (&flow))
            forget (remove, ((const struct nfgenmsg *) NLMSG_DATA (m))->nfgen_family, &flow);
        }
    }
}
