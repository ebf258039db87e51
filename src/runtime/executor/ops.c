/*
 * ops.c - the table of ops: names, argument counts, phases, handlers.
 *
 * Ops without a handler are read straight from the program by the part that
 * needs them: stdio by the monitor, identity by the process that becomes the
 * program (identity.c).
 */
#include "sys.h"
#include "op.h"

const struct op_kind op_kinds[] = {
  { "tag", OP_TAG, 1, 1, false, false, NULL, NULL, NULL, NULL },
  { "state-dir", OP_STATE_DIR, 1, 1, false, false, NULL, NULL, NULL, NULL },
  { "log", OP_LOG, 3, 3, false, false, open_log, NULL, NULL, NULL },
  { "terminal", OP_TERMINAL, 2, 2, false, false, NULL, NULL, NULL, NULL },
  { "stdin", OP_STDIN, 1, 1, false, false, check_stdin, NULL, NULL, NULL },
  { "await-attach", OP_AWAIT_ATTACH, 0, 0, false, false, NULL, NULL, NULL, NULL },
  { "monitor-oom-score", OP_MONITOR_OOM_SCORE, 1, 1, false, false, NULL, set_monitor_oom_score, NULL, NULL },
  { "cgroup-mkdir", OP_CGROUP_MKDIR, 1, 1, false, false, make_cgroup, NULL, NULL, NULL },
  { "cgroup-write", OP_CGROUP_WRITE, 2, 2, false, false, write_cgroup, NULL, NULL, NULL },
  { "cgroup-try-write", OP_CGROUP_TRY_WRITE, 2, 2, false, false, try_write_cgroup, NULL, NULL, NULL },
  { "cgroup-join-v1", OP_CGROUP_JOIN_V1, 1, 1, false, false, open_cgroup_tasks, NULL, join_cgroup, NULL },
  { "cgroup-into-v2", OP_CGROUP_INTO_V2, 1, 1, false, false, open_cgroup_dir, NULL, NULL, NULL },
  { "cgroup-devices", OP_CGROUP_DEVICES, 2, 2, false, false, restrict_devices, NULL, NULL, NULL },
  { "oom-watch", OP_OOM_WATCH, 2, 2, false, false, watch_oom, NULL, NULL, NULL },
  { "namespaces", OP_NAMESPACES, 1, 1, false, false, NULL, NULL, NULL, NULL },
  { "id-map", OP_ID_MAP, 4, 4, false, false, NULL, map_ids, NULL, NULL },
  { "time-offset", OP_TIME_OFFSET, 3, 3, false, false, set_time_offset, NULL, NULL, NULL },
  { "join", OP_JOIN, 2, 2, false, false, open_namespace, NULL, enter_namespace, NULL },
  { "join-pid", OP_JOIN_PID, 3, 3, false, false, open_target_process, NULL, enter_target_process, NULL },
  { "veth", OP_VETH, 5, 5, false, false, NULL, make_veth, NULL, NULL },
  { "port-flags", OP_PORT_FLAGS, 2, 2, false, false, NULL, set_port_flags, NULL, NULL },
  { "batch", OP_BATCH, 0, 0, false, false, NULL, NULL, NULL, NULL },
  { "overlay", OP_OVERLAY, 4, -1, true, true, NULL, NULL, NULL, make_overlay },
  { "root-bind", OP_ROOT_BIND, 2, 2, true, true, NULL, NULL, NULL, make_root_bind },
  { "mount", OP_MOUNT, 5, 5, true, true, NULL, NULL, NULL, mount_filesystem },
  { "bind", OP_BIND, 3, 3, true, true, open_bind_source, NULL, NULL, attach_bind },
  { "mask", OP_MASK, 1, 1, true, true, NULL, NULL, NULL, mask_path },
  { "readonly-path", OP_READONLY_PATH, 1, 1, true, true, NULL, NULL, NULL, make_path_readonly },
  { "mknod", OP_MKNOD, 5, 5, true, true, NULL, NULL, NULL, make_node },
  { "symlink", OP_SYMLINK, 2, 2, true, true, NULL, NULL, NULL, make_symlink },
  { "mkdir", OP_MKDIR, 4, 4, true, true, NULL, NULL, NULL, make_directory },
  { "pivot", OP_PIVOT, 0, 0, true, true, NULL, NULL, NULL, pivot },
  { "root-readonly", OP_ROOT_READONLY, 0, 0, true, true, NULL, NULL, NULL, make_root_readonly },
  { "net-up", OP_NET_UP, 0, 0, true, false, NULL, NULL, NULL, bring_loopback_up },
  { "net-addr", OP_NET_ADDR, 2, 2, true, false, NULL, NULL, NULL, add_address },
  { "net-route", OP_NET_ROUTE, 4, 4, true, false, NULL, NULL, NULL, add_route },
  { "sysctl", OP_SYSCTL, 2, 2, true, false, NULL, NULL, NULL, write_sysctl },
  { "hostname", OP_HOSTNAME, 1, 1, true, false, NULL, NULL, NULL, set_hostname },
  { "domainname", OP_DOMAINNAME, 1, 1, true, false, NULL, NULL, NULL, set_domainname },
  { "rlimit", OP_RLIMIT, 3, 3, true, false, NULL, NULL, NULL, NULL },
  { "oom-score", OP_OOM_SCORE, 1, 1, true, false, NULL, NULL, NULL, set_oom_score },
  { "setsid-tty", OP_SETSID_TTY, 0, 0, true, false, NULL, NULL, NULL, open_terminal },
  { "user", OP_USER, 2, 2, true, false, NULL, NULL, NULL, resolve_user },
  { "umask", OP_UMASK, 1, 1, true, false, NULL, NULL, NULL, NULL },
  { "caps", OP_CAPS, 5, 5, true, false, NULL, NULL, NULL, NULL },
  { "no-new-privs", OP_NO_NEW_PRIVS, 0, 0, true, false, NULL, NULL, NULL, NULL },
  { "seccomp", OP_SECCOMP, 1, 1, true, false, NULL, NULL, NULL, NULL },
  { "cwd", OP_CWD, 1, 1, true, false, NULL, NULL, NULL, make_working_dir },
  { "env", OP_ENV, 1, 1, true, false, NULL, NULL, NULL, NULL },
  { "init", OP_INIT, 0, 0, true, false, NULL, NULL, NULL, NULL },
  { "exec", OP_EXEC, 1, -1, true, false, NULL, NULL, NULL, NULL },
  { NULL, 0, 0, 0, false, false, NULL, NULL, NULL, NULL },
};
