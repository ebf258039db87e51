/* pack_parts.h - what the files of pack share among themselves. */
#ifndef BERTH_PACK_PARTS_H
#define BERTH_PACK_PARTS_H

#include "fail.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define PACK_BLOCK 512
#define SEGMENTS_MAX 8192

struct segment { off_t at, length; };

/* Where a file has data; COUNT -1: it is not worth it, or too many. */
struct sparse_map { int count; off_t data; struct segment segments[SEGMENTS_MAX]; };

void map_holes (int fd, const struct stat *st, struct sparse_map *map);

/* The text of the map as it stands before the data (GNU sparse format 1.0), padded to whole blocks. */
size_t write_map_text (const struct sparse_map *map, char *text, size_t size);

/* Bytes to stdout; -1 with *WHY when nobody reads any more. */
int emit (const void *data, size_t length, struct failure *why);
int emit_padding (uint64_t length, struct failure *why);
int flush_output (struct failure *why);

struct pack_header
{
  const char *path, *link; /* NULL: none */
  const struct stat *st;
  char type;
  uint64_t size;             /* of what follows */
  int fd;                    /* to read extended attributes from; -1: none */
  const struct sparse_map *map; /* NULL: dense */
};

int emit_header (const struct pack_header *header, struct failure *why);
int emit_end (struct failure *why);

#endif
