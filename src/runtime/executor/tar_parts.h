/* tar_parts.h - what tar.c, tar_stream.c and tar_pax.c share among themselves. */
#ifndef BERTH_TAR_PARTS_H
#define BERTH_TAR_PARTS_H

#include "tar.h"

#define BLOCK 512

/* What came before an entry and overrides its header. */
struct overrides { bool path, link, size, uid, gid, mtime; };

/* Exactly LENGTH bytes into TO (NULL: nowhere). Returns how many there were. */
uint64_t take (char *to, uint64_t length);

/* Whether stdin has held anything at all. */
bool saw_bytes (void);

/* The stream stands at the SIZE bytes of an entry's data. */
void begin_data (uint64_t size);

/* Goes on to the next header, past data that nobody has read. */
int skip_data (struct failure *why);

int copy_text (char *to, const char *text, size_t length, struct failure *why);

/* Records "LENGTH KEY=VALUE\n" into ENTRY; made NUL-terminated in place, attributes go on pointing there. */
int parse_extended (char *text, size_t length, struct tar_entry *entry, struct overrides *set, struct failure *why);

#endif
