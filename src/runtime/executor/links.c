/*
 * links.c - berth-executor links PATH...
 *
 * Actor: root on the host. Each PATH is the file of a network namespace. Prints
 * a line for each interface in it: `N NAME INDEX PEER MASTER`, N being the
 * number of the path, from 0, PEER the index of a veth's other end where that
 * lives, MASTER that of the bridge it is on; 0 where there is none. A path that
 * can not be opened any more has no lines.
 */
#include "sys.h"
#include "netlink.h"
#include "watch.h"

#include <sys/socket.h>

static void
print_link (int number, const struct nlmsghdr *message)
{
  const struct ifinfomsg *head = NLMSG_DATA (message);
  int left = (int) IFLA_PAYLOAD (message), peer = 0, master = 0;
  const char *name = "";

  for (const struct rtattr *a = IFLA_RTA (head); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == IFLA_IFNAME)
      name = RTA_DATA (a);
    else if (a->rta_type == IFLA_LINK)
      memcpy (&peer, RTA_DATA (a), sizeof peer);
    else if (a->rta_type == IFLA_MASTER)
      memcpy (&master, RTA_DATA (a), sizeof master);
  printf ("%d %s %d %d %d\n", number, name, head->ifi_index, peer, master);
}

static void
print_links (int number)
{
  char answer[32768] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
  cleanup_close int fd = open_netlink ();
  struct request request;

  begin_request (&request, RTM_GETLINK, NLM_F_DUMP, &all, sizeof all);
  if (fd < 0 || send (fd, &request, request.header.nlmsg_len, 0) < 0)
    return;
  for (;;)
    {
      ssize_t got = recv (fd, answer, sizeof answer, 0);
      unsigned left = got < 0 ? 0 : (unsigned) got;
      if (got <= 0)
        return;
      for (const struct nlmsghdr *m = (const struct nlmsghdr *) answer; NLMSG_OK (m, left); m = NLMSG_NEXT (m, left))
        if (m->nlmsg_type != RTM_NEWLINK)
          return;
        else
          print_link (number, m);
    }
}

int
run_links (char **paths)
{
  for (int i = 0; paths[i] != NULL; i++)
    {
      cleanup_close int space = open (paths[i], O_RDONLY | O_CLOEXEC);
      if (space >= 0 && setns (space, CLONE_NEWNET) == 0)
        print_links (i);
    }
  return fflush (stdout) != 0;
}
