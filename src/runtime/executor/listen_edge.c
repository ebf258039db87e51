/*
 * listen_edge.c - perf events of sock:inet_sock_set_state, one ring a processor.
 *
 * perf_event_open(2). The tracepoint tells of every TCP socket of the machine,
 * so the filter leaves only transitions to LISTEN; whose socket it was is the
 * caller's to find out. tracefs is mounted where nobody else sees it: on many
 * machines it is not mounted at all.
 */
#include "sys.h"
#include "listen_edge.h"
#include "number.h"

#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define TRACEFS "/sys/kernel/tracing"
#define LISTEN_ONLY "newstate == 10" /* TCP_LISTEN of linux/tcp_states.h */

static bool
tracepoint_id (uint64_t *id)
{
  char text[32];
  cleanup_close int fd = open (TRACEFS "/events/sock/inet_sock_set_state/id", O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read (fd, text, sizeof text - 1);

  if (length <= 1)
    return false;
  text[length - 1] = '\0'; /* it ends with a line break */
  return parse_decimal (text, UINT32_MAX, id);
}

/* In a mount namespace of our own, from which nothing spreads. */
static bool
find_tracepoint (uint64_t *id)
{
  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return false;
  if (mount ("tracefs", TRACEFS, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) != 0 && errno != EBUSY)
    return false;
  return tracepoint_id (id);
}

static size_t
ring_size (void)
{
  return 2 * (size_t) sysconf (_SC_PAGESIZE); /* the page of positions, and one of data */
}

/* Returns whether the processor is listened to from now on. */
static bool
open_ring (struct listen_edge *edge, uint64_t id, int cpu)
{
  struct perf_event_attr attributes = {
    .type = PERF_TYPE_TRACEPOINT, .size = sizeof attributes, .config = id, .sample_period = 1, .wakeup_events = 1, .disabled = 1,
  };
  int fd = (int) syscall (SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  void *ring;

  if (fd < 0)
    return false;
  ring = mmap (NULL, ring_size (), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (ring == MAP_FAILED || ioctl (fd, PERF_EVENT_IOC_SET_FILTER, LISTEN_ONLY) != 0
      || ioctl (fd, PERF_EVENT_IOC_ENABLE, 0) != 0)
    {
      if (ring != MAP_FAILED)
        munmap (ring, ring_size ());
      close (fd);
      return false;
    }
  edge->fds[edge->count] = fd;
  edge->rings[edge->count++] = ring;
  return true;
}

void
open_listen_edge (struct listen_edge *edge)
{
  uint64_t id;
  long cpus = sysconf (_SC_NPROCESSORS_CONF);

  edge->count = 0;
  if (cpus > EDGE_CPUS || !find_tracepoint (&id))
    return;
  for (int cpu = 0; cpu < cpus; cpu++)
    /* One that is offline (ENODEV) starts nothing. */
    if (!open_ring (edge, id, cpu) && errno != ENODEV)
      {
        while (edge->count > 0)
          close (edge->fds[--edge->count]);
        return;
      }
}

/* What was told is of no interest, only that something was. */
static void
empty_ring (void *ring)
{
  struct perf_event_mmap_page *page = ring;
  uint64_t head = __atomic_load_n (&page->data_head, __ATOMIC_ACQUIRE);

  __atomic_store_n (&page->data_tail, head, __ATOMIC_RELEASE);
}

bool
await_listen_edge (struct listen_edge *edge, int ms)
{
  struct pollfd polled[EDGE_CPUS];

  for (int index = 0; index < edge->count; index++)
    polled[index] = (struct pollfd) { .fd = edge->fds[index], .events = POLLIN };
  if (poll (polled, (nfds_t) edge->count, ms) <= 0)
    return false;
  for (int index = 0; index < edge->count; index++)
    if (polled[index].revents != 0)
      empty_ring (edge->rings[index]);
  return true;
}
