/*
 * failpoint.h - instants at which a test kills a monitor.
 *
 * BERTH_FAILPOINT=monitor:NAME:N ends this process with SIGKILL at the N-th
 * pass; BERTH_FAILPOINT_TRACE=FILE appends a line a pass. Both are set by
 * tests only; src/base/failpoint.ts is the engine's half.
 */
#ifndef BERTH_FAILPOINT_H
#define BERTH_FAILPOINT_H

void failpoint (const char *name);

#endif
