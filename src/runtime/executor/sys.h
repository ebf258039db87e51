/*
 * sys.h - the kernel calls the C libraries do not wrap alike.
 *
 * First include of every file: it turns on _GNU_SOURCE and declares one thin
 * wrapper for each system call that musl 1.2.3 or glibc 2.36 lacks. Constants
 * newer than those headers are defined here from the kernel's uapi.
 */
#ifndef BERTH_SYS_H
#define BERTH_SYS_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif
#ifndef MOVE_MOUNT_T_EMPTY_PATH
#define MOVE_MOUNT_T_EMPTY_PATH 0x00000040
#endif
#ifndef FSOPEN_CLOEXEC
#define FSOPEN_CLOEXEC 0x00000001
#endif
#ifndef FSMOUNT_CLOEXEC
#define FSMOUNT_CLOEXEC 0x00000001
#endif
#ifndef FSCONFIG_SET_FLAG
#define FSCONFIG_SET_FLAG 0
#define FSCONFIG_SET_STRING 1
#define FSCONFIG_CMD_CREATE 6
#endif
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001
#define MOUNT_ATTR_NOSUID 0x00000002
#define MOUNT_ATTR_NODEV 0x00000004
#define MOUNT_ATTR_NOEXEC 0x00000008
#define MOUNT_ATTR_NOATIME 0x00000010
#define MOUNT_ATTR_STRICTATIME 0x00000020
#define MOUNT_ATTR_NODIRATIME 0x00000080
#endif

/* mount_setattr(2), linux/mount.h; that header clashes with glibc's sys/mount.h. */
struct mount_attributes
{
  uint64_t set, clear, propagation, userns_fd;
};

/* clone3(2), linux/sched.h: CLONE_ARGS_SIZE_VER2. */
struct clone3_arguments
{
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
  uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static inline int
sys_openat2 (int dir, const char *path, uint64_t flags, mode_t mode, uint64_t resolve)
{
  struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve };
  return (int) syscall (SYS_openat2, dir, path, &how, sizeof how);
}

static inline int
sys_open_tree (int dir, const char *path, unsigned flags)
{
  return (int) syscall (SYS_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC);
}

static inline int
sys_move_mount (int from, int to, const char *to_path, unsigned flags)
{
  return (int) syscall (SYS_move_mount, from, "", to, to_path, flags | MOVE_MOUNT_F_EMPTY_PATH);
}

static inline int
sys_mount_setattr (int mount, unsigned flags, const struct mount_attributes *attributes)
{
  return (int) syscall (SYS_mount_setattr, mount, "", flags | AT_EMPTY_PATH, attributes, sizeof *attributes);
}

static inline int
sys_fsopen (const char *type)
{
  return (int) syscall (SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int
sys_fsconfig (int context, unsigned command, const char *key, const char *value)
{
  return (int) syscall (SYS_fsconfig, context, command, key, value, 0);
}

static inline int
sys_fsmount (int context, unsigned attributes)
{
  return (int) syscall (SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
}

static inline int
sys_pidfd_open (pid_t pid)
{
  return (int) syscall (SYS_pidfd_open, pid, 0); /* the kernel makes it close-on-exec */
}

static inline int
sys_pidfd_send_signal (int pidfd, int signal)
{
  return (int) syscall (SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static inline int
sys_close_range (unsigned first, unsigned last, unsigned flags)
{
  return (int) syscall (SYS_close_range, first, last, flags);
}

/* Closes a descriptor when it leaves scope; keeps errno for the caller. */
static inline void
close_fd (int *fd)
{
  int saved = errno;
  if (*fd >= 0)
    close (*fd);
  errno = saved;
}
#define cleanup_close __attribute__ ((cleanup (close_fd)))

#endif
