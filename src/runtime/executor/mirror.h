/*
 * mirror.h - `berth-executor mirror SOURCE TARGET --user=SPEC [--keep-kinds]` and the flags of view.h
 *
 * Makes paths below the folder TARGET of a container what they are below the
 * folder SOURCE of the machine.
 */
#ifndef BERTH_MIRROR_H
#define BERTH_MIRROR_H

int run_mirror (const char *source, const char *target, char **flags);

#endif
