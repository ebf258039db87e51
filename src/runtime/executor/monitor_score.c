/* monitor_score.c - monitor-oom-score N: a wish; lowering it needs CAP_SYS_RESOURCE. */
#include "sys.h"
#include "monitor.h"
#include "process.h"

int
set_monitor_oom_score (struct monitor *m, struct op *op, struct failure *why)
{
  struct failure ignored;
  (void) m;
  (void) why;
  write_file ("/proc/self/oom_score_adj", op->args[0], &ignored);
  return 0;
}
