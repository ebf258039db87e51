/* idmap.h - mounts through which files have other owners. */
#ifndef BERTH_IDMAP_H
#define BERTH_IDMAP_H

#include "child.h"

/* OPTIONS holds `owner=UID:GID`: what the container's user makes below MOUNT belongs to these on disk, and the other way round. */
int map_owner (struct child *c, int mount, const char *options, struct failure *why);

#endif
