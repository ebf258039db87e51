/* copy_up.h - what an image has at a volume's place, into a volume that is empty. */
#ifndef BERTH_COPY_UP_H
#define BERTH_COPY_UP_H

#include "fail.h"

/* Copies folder FROM (readable) into VOLUME with owners, modes, times and attributes, unless something is there already. */
int copy_up (int from, int volume, struct failure *why);

#endif
