/*
 * sync.c - sends and receives struct report.
 *
 * The socket is close-on-exec and of ours alone, yet the monitor trusts only
 * whole messages of the right size.
 */
#include "sys.h"
#include "sync.h"

#include <sys/socket.h>

int
send_report (int sync, const struct report *report, const int *fds)
{
  char control[CMSG_SPACE (2 * sizeof (int))] = { 0 };
  struct iovec data = { .iov_base = (void *) report, .iov_len = sizeof *report };
  struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

  if (fds != NULL)
    {
      struct cmsghdr *header;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      header = CMSG_FIRSTHDR (&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (2 * sizeof (int));
      memcpy (CMSG_DATA (header), fds, 2 * sizeof (int));
    }
  else
    /* write(2), not sendmsg(2): a seccomp filter may already be in force. */
    return write (sync, report, sizeof *report) == sizeof *report ? 0 : -1;
  return sendmsg (sync, &message, MSG_NOSIGNAL) == sizeof *report ? 0 : -1;
}

int
receive_report (int sync, struct report *report, int *fds)
{
  char control[CMSG_SPACE (2 * sizeof (int))];
  struct iovec data = { .iov_base = report, .iov_len = sizeof *report };
  struct msghdr message = {
    .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  struct cmsghdr *header;
  ssize_t got;

  fds[0] = fds[1] = -1;
  do
    got = recvmsg (sync, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got != sizeof *report)
    return 0;
  header = CMSG_FIRSTHDR (&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN (2 * sizeof (int)))
    memcpy (fds, CMSG_DATA (header), 2 * sizeof (int));
  report->failure.message[sizeof report->failure.message - 1] = 0;
  return 1;
}
