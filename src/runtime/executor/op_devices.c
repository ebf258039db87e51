/*
 * op_devices.c - cgroup-devices DIR HEX
 *
 * cgroup v2 has no devices files: a BPF program on the cgroup decides. HEX is
 * an array of struct bpf_insn, made in TypeScript. The program lives as long
 * as the cgroup. bpf(2).
 */
#include "sys.h"
#include "monitor.h"

#include <linux/bpf.h>

static int
hex_value (char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns the number of bytes, or -1. */
static ssize_t
decode_hex (const char *hex, unsigned char *bytes, size_t size)
{
  size_t length = strlen (hex);

  if (length == 0 || length % (2 * sizeof (struct bpf_insn)) != 0 || length / 2 > size)
    return -1;
  for (size_t i = 0; i < length / 2; i++)
    {
      int high = hex_value (hex[2 * i]), low = hex_value (hex[2 * i + 1]);
      if (high < 0 || low < 0)
        return -1;
      bytes[i] = (unsigned char) (high << 4 | low);
    }
  return (ssize_t) (length / 2);
}

static int
load_program (const void *instructions, size_t size)
{
  union bpf_attr attr = { 0 };

  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.expected_attach_type = BPF_CGROUP_DEVICE;
  attr.insns = (uintptr_t) instructions;
  attr.insn_cnt = (uint32_t) (size / sizeof (struct bpf_insn));
  attr.license = (uintptr_t) "Apache-2.0";
  return (int) syscall (SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
}

int
restrict_devices (struct monitor *m, struct op *op, struct failure *why)
{
  static unsigned char instructions[32768] __attribute__ ((aligned (8)));
  ssize_t size = decode_hex (op->args[1], instructions, sizeof instructions);
  cleanup_close int dir = open (op->args[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  cleanup_close int program = -1;
  union bpf_attr attr = { 0 };
  (void) m;

  if (size < 0)
    return refuse (why, EINVAL, "device program of %zu hex digits", strlen (op->args[1]));
  if (dir < 0)
    return fail (why, "open cgroup %s", op->args[0]);
  if ((program = load_program (instructions, size)) < 0)
    return fail (why, "load the device program");
  attr.target_fd = (uint32_t) dir;
  attr.attach_bpf_fd = (uint32_t) program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  if (syscall (SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr) != 0)
    return fail (why, "restrict the devices of %s", op->args[0]);
  return 0;
}
