/*
 * op_macvlan.c - macvlan IF PARENT MODE MAC MTU
 *
 * Actor: monitor, in the host's network namespace, while the child mounts. One
 * message makes the interface on a link of the machine and in the container's
 * namespace, under its final name. It dies with that namespace.
 */
#include "sys.h"
#include "monitor.h"
#include "netlink.h"
#include "number.h"

#include <net/if.h>

static bool
parse_mode (const char *text, unsigned *mode)
{
  static const struct { const char *name; unsigned mode; } modes[] = {
    { "private", MACVLAN_MODE_PRIVATE }, { "vepa", MACVLAN_MODE_VEPA },
    { "bridge", MACVLAN_MODE_BRIDGE }, { "passthru", MACVLAN_MODE_PASSTHRU },
  };
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    if (strcmp (modes[i].name, text) == 0)
      {
        *mode = modes[i].mode;
        return true;
      }
  return false;
}

int
make_macvlan (struct monitor *m, struct op *op, struct failure *why)
{
  struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
  cleanup_close int socket = open_netlink ();
  const char *name = op->args[0], *parent = op->args[1];
  unsigned char mac[MAC_BYTES];
  struct rtattr *info, *data;
  struct request request;
  unsigned mode, index;
  uint64_t mtu;

  if (strlen (name) >= IF_NAMESIZE || !parse_mode (op->args[2], &mode) || !parse_mac (op->args[3], mac)
      || !parse_decimal (op->args[4], 65535, &mtu))
    return refuse (why, EINVAL, "interface %.32s %.32s %.32s", name, op->args[2], op->args[3]);
  if ((index = interface_index (parent)) == 0)
    return fail (why, "link %s", parent);
  begin_request (&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
  add_text (&request, IFLA_IFNAME, name);
  add_number (&request, IFLA_LINK, index);
  add_number (&request, IFLA_MTU, (unsigned) mtu);
  /* That of a passthru link is the link's own. */
  if (mode != MACVLAN_MODE_PASSTHRU)
    add_attribute (&request, IFLA_ADDRESS, mac, MAC_BYTES);
  add_container_namespace (m, &request);
  info = begin_nest (&request, IFLA_LINKINFO);
  add_text (&request, IFLA_INFO_KIND, "macvlan");
  data = begin_nest (&request, IFLA_INFO_DATA);
  add_number (&request, IFLA_MACVLAN_MODE, mode);
  end_nest (&request, data);
  end_nest (&request, info);
  if (socket < 0 || exchange (socket, &request) != 0)
    return fail (why, "interface %s on the link %s", name, parent);
  return 0;
}
