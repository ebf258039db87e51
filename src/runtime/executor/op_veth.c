/*
 * op_veth.c - unplug IF, veth HOSTIF IF BRIDGE MAC MTU, bridge-entry HOSTIF MAC, port-flags HOSTIF FLAGS
 *
 * Actor: monitor, in the host's network namespace, while the child mounts. One
 * message makes the pair, moves the peer into the child's namespace under its
 * final name, and puts the host end on the bridge, up.
 */
#include "sys.h"
#include "monitor.h"
#include "netlink.h"
#include "number.h"

#include <linux/if_bridge.h>
#include <linux/neighbour.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

/* IFLA_BRPORT_LOCKED of if_link.h, which older headers lack; kernels before 5.18 pass over it. */
#define BRPORT_LOCKED 39

bool
parse_mac (const char *text, unsigned char *mac)
{
  unsigned part[MAC_BYTES];
  char rest;

  if (sscanf (text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &rest) != 6)
    return false;
  for (int i = 0; i < MAC_BYTES; i++)
    mac[i] = (unsigned char) part[i];
  return true;
}

/* Where the peer goes: the namespace the child has joined, or the one it was born in. */
void
add_container_namespace (const struct monitor *m, struct request *request)
{
  for (struct op *join = NULL; (join = find_op (&m->program, OP_JOIN, join)) != NULL;)
    if (strcmp (join->args[0], "net") == 0)
      {
        add_number (request, IFLA_NET_NS_FD, (unsigned) join->fd);
        return;
      }
  add_number (request, IFLA_NET_NS_PID, (unsigned) m->pid);
}

static struct op *
joined_network (struct monitor *m)
{
  struct op *join = NULL;

  while ((join = find_op (&m->program, OP_JOIN, join)) != NULL && strcmp (join->args[0], "net") != 0)
    continue;
  return join;
}

/* Takes the interface, if there is one, out of the network namespace that was joined before; comes back at once. */
int
unplug (struct monitor *m, struct op *op, struct failure *why)
{
  cleanup_close int own = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  struct op *join = joined_network (m);
  struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
  struct request request;
  int failed = 0;

  if (join == NULL)
    return refuse (why, EINVAL, "unplug without join net before it");
  if (own < 0 || setns (join->fd, CLONE_NEWNET) != 0)
    return fail (why, "join network namespace %s", join->args[1]);
  if ((link.ifi_index = (int) interface_index (op->args[0])) != 0)
    {
      cleanup_close int socket = open_netlink ();
      begin_request (&request, RTM_DELLINK, 0, &link, sizeof link);
      failed = socket < 0 || exchange (socket, &request) != 0 ? fail (why, "remove %s", op->args[0]) : 0;
    }
  if (setns (own, CLONE_NEWNET) != 0)
    return fail (why, "come back from %s", join->args[1]);
  return failed;
}

struct veth { const char *host, *inside; unsigned bridge, mtu; unsigned char mac[MAC_BYTES]; };

static void
fill_request (const struct monitor *m, struct request *request, const struct veth *veth)
{
  struct ifinfomsg host = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
  struct ifinfomsg peer = { .ifi_family = AF_UNSPEC };
  struct rtattr *info, *data, *other;

  begin_request (request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &host, sizeof host);
  add_text (request, IFLA_IFNAME, veth->host);
  add_number (request, IFLA_MTU, veth->mtu);
  add_number (request, IFLA_MASTER, veth->bridge);
  info = begin_nest (request, IFLA_LINKINFO);
  add_text (request, IFLA_INFO_KIND, "veth");
  data = begin_nest (request, IFLA_INFO_DATA);
  other = begin_nest (request, VETH_INFO_PEER);
  add_raw (request, &peer, sizeof peer);
  add_text (request, IFLA_IFNAME, veth->inside);
  add_number (request, IFLA_MTU, veth->mtu);
  add_attribute (request, IFLA_ADDRESS, veth->mac, MAC_BYTES);
  add_container_namespace (m, request);
  end_nest (request, other);
  end_nest (request, data);
  end_nest (request, info);
}

