/*
 * number.c - strict numbers and comma lists.
 *
 * strtoul accepts blanks, signs, 0x and wraps around; runtimes have run as
 * root because of that (CVE-2024-40635, CVE-2026-30892). These do not.
 */
#include "sys.h"
#include "number.h"

static bool
parse_digits (const char *text, unsigned base, uint64_t max, uint64_t *value)
{
  uint64_t sum = 0;
  if (*text == 0)
    return false;
  for (; *text != 0; text++)
    {
      unsigned digit;
      if (*text >= '0' && *text <= '9')
        digit = *text - '0';
      else if (*text >= 'a' && *text <= 'f')
        digit = *text - 'a' + 10;
      else if (*text >= 'A' && *text <= 'F')
        digit = *text - 'A' + 10;
      else
        return false;
      if (digit >= base || digit > max || sum > (max - digit) / base)
        return false;
      sum = sum * base + digit;
    }
  *value = sum;
  return true;
}

bool
parse_decimal (const char *text, uint64_t max, uint64_t *value)
{
  return parse_digits (text, 10, max, value);
}

bool
parse_signed (const char *text, int64_t min, int64_t max, int64_t *value)
{
  uint64_t size;
  bool negative = *text == '-';
  if (!parse_digits (text + negative, 10, INT64_MAX, &size))
    return false;
  *value = negative ? -(int64_t) size : (int64_t) size;
  return *value >= min && *value <= max;
}

bool
parse_octal (const char *text, uint64_t max, uint64_t *value)
{
  return parse_digits (text, 8, max, value);
}

bool
parse_hex (const char *text, uint64_t *value)
{
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    text += 2;
  return parse_digits (text, 16, UINT64_MAX, value);
}

bool
list_has (const char *list, const char *word)
{
  size_t length = strlen (word);
  for (const char *at = list; *at != 0;)
    {
      size_t member = strcspn (at, ",");
      if (member == length && memcmp (at, word, length) == 0)
        return true;
      at += member;
      if (*at == ',')
        at++;
    }
  return false;
}
