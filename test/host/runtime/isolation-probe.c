/*
 * isolation-probe.c - tries to get out of a container. Prints "blocked NAME" or "SUCCEEDED NAME" for each attempt.
 *
 * Each attempt runs in a child of its own, so that one that gets through does not change the next.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_fsopen 430
#endif

static int writes (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY);
  if (fd < 0)
    return 0;
  return write (fd, text, strlen (text)) > 0;
}

static int reads (const char *path)
{
  char c;
  int fd = open (path, O_RDONLY | O_NONBLOCK);
  return fd >= 0 && read (fd, &c, 1) == 1;
}

static int node (mode_t type, unsigned major, unsigned minor)
{
  char c;
  unlink ("/tmp/node");
  if (mknod ("/tmp/node", type | 0600, makedev (major, minor)) != 0)
    return 0;
  int fd = open ("/tmp/node", O_RDONLY | O_NONBLOCK);
  return fd >= 0 && read (fd, &c, 1) >= 0;
}

static int mount_tmpfs (void) { return mount ("none", "/tmp", "tmpfs", 0, NULL) == 0; }
static int bind_root (void) { return mount ("/", "/tmp", NULL, MS_BIND, NULL) == 0; }
static int remount_sys (void) { return mount (NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL) == 0; }
static int remount_proc_sys (void) { return mount (NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL) == 0; }
static int unmask (void) { return umount2 ("/proc/kcore", MNT_DETACH) == 0; }
static int unmask_firmware (void) { return umount2 ("/sys/firmware", MNT_DETACH) == 0; }
static int pivot (void) { return syscall (SYS_pivot_root, "/tmp", "/tmp") == 0; }
static int new_api_open_tree (void) { return syscall (SYS_open_tree, -100, "/", 1) >= 0; }
static int new_api_fsopen (void) { return syscall (SYS_fsopen, "tmpfs", 0) >= 0; }
static int unshare_mount (void) { return unshare (CLONE_NEWNS) == 0; }
static int unshare_user (void) { return unshare (CLONE_NEWUSER) == 0; }
static int unshare_net (void) { return unshare (CLONE_NEWNET) == 0; }
static int unshare_pid (void) { return unshare (CLONE_NEWPID) == 0; }
static int clone3_user (void)
{
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } a = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
  long pid = syscall (SYS_clone3, &a, sizeof a);
  if (pid == 0)
    _exit (0);
  return pid > 0;
}
static int clone_user (void)
{
  long pid = syscall (SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0)
    _exit (0);
  return pid > 0;
}
static int setns_init (void)
{
  int fd = open ("/proc/1/ns/mnt", O_RDONLY);
  return fd >= 0 && setns (fd, CLONE_NEWNS) == 0;
}
static int by_handle (void)
{
  struct { struct file_handle h; unsigned char data[8]; } f = { .h = { .handle_bytes = 8, .handle_type = 1 }, .data = { 2 } };
  int fd = open ("/etc/hosts", O_RDONLY);
  if (fd < 0)
    fd = open ("/", O_RDONLY);
  return open_by_handle_at (fd, &f.h, O_RDONLY) >= 0;
}
static int read_sda (void) { return node (S_IFBLK, 8, 0); }
static int read_vda (void) { return node (S_IFBLK, 254, 0); }
static int read_loop (void) { return node (S_IFBLK, 7, 0); }
static int read_mem (void) { return node (S_IFCHR, 1, 1); }
static int read_kmsg (void) { return node (S_IFCHR, 1, 11); }
static int read_fuse (void) { return node (S_IFCHR, 10, 229); }
static int read_kvm (void) { return node (S_IFCHR, 10, 232); }
static int core_pattern (void) { return writes ("/proc/sys/kernel/core_pattern", "|/tmp/x"); }
static int modprobe_path (void) { return writes ("/proc/sys/kernel/modprobe", "/tmp/x"); }
static int host_sysctl (void) { return writes ("/proc/sys/vm/drop_caches", "1"); }
static int sysrq (void) { return writes ("/proc/sysrq-trigger", "h"); }
static int irq (void) { return writes ("/proc/irq/default_smp_affinity", "1"); }
static int kcore (void) { return reads ("/proc/kcore"); }
static int keys (void) { return reads ("/proc/keys"); }
static int timer_list (void) { return reads ("/proc/timer_list"); }
static int interrupts (void) { return reads ("/proc/interrupts"); }
static int sched_debug (void) { return reads ("/proc/sched_debug"); }
static int firmware (void) { return open ("/sys/firmware/acpi", O_RDONLY) >= 0 || open ("/sys/firmware/dmi", O_RDONLY) >= 0; }
static int powercap (void) { return open ("/sys/devices/virtual/powercap/intel-rapl", O_RDONLY) >= 0; }
static int sys_write (void) { return writes ("/sys/kernel/mm/ksm/run", "0") || writes ("/sys/power/state", "freeze"); }
static int uevent_helper (void) { return writes ("/sys/kernel/uevent_helper", "/tmp/x"); }
static int release_agent (void)
{
  return writes ("/sys/fs/cgroup/release_agent", "/tmp/x") || writes ("/sys/fs/cgroup/memory/release_agent", "/tmp/x")
         || writes ("/sys/fs/cgroup/pids/notify_on_release", "1");
}
static int raise_limit (void)
{
  return writes ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "-1") || writes ("/sys/fs/cgroup/pids/pids.max", "max")
         || writes ("/sys/fs/cgroup/memory.max", "max") || writes ("/sys/fs/cgroup/pids.max", "max");
}
static int mount_cgroup (void) { return mount ("cgroup", "/tmp", "cgroup", 0, "memory") == 0; }
static int trace_init (void) { return ptrace (PTRACE_ATTACH, 1, 0, 0) == 0; }
static int init_root (void) { return access ("/proc/1/root/../../proc/1/comm", R_OK) == 0 && open ("/proc/1/root/etc/shadow", O_RDONLY) >= 0; }
static int init_environ (void) { return reads ("/proc/1/environ"); }
static int init_exe_write (void) { return open ("/proc/1/exe", O_WRONLY) >= 0; }
static int alg_socket (void) { return socket (38, SOCK_SEQPACKET, 0) >= 0; }
static int vsock_socket (void) { return socket (40, SOCK_STREAM, 0) >= 0; }
static int bpf (void) { char attr[128] = { 0 }; return syscall (SYS_bpf, 0, attr, sizeof attr) >= 0; }
static int perf (void)
{
  struct perf_event_attr a = { .type = PERF_TYPE_SOFTWARE, .size = sizeof a, .config = PERF_COUNT_SW_CPU_CLOCK };
  return syscall (SYS_perf_event_open, &a, -1, 0, -1, 0) >= 0;
}
static int uring (void) { char params[256] = { 0 }; return syscall (SYS_io_uring_setup, 1, params) >= 0; }
static int add_key_call (void) { return syscall (SYS_add_key, "user", "x", "y", 1, KEY_SPEC_SESSION_KEYRING) >= 0; }
static int keyctl_call (void) { return syscall (SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1) >= 0; }
static int fault_fd (void) { return syscall (SYS_userfaultfd, 0) >= 0; }
static int kexec (void) { return syscall (SYS_kexec_load, 0, 0, NULL, 0) == 0; }
static int load_module (void) { return syscall (SYS_init_module, "", 0, "") == 0 || errno == ENOEXEC; }
static int set_clock (void) { struct timeval t; gettimeofday (&t, NULL); return settimeofday (&t, NULL) == 0; }
static int adjust_clock (void) { struct timex t = { .modes = ADJ_OFFSET }; return adjtimex (&t) >= 0; }
static int set_name (void) { return sethostname ("evil", 4) == 0; }
static int swap_on (void) { return swapon ("/tmp/x", 0) == 0 || errno == ENOENT || errno == EINVAL; }
static int quota (void) { return syscall (SYS_quotactl, 0x80000700, "/dev/vda", 0, NULL) == 0; }
static int reboot_call (void) { return reboot (RB_DISABLE_CAD) == 0; }
static int nice_up (void) { errno = 0; return nice (-5) != -1 || errno == 0; }
static int dmesg_read (void) { char b[64]; return syscall (SYS_syslog, 3, b, sizeof b) > 0; }
static int acct_on (void) { return acct ("/tmp/acct") == 0 || errno == ENOENT || errno == EACCES; }
static int personality_call (void) { return syscall (SYS_personality, 0x0400000) >= 0; }
static int chroot_escape (void)
{
  struct stat a, b;
  mkdir ("/tmp/c", 0700);
  int fd = open ("/", O_RDONLY);
  if (stat ("/", &a) != 0 || chroot ("/tmp/c") != 0 || fchdir (fd) != 0)
    return 0;
  for (int i = 0; i < 64; i++)
    if (chdir ("..") != 0)
      return 0;
  return stat (".", &b) == 0 && (a.st_dev != b.st_dev || a.st_ino != b.st_ino);
}
static int inherited_fd (void)
{
  for (int fd = 3; fd < 1024; fd++)
    if (fcntl (fd, F_GETFD) >= 0)
      return 1;
  return 0;
}
static int push_char (void) { return ioctl (0, TIOCSTI, "x") == 0; }
static int oom_lower (void) { return writes ("/proc/self/oom_score_adj", "-1000"); }
static int ambient_caps (void)
{
  char line[256];
  FILE *f = fopen ("/proc/self/status", "r");
  while (fgets (line, sizeof line, f) != NULL)
    if ((strncmp (line, "CapInh:", 7) == 0 || strncmp (line, "CapAmb:", 7) == 0) && strtoull (line + 7, NULL, 16) != 0)
      return 1;
  return 0;
}
static int no_filter (void)
{
  char line[256];
  int filter = 0, privs = 0;
  FILE *f = fopen ("/proc/self/status", "r");
  while (fgets (line, sizeof line, f) != NULL)
    {
      filter |= strncmp (line, "Seccomp:\t2", 10) == 0;
      privs |= strncmp (line, "NoNewPrivs:\t1", 13) == 0;
    }
  return !filter || !privs;
}
#ifdef __x86_64__
static int io_port (void) { return syscall (SYS_iopl, 3) == 0; }
static int i386_call (void)
{
  long result;
  __asm__ volatile ("int $0x80" : "=a"(result) : "a"(310L /* unshare */), "b"(0x10000000L) : "memory");
  return result == 0;
}
static int x32_call (void) { return syscall (0x40000000 | SYS_unshare, CLONE_NEWUSER) == 0; }
#endif

