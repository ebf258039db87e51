/* number.h - strict numbers: digits only, bounded, nothing before or after them. */
#ifndef BERTH_NUMBER_H
#define BERTH_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

bool parse_decimal (const char *text, uint64_t max, uint64_t *value);
bool parse_signed (const char *text, int64_t min, int64_t max, int64_t *value);
bool parse_octal (const char *text, uint64_t max, uint64_t *value);
bool parse_hex (const char *text, uint64_t *value);

/* Whether LIST, comma separated, has the member WORD. */
bool list_has (const char *list, const char *word);

#endif
