/* netlink.c - builds rtnetlink messages, and waits for their acknowledgement. */
#include "sys.h"
#include "netlink.h"

#include <net/if.h>
#include <sys/socket.h>

int
open_netlink (void)
{
  return socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

void
add_raw (struct request *request, const void *data, size_t length)
{
  size_t at = NLMSG_ALIGN (request->header.nlmsg_len);

  if (at + length > sizeof request->header + sizeof request->body)
    {
      request->overflow = true;
      return;
    }
  memcpy ((char *) request + at, data, length);
  request->header.nlmsg_len = (unsigned) (at + length);
}

void
begin_request (struct request *request, unsigned short type, unsigned short flags, const void *fixed, size_t length)
{
  memset (request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_HDRLEN;
  request->header.nlmsg_type = type;
  request->header.nlmsg_flags = (unsigned short) (NLM_F_REQUEST | NLM_F_ACK | flags);
  request->header.nlmsg_seq = 1;
  add_raw (request, fixed, length);
}

void
add_attribute (struct request *request, unsigned short type, const void *data, size_t length)
{
  struct rtattr attribute = { .rta_len = (unsigned short) RTA_LENGTH (length), .rta_type = type };

  add_raw (request, &attribute, sizeof attribute);
  if (length > 0)
    add_raw (request, data, length);
}

void
add_text (struct request *request, unsigned short type, const char *text)
{
  add_attribute (request, type, text, strlen (text) + 1);
}

void
add_number (struct request *request, unsigned short type, unsigned number)
{
  add_attribute (request, type, &number, sizeof number);
}

struct rtattr *
begin_nest (struct request *request, unsigned short type)
{
  struct rtattr *nest = (struct rtattr *) ((char *) request + NLMSG_ALIGN (request->header.nlmsg_len));

  add_attribute (request, type, NULL, 0);
  return nest;
}

void
end_nest (struct request *request, struct rtattr *nest)
{
  char *end = (char *) request + request->header.nlmsg_len;
  if (!request->overflow)
    nest->rta_len = (unsigned short) (end - (char *) nest);
}

int
exchange (int socket, struct request *request)
{
  char answer[2048] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  const struct nlmsghdr *header = (const struct nlmsghdr *) answer;
  const struct nlmsgerr *error;
  ssize_t got;

  if (request->overflow)
    {
      errno = EMSGSIZE;
      return -1;
    }
  if (send (socket, request, request->header.nlmsg_len, 0) < 0)
    return -1;
  do
    got = recv (socket, answer, sizeof answer, 0);
  while (got < 0 && errno == EINTR);
  if (got < (ssize_t) NLMSG_LENGTH (sizeof *error) || header->nlmsg_type != NLMSG_ERROR)
    {
      errno = got < 0 ? errno : EPROTO;
      return -1;
    }
  error = NLMSG_DATA (header);
  errno = -error->error;
  return error->error == 0 ? 0 : -1;
}

unsigned
interface_index (const char *name)
{
  return if_nametoindex (name);
}
