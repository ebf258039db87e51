/*
 * sync.h - messages between monitor and child over a seqpacket pair.
 *
 * To the child: one byte, GO_MAPS (ids are mapped) or GO_NETWORK (links made).
 * From the child: a struct report; the pty's two descriptors ride along.
 */
#ifndef BERTH_SYNC_H
#define BERTH_SYNC_H

#include "fail.h"

enum report_kind { REPORT_FAILED = 1, REPORT_TERMINAL, REPORT_EXEC, REPORT_STATUS };
#define GO_MAPS 'M'
#define GO_NETWORK 'N'

struct report
{
  enum report_kind kind;
  int status; /* REPORT_STATUS: as from waitpid */
  struct failure failure;
};

int send_report (int sync, const struct report *report, const int *fds);

/* Returns 1 with a report, 0 when there is none (yet, or any more). FDS[2] are -1 without a pty. */
int receive_report (int sync, struct report *report, int *fds);

#endif
