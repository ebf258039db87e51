/*
 * program.h - one parsed program.
 *
 * Parsed by the monitor before it clones; the child sees its copy-on-write
 * twin, so nothing is allocated after clone.
 */
#ifndef BERTH_PROGRAM_H
#define BERTH_PROGRAM_H

#include "op.h"

struct program
{
  const char *tag; /* "-" until it has been read */
  struct op *ops;
  int count;
  uint64_t new_namespaces;    /* CLONE_NEW* of `namespaces` */
  uint64_t joined_namespaces; /* CLONE_NEW* of `join` and `join-pid` */
};

/* Splits BUFFER in place. Checks names, counts, order and that nothing host-wide can be changed. */
int parse_program (char *buffer, size_t length, struct program *program, struct failure *why);

/* The first op of a kind at or after FROM (NULL: the start), or NULL. */
struct op *find_op (const struct program *program, enum op_id id, const struct op *after);

/* pid,mnt,... to CLONE_NEW*; 0 for an unknown word. */
uint64_t namespace_flag (const char *name, size_t length);
bool parse_namespaces (const char *list, uint64_t *flags);

#endif
