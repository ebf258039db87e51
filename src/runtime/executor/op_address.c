/*
 * op_address.c - net-up, net-addr IF ADDR/PREFIX, net-route DEST GATEWAY IF METRIC
 *
 * Actor: child, in its network namespace, once the monitor has made the
 * interfaces; for a batch the monitor itself, moved there for good.
 */
#include "sys.h"
#include "child.h"
#include "monitor.h"
#include "netlink.h"
#include "number.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <net/if.h>

#define ADDRESS_MODE_NONE 1 /* IN6_ADDR_GEN_MODE_NONE */

struct prefix { int family; unsigned char bytes[16]; size_t size; unsigned char length; };

static bool
parse_address (const char *text, struct prefix *prefix)
{
  char copy[64];
  const char *slash = strchr (text, '/');
  uint64_t length;
  size_t size = slash == NULL ? strlen (text) : (size_t) (slash - text);

  if (size >= sizeof copy)
    return false;
  memcpy (copy, text, size);
  copy[size] = 0;
  prefix->family = strchr (copy, ':') == NULL ? AF_INET : AF_INET6;
  prefix->size = prefix->family == AF_INET ? 4 : 16;
  if (inet_pton (prefix->family, copy, prefix->bytes) != 1)
    return false;
  length = prefix->size * 8;
  if (slash != NULL && !parse_decimal (slash + 1, length, &length))
    return false;
  prefix->length = (unsigned char) length;
  return true;
}

static int
set_up (int socket, unsigned index)
{
  struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = (int) index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
  struct request request;

  begin_request (&request, RTM_SETLINK, 0, &link, sizeof link);
  return exchange (socket, &request);
}

/* Whether the program gives the interface a v6 address; without one it shall have none, not even a link-local. */
static bool
has_v6 (const struct program *program, const char *name)
{
  for (struct op *op = NULL; (op = find_op (program, OP_NET_ADDR, op)) != NULL;)
    if (strcmp (op->args[0], name) == 0 && strchr (op->args[1], ':') != NULL)
      return true;
  return false;
}

static void
forbid_v6 (int socket, unsigned index)
{
  struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = (int) index };
  unsigned char mode = ADDRESS_MODE_NONE;
  struct rtattr *families, *v6;
  struct request request;

  begin_request (&request, RTM_SETLINK, 0, &link, sizeof link);
  families = begin_nest (&request, IFLA_AF_SPEC);
  v6 = begin_nest (&request, AF_INET6);
  add_attribute (&request, IFLA_INET6_ADDR_GEN_MODE, &mode, 1);
  end_nest (&request, v6);
  end_nest (&request, families);
  exchange (socket, &request); /* a kernel without IPv6 refuses, and needs it not */
}

static void
fill_address (struct request *request, unsigned index, const struct prefix *prefix)
{
  struct ifaddrmsg address = { .ifa_family = (unsigned char) prefix->family, .ifa_prefixlen = prefix->length, .ifa_index = index };

  if (prefix->family == AF_INET6)
    address.ifa_flags = IFA_F_NODAD;
  begin_request (request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &address, sizeof address);
  add_attribute (request, IFA_LOCAL, prefix->bytes, prefix->size);
  add_attribute (request, IFA_ADDRESS, prefix->bytes, prefix->size);
  if (prefix->family == AF_INET && prefix->length < 31)
    {
      unsigned char broadcast[4];
      for (int i = 0; i < 4; i++)
        {
          int fixed = prefix->length - 8 * i;
          unsigned char mask = fixed >= 8 ? 0 : fixed <= 0 ? 255 : (unsigned char) (255 >> fixed);
          broadcast[i] = prefix->bytes[i] | mask;
        }
      add_attribute (request, IFA_BROADCAST, broadcast, 4);
    }
}

int
bring_loopback_up (struct child *c, struct op *op, struct failure *why)
{
  cleanup_close int socket = open_netlink ();
  (void) c;
  (void) op;
  if (socket < 0 || set_up (socket, 1) != 0)
    return fail (why, "bring lo up");
  return 0;
}

int
add_address (struct child *c, struct op *op, struct failure *why)
{
  struct request request;
  struct prefix prefix;
  unsigned index;
  cleanup_close int socket = -1;

  if (!parse_address (op->args[1], &prefix))
    return refuse (why, EINVAL, "address %.64s", op->args[1]);
  if (await_network (c, why) != 0)
    return -1;
  if ((index = interface_index (op->args[0])) == 0)
    return fail (why, "interface %s", op->args[0]);
  if ((socket = open_netlink ()) < 0)
    return fail (why, "open netlink");
  if (!has_v6 (c->program, op->args[0]))
    forbid_v6 (socket, index);
  fill_address (&request, index, &prefix);
  if (exchange (socket, &request) != 0)
    return fail (why, "address %s of %s", op->args[1], op->args[0]);
  return set_up (socket, index) != 0 ? fail (why, "bring %s up", op->args[0]) : 0;
}

static bool
parse_route (char **args, struct prefix *destination, struct prefix *gateway, uint64_t *metric)
{
  bool is_default = strcmp (args[0], "default") == 0;

  if (!parse_decimal (args[3], UINT32_MAX, metric) || (!is_default && !parse_address (args[0], destination)))
    return false;
  if (args[1][0] != 0 && !parse_address (args[1], gateway))
    return false;
  return args[1][0] != 0 || !is_default;
}

int
add_route (struct child *c, struct op *op, struct failure *why)
{
  struct prefix destination = { 0 }, gateway = { 0 };
  struct rtmsg route = { .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC, .rtm_type = RTN_UNICAST };
  cleanup_close int socket = open_netlink ();
  struct request request;
  uint64_t metric;
  unsigned index;

  if (!parse_route (op->args, &destination, &gateway, &metric))
    return refuse (why, EINVAL, "route %.64s %.64s", op->args[0], op->args[1]);
  if (await_network (c, why) != 0)
    return -1;
  if ((index = interface_index (op->args[2])) == 0)
    return fail (why, "interface %s", op->args[2]);
  route.rtm_family = (unsigned char) (gateway.size != 0 ? gateway.family : destination.family);
  route.rtm_dst_len = destination.length;
  route.rtm_scope = gateway.size != 0 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  begin_request (&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &route, sizeof route);
  if (destination.size != 0)
    add_attribute (&request, RTA_DST, destination.bytes, destination.size);
  if (gateway.size != 0)
    add_attribute (&request, RTA_GATEWAY, gateway.bytes, gateway.size);
  add_number (&request, RTA_OIF, index);
  if (metric != 0)
    add_number (&request, RTA_PRIORITY, (unsigned) metric);
  if (socket < 0 || exchange (socket, &request) != 0)
    return fail (why, "route %s by %s", op->args[0], op->args[1]);
  return 0;
}

/* The monitor of a batch ends after this: it may leave the host's network for good. */
int
apply_batch_network (struct monitor *m, struct failure *why)
{
  static struct child inside;

  inside = (struct child){ .program = &m->program, .network_ready = true };
  for (struct op *op = NULL; (op = find_op (&m->program, OP_JOIN, op)) != NULL;)
    if (strcmp (op->args[0], "net") == 0 && setns (op->fd, CLONE_NEWNET) != 0)
      return why->op = op->number, fail (why, "join network namespace %s", op->args[1]);
  for (int i = 0; i < m->program.count; i++)
    {
      struct op *op = &m->program.ops[i];
      why->op = i;
      if (op->kind->id >= OP_NET_UP && op->kind->id <= OP_NET_ROUTE && op->kind->inside (&inside, op, why) != 0)
        return -1;
    }
  return 0;
}