int
make_veth (struct monitor *m, struct op *op, struct failure *why)
{
  struct veth veth = { .host = op->args[0], .inside = op->args[1] };
  cleanup_close int socket = open_netlink ();
  struct request request;
  uint64_t mtu;

  if (strlen (veth.host) >= IF_NAMESIZE || strlen (veth.inside) >= IF_NAMESIZE || !parse_mac (op->args[3], veth.mac)
      || !parse_decimal (op->args[4], 65535, &mtu))
    return refuse (why, EINVAL, "interface %.32s %.32s %.32s", veth.host, veth.inside, op->args[3]);
  veth.mtu = (unsigned) mtu;
  if ((veth.bridge = interface_index (op->args[2])) == 0)
    return fail (why, "bridge %s", op->args[2]);
  fill_request (m, &request, &veth);
  if (socket < 0 || exchange (socket, &request) != 0)
    return fail (why, "interface %s on the bridge %s", veth.inside, op->args[2]);
  op->done = true;
  return 0;
}

/* Where frames for the container go, and the only address that a locked port lets in. rtnetlink(7), bridge(8) */
int
add_bridge_entry (struct monitor *m, struct op *op, struct failure *why)
{
  struct ndmsg entry = { .ndm_family = PF_BRIDGE, .ndm_ifindex = (int) interface_index (op->args[0]),
                         .ndm_state = NUD_NOARP, .ndm_flags = NTF_MASTER };
  cleanup_close int socket = open_netlink ();
  unsigned char mac[MAC_BYTES];
  struct request request;
  (void) m;

  if (entry.ndm_ifindex == 0)
    return fail (why, "interface %s", op->args[0]);
  if (!parse_mac (op->args[1], mac))
    return refuse (why, EINVAL, "hardware address %.32s", op->args[1]);
  begin_request (&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &entry, sizeof entry);
  add_attribute (&request, NDA_LLADDR, mac, MAC_BYTES);
  if (socket < 0 || exchange (socket, &request) != 0)
    return fail (why, "bridge entry %s on %s", op->args[1], op->args[0]);
  return 0;
}

int
set_port_flags (struct monitor *m, struct op *op, struct failure *why)
{
  struct ifinfomsg port = { .ifi_family = PF_BRIDGE, .ifi_index = (int) interface_index (op->args[0]) };
  cleanup_close int socket = open_netlink ();
  unsigned char on = 1, off = 0;
  struct request request;
  struct rtattr *flags;
  (void) m;

  if (port.ifi_index == 0)
    return fail (why, "interface %s", op->args[0]);
  begin_request (&request, RTM_SETLINK, 0, &port, sizeof port);
  flags = begin_nest (&request, IFLA_PROTINFO | NLA_F_NESTED);
  if (list_has (op->args[1], "hairpin"))
    add_attribute (&request, IFLA_BRPORT_MODE, &on, 1);
  if (list_has (op->args[1], "isolated"))
    add_attribute (&request, IFLA_BRPORT_ISOLATED, &on, 1);
  if (list_has (op->args[1], "nolearning"))
    add_attribute (&request, IFLA_BRPORT_LEARNING, &off, 1);
  if (list_has (op->args[1], "locked"))
    add_attribute (&request, BRPORT_LOCKED, &on, 1);
  end_nest (&request, flags);
  if (socket < 0 || exchange (socket, &request) != 0)
    return fail (why, "bridge port %s", op->args[0]);
  return 0;
}

void
remove_links (struct monitor *m)
{
  cleanup_close int socket = open_netlink ();

  for (struct op *op = NULL; (op = find_op (&m->program, OP_VETH, op)) != NULL;)
    {
      struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = op->done ? (int) interface_index (op->args[0]) : 0 };
      struct request request;
      if (link.ifi_index == 0)
        continue;
      begin_request (&request, RTM_DELLINK, 0, &link, sizeof link);
      exchange (socket, &request);
      op->done = false;
    }
}