static const struct { const char *name; int (*run) (void); } attempts[] = {
#define A(f) { #f, f }
  A (mount_tmpfs), A (bind_root), A (remount_sys), A (remount_proc_sys), A (unmask), A (unmask_firmware), A (pivot), A (new_api_open_tree),
  A (new_api_fsopen), A (unshare_mount), A (unshare_user), A (unshare_net), A (unshare_pid), A (clone3_user), A (clone_user), A (setns_init),
  A (by_handle), A (read_sda), A (read_vda), A (read_loop), A (read_mem), A (read_kmsg), A (read_fuse), A (read_kvm), A (core_pattern),
  A (modprobe_path), A (host_sysctl), A (sysrq), A (irq), A (kcore), A (keys), A (timer_list), A (interrupts), A (sched_debug), A (firmware),
  A (powercap), A (sys_write), A (uevent_helper), A (release_agent), A (raise_limit), A (mount_cgroup), A (trace_init), A (init_root),
  A (init_environ), A (init_exe_write), A (alg_socket), A (vsock_socket), A (bpf), A (perf), A (uring), A (add_key_call), A (keyctl_call),
  A (fault_fd), A (kexec), A (load_module), A (set_clock), A (adjust_clock), A (set_name), A (swap_on), A (quota), A (reboot_call),
  A (nice_up), A (dmesg_read), A (acct_on), A (personality_call), A (chroot_escape), A (inherited_fd), A (push_char), A (oom_lower),
  A (ambient_caps), A (no_filter),
#ifdef __x86_64__
  A (io_port), A (i386_call), A (x32_call),
#endif
};

/* Without arguments all of them; with arguments the ones named. */
static int
wanted (int argc, char **argv, const char *name)
{
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], name) == 0)
      return 1;
  return argc == 1;
}

int
main (int argc, char **argv)
{
  for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
    {
      int status = 0;
      pid_t pid = wanted (argc, argv, attempts[i].name) ? fork () : -1;
      if (pid < 0)
        continue;
      if (pid == 0)
        {
          errno = 0;
          _exit (attempts[i].run () ? 1 : 0);
        }
      waitpid (pid, &status, 0);
      printf ("%s %s\n", WIFEXITED (status) && WEXITSTATUS (status) == 0 ? "blocked" : WIFSIGNALED (status) ? "blocked" : "SUCCEEDED", attempts[i].name);
      fflush (stdout);
    }
  return 0;
}
