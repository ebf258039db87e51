/*
 * seal.c - protects the executor's file from containers (CVE-2019-5736).
 *
 * A process of ours inside a container is reachable as /proc/PID/exe there.
 * The launcher therefore execs a sealed memfd copy of itself once; monitors,
 * inits and entering processes all run from that copy, which nobody can write.
 */
#include "sys.h"
#include "seal.h"

#include <sys/mman.h>
#include <sys/sendfile.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

extern char **environ;

static int
make_copy (int self)
{
  int copy = memfd_create ("berth-executor", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  struct stat st;
  off_t offset = 0;

  if (copy < 0 && errno == EINVAL) /* before Linux 6.3 */
    copy = memfd_create ("berth-executor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0 || fstat (self, &st) != 0)
    return -1;
  while (offset < st.st_size)
    if (sendfile (copy, self, &offset, st.st_size - offset) <= 0)
      return -1;
  return fcntl (copy, F_ADD_SEALS, SEALS) == 0 ? copy : -1;
}

int
run_sealed (char **argv)
{
  cleanup_close int self = open ("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  cleanup_close int copy = -1;
  int seals = self < 0 ? -1 : fcntl (self, F_GET_SEALS);

  if (seals >= 0 && (seals & SEALS) == SEALS)
    return 0;
  if (self < 0 || (copy = make_copy (self)) < 0)
    return -1;
  syscall (SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH);
  return -1;
}
