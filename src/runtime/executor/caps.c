/*
 * caps.c - caps BOUNDING EFFECTIVE PERMITTED INHERITABLE AMBIENT
 *
 * Actor: the process that becomes the program. The bounding set goes while it
 * is still root; the rest follows the change of ids, which has kept the
 * permitted set (PR_SET_KEEPCAPS). execve then leaves a user other than root
 * with its ambient capabilities only.
 */
#include "sys.h"
#include "child.h"
#include "number.h"

#include <linux/capability.h>
#include <sys/prctl.h>

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_RAISE 2
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif

enum { BOUNDING, EFFECTIVE, PERMITTED, INHERITABLE, AMBIENT };

static uint64_t
mask_of (const struct op *caps, int which)
{
  uint64_t mask = 0;
  return parse_hex (caps->args[which], &mask) ? mask : 0;
}

int
drop_bounding (const struct op *caps, struct failure *why)
{
  uint64_t mask;

  for (int i = 0; i < caps->argc; i++)
    if (!parse_hex (caps->args[i], &mask))
      return refuse (why, EINVAL, "caps %s", caps->args[i]);
  mask = mask_of (caps, BOUNDING);
  for (int cap = 0; cap < 64; cap++)
    {
      /* 0 already dropped, -1 the kernel has no such capability: done. */
      int has = prctl (PR_CAPBSET_READ, cap, 0, 0, 0);
      if (has < 0)
        break;
      if (has == 1 && (mask >> cap & 1) == 0 && prctl (PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
        return fail (why, "drop capability %d", cap);
    }
  return 0;
}

static int
set_caps (uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[2];

  struct __user_cap_data_struct held[2];

  /* What this machine does not give to us can not be given on ("privileged" below another runtime). */
  if (syscall (SYS_capget, &header, held) != 0)
    return -1;
  permitted &= held[0].permitted | (uint64_t) held[1].permitted << 32;
  effective &= permitted;
  for (int i = 0; i < 2; i++)
    data[i] = (struct __user_cap_data_struct){ .effective = (uint32_t) (effective >> 32 * i),
                                               .permitted = (uint32_t) (permitted >> 32 * i),
                                               .inheritable = (uint32_t) (inheritable >> 32 * i) };
  return (int) syscall (SYS_capset, &header, data);
}

int
raise_caps (const struct op *caps, bool keep_admin, struct failure *why)
{
  uint64_t extra = keep_admin ? UINT64_C (1) << CAP_SYS_ADMIN : 0, ambient = mask_of (caps, AMBIENT);

  prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (set_caps (mask_of (caps, EFFECTIVE) | extra, mask_of (caps, PERMITTED) | extra, mask_of (caps, INHERITABLE)) != 0)
    return fail (why, "set capabilities %s", caps->args[PERMITTED]);
  for (int cap = 0; cap < 64; cap++)
    if ((ambient >> cap & 1) != 0 && prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
      return fail (why, "raise ambient capability %d", cap);
  return 0;
}

int
lower_caps (const struct op *caps, struct failure *why)
{
  if (set_caps (mask_of (caps, EFFECTIVE), mask_of (caps, PERMITTED), mask_of (caps, INHERITABLE)) != 0)
    return fail (why, "set capabilities %s", caps->args[PERMITTED]);
  return 0;
}
