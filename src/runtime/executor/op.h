/*
 * op.h - what an executor op is.
 *
 * The planner (src/runtime/program.ts) decides everything; the executor obeys.
 * A kind of op has up to four handlers, one for each place it acts in:
 *   before  monitor, host namespaces, root, nothing cloned yet
 *   after   monitor, while the child already mounts (netlink into its netns)
 *   enter   child, first thing after clone3, old namespaces where not new
 *   inside  child, in the new namespaces, still root there
 */
#ifndef BERTH_OP_H
#define BERTH_OP_H

#include "fail.h"

enum op_id
{
  OP_TAG, OP_STATE_DIR, OP_LOG, OP_TERMINAL, OP_STDIN, OP_AWAIT_ATTACH, OP_MONITOR_OOM_SCORE,
  OP_CGROUP_MKDIR, OP_CGROUP_WRITE, OP_CGROUP_TRY_WRITE, OP_CGROUP_JOIN_V1, OP_CGROUP_INTO_V2,
  OP_CGROUP_DEVICES, OP_OOM_WATCH,
  OP_NAMESPACES, OP_ID_MAP, OP_TIME_OFFSET, OP_JOIN, OP_JOIN_PID, OP_UNPLUG, OP_VETH, OP_BRIDGE_ENTRY, OP_MACVLAN, OP_PORT_FLAGS, OP_BATCH,
  OP_OVERLAY, OP_ROOT_BIND, OP_MOUNT, OP_BIND, OP_FILE, OP_IMAGE, OP_MASK, OP_READONLY_PATH, OP_MKNOD, OP_SYMLINK, OP_MKDIR,
  OP_NOTE_OPENS,
  OP_PIVOT, OP_ROOT_READONLY, OP_NET_UP, OP_NET_ADDR, OP_NET_ROUTE, OP_SYSCTL, OP_HOSTNAME, OP_DOMAINNAME,
  OP_RLIMIT, OP_OOM_SCORE, OP_SETSID_TTY, OP_USER, OP_UMASK, OP_CAPS, OP_NO_NEW_PRIVS, OP_SECCOMP, OP_CWD,
  OP_ENV, OP_INIT, OP_EXEC
};

struct monitor;
struct child;
struct op;

typedef int monitor_handler (struct monitor *m, struct op *op, struct failure *why);
typedef int child_handler (struct child *c, struct op *op, struct failure *why);

struct op_kind
{
  const char *name;
  enum op_id id;
  int min_args, max_args; /* max -1: any number */
  bool in_child;          /* belongs to the child phase */
  bool needs_mounts;      /* refused unless the mount namespace is new */
  monitor_handler *before, *after;
  child_handler *enter, *inside;
};

struct op
{
  const struct op_kind *kind;
  int number; /* its place in the program, for failures */
  int argc;
  char **args; /* NUL-terminated, owned by the program buffer; args[argc] is NULL */
  int fd;      /* what `before` opened for `enter` or `inside`, or -1 */
  bool done;   /* has made something that a failure must undo */
};

extern const struct op_kind op_kinds[];

monitor_handler open_log, check_stdin, make_cgroup, write_cgroup, try_write_cgroup, open_cgroup_tasks, open_cgroup_dir,
  restrict_devices, watch_oom, set_time_offset, open_namespace, open_target_process, open_bind_source, open_file_source,
  unplug, open_notes;
monitor_handler map_ids, make_veth, make_macvlan, add_bridge_entry, set_port_flags, set_monitor_oom_score;
child_handler join_cgroup, enter_namespace, enter_target_process;
child_handler make_overlay, make_root_bind, mount_filesystem, attach_bind, place_file, attach_image, mask_path, make_path_readonly,
  make_node,
  make_symlink, make_directory, mark_mounts, pivot, make_root_readonly, bring_loopback_up, add_address, add_route, write_sysctl,
  set_hostname, set_domainname, set_oom_score, open_terminal, resolve_user, make_working_dir;

#endif
