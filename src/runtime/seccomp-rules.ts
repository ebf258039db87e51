/**
 * Which system calls depend on what: capabilities and arguments.
 *
 * Owns the policy of the default filter, no weaker than Docker's. Everything
 * in syscall-numbers.ts that is not named here is allowed.
 */

/** Allowed only with one of these capabilities. */
export const GATED: Readonly<Record<string, readonly string[]>> = gates({
  CAP_DAC_READ_SEARCH: 'open_by_handle_at',
  CAP_SYS_ADMIN:
    'bpf fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules ' +
    'lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname ' +
    'sethostname setns syslog umount umount2 unshare',
  CAP_SYS_BOOT: 'reboot',
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_MODULE: 'delete_module init_module finit_module',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_PTRACE: 'kcmp pidfd_getfd process_madvise',
  CAP_SYS_RAWIO: 'iopl ioperm',
  CAP_SYS_TIME: 'settimeofday stime clock_settime clock_settime64',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYS_NICE: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node',
  CAP_SYSLOG: 'syslog',
  CAP_BPF: 'bpf',
  CAP_PERFMON: 'perf_event_open',
});

function gates(byCapability: Readonly<Record<string, string>>): Record<string, string[]> {
  const gated: Record<string, string[]> = {};
  for (const [capability, names] of Object.entries(byCapability)) {
    for (const name of names.split(' ')) {
      gated[name] ??= [];
      gated[name].push(capability);
    }
  }
  return gated;
}

/** New namespaces by clone: CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}; refused without CAP_SYS_ADMIN. */
export const CLONE_NAMESPACE_FLAGS = 0x7e020000;

/** Linux, UNAME26, ADDR_NO_RANDOMIZE not among them, and the question for the present one. */
export const PERSONALITIES: readonly number[] = [0, 8, 0x20000, 0x20008, 0xffffffff];

/**
 * Address families a socket may be made in, as ranges. Left out: DECnet, Econet, ATM's SVC, IrDA, WANPIPE, IUCV, CAIF,
 * and above all ALG (38: CVE-2026-31431, writes into page cache that layers share) and VSOCK (40: reaches the
 * hypervisor). i386 programs can still ask through socketcall, whose arguments a filter can not see.
 */
export const SOCKET_FAMILIES: readonly (readonly [from: number, to: number])[] = [
  [0, 11],
  [13, 18],
  [21, 22],
  [24, 24],
  [26, 33],
  [35, 36],
  [39, 39],
  [41, 45],
];
