/* accounts.c - passwd(5) and group(5) by line and field; a line that does not parse is passed over. */
#include "sys.h"
#include "accounts.h"
#include "number.h"

#define FIELDS 7

struct field { const char *text; size_t length; };

/* Splits one line at colons. Returns the number of fields. */
static int
split_line (const char *line, size_t length, struct field *fields)
{
  const char *end = line + length;
  int count = 0;

  while (count < FIELDS)
    {
      const char *colon = count == FIELDS - 1 ? NULL : memchr (line, ':', end - line);
      fields[count++] = (struct field){ line, (colon == NULL ? end : colon) - line };
      if (colon == NULL)
        break;
      line = colon + 1;
    }
  return count;
}

/* The next line at *AT into FIELDS; false at the end. */
static bool
next_line (const char **at, struct field *fields, int *count)
{
  size_t length = strcspn (*at, "\n");
  if (**at == 0)
    return false;
  *count = split_line (*at, length, fields);
  *at += length + ((*at)[length] == '\n');
  return true;
}

static bool
is_text (const struct field *field, const char *text)
{
  return strlen (text) == field->length && memcmp (field->text, text, field->length) == 0;
}

static bool
read_id (const struct field *field, uint32_t *id)
{
  char copy[16];
  uint64_t value;

  if (field->length == 0 || field->length >= sizeof copy)
    return false;
  memcpy (copy, field->text, field->length);
  copy[field->length] = 0;
  if (!parse_decimal (copy, INT32_MAX, &value))
    return false;
  *id = (uint32_t) value;
  return true;
}

static void
copy_field (const struct field *field, char *to, size_t size)
{
  size_t length = field->length < size ? field->length : 0;
  memcpy (to, field->text, length);
  to[length] = 0;
}

bool
find_account (const char *passwd, const char *name, uid_t uid, struct account *account)
{
  struct field fields[FIELDS];
  int count;

  for (const char *at = passwd; next_line (&at, fields, &count);)
    {
      if (count < 6 || !read_id (&fields[2], &account->uid) || !read_id (&fields[3], &account->gid))
        continue;
      if (name != NULL ? !is_text (&fields[0], name) : account->uid != uid)
        continue;
      copy_field (&fields[0], account->name, sizeof account->name);
      copy_field (&fields[5], account->home, sizeof account->home);
      return true;
    }
  return false;
}

bool
find_group (const char *group, const char *name, gid_t *gid)
{
  struct field fields[FIELDS];
  int count;

  for (const char *at = group; next_line (&at, fields, &count);)
    if (count >= 3 && is_text (&fields[0], name) && read_id (&fields[2], gid))
      return true;
  return false;
}

static bool
lists_member (const struct field *members, const char *member)
{
  const char *at = members->text, *end = at + members->length;

  while (at < end)
    {
      const char *comma = memchr (at, ',', end - at);
      struct field one = { at, (comma == NULL ? end : comma) - at };
      if (is_text (&one, member))
        return true;
      at = comma == NULL ? end : comma + 1;
    }
  return false;
}

void
add_member_groups (const char *group, const char *member, gid_t *groups, int *count, int max)
{
  struct field fields[FIELDS];
  int found;
  gid_t gid;

  for (const char *at = group; next_line (&at, fields, &found);)
    if (found >= 4 && *count < max && lists_member (&fields[3], member) && read_id (&fields[2], &gid))
      groups[(*count)++] = gid;
}
