/*
 * op_user.c - user SPEC GROUPS
 *
 * Actor: child, root, inside. SPEC is a name or number with an optional group,
 * as in an image's config; the files are the image's own, read with bounds
 * (CVE-2021-21284 and kin: never the host's, never a device or fifo).
 */
#include "sys.h"
#include "accounts.h"
#include "child.h"
#include "number.h"
#include "path.h"
#include "user.h"

static char passwd_text[ACCOUNTS_MAX + 1], group_text[ACCOUNTS_MAX + 1];

static int
read_regular (int fd, char *text, const char *path, struct failure *why)
{
  struct stat st;
  size_t length = 0;
  ssize_t got;

  text[0] = 0;
  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : fail (why, "open %s", path);
  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return refuse (why, EINVAL, "%s of the image is not a regular file", path);
  if (st.st_size > ACCOUNTS_MAX)
    return refuse (why, EFBIG, "%s of the image is larger than 1 MiB", path);
  while (length < ACCOUNTS_MAX && (got = read (fd, text + length, ACCOUNTS_MAX - length)) > 0)
    length += got;
  text[length] = 0;
  return 0;
}

static int
read_accounts (struct child *c, struct failure *why)
{
  /* Non-blocking: a fifo must not hold us up before it is refused. */
  cleanup_close int passwd = open_in_root (c->root, "/etc/passwd", O_RDONLY | O_NONBLOCK);
  cleanup_close int group = -1;

  if (read_regular (passwd, passwd_text, "/etc/passwd", why) != 0)
    return -1;
  group = open_in_root (c->root, "/etc/group", O_RDONLY | O_NONBLOCK);
  return read_regular (group, group_text, "/etc/group", why);
}

static int
resolve_account (const char *user, struct account *account, struct failure *why)
{
  uint64_t number;

  *account = (struct account){ .home = "/" };
  if (*user == 0)
    user = "0";
  if (find_account (passwd_text, user, 0, account))
    return 0;
  if (!parse_decimal (user, INT32_MAX, &number))
    return refuse (why, ENOENT, "user %.64s: no such user in the image's /etc/passwd", user);
  *account = (struct account){ .home = "/" };
  if (!find_account (passwd_text, NULL, (uid_t) number, account))
    *account = (struct account){ .uid = (uid_t) number, .home = "/" };
  return 0;
}

static int
resolve_group (const char *group, gid_t *gid, struct failure *why)
{
  uint64_t number;

  if (find_group (group_text, group, gid))
    return 0;
  if (!parse_decimal (group, INT32_MAX, &number))
    return refuse (why, ENOENT, "group %.64s: no such group in the image's /etc/group", group);
  *gid = (gid_t) number;
  return 0;
}

static int
add_extra_groups (struct child *c, const char *list, struct failure *why)
{
  while (*list != 0 && c->user.group_count < MAX_GROUPS)
    {
      char name[256];
      size_t length = strcspn (list, ",");
      if (length >= sizeof name)
        return refuse (why, EINVAL, "group %.64s", list);
      memcpy (name, list, length);
      name[length] = 0;
      if (resolve_group (name, &c->user.groups[c->user.group_count], why) != 0)
        return -1;
      c->user.group_count++;
      list += length + (list[length] == ',');
    }
  return 0;
}

/* Splits USER:GROUP. The groups that list the user count only when no group is named, as in Docker. */
static int
resolve_spec (struct child *c, const char *spec, const char *extra, struct account *account, struct failure *why)
{
  char user[512];
  const char *colon = strchr (spec, ':');
  size_t length = colon == NULL ? strlen (spec) : (size_t) (colon - spec);

  if (length >= sizeof user)
    return refuse (why, EINVAL, "user %.64s", spec);
  memcpy (user, spec, length);
  user[length] = 0;
  if (resolve_account (user, account, why) != 0)
    return -1;
  c->user.uid = account->uid;
  c->user.gid = account->gid;
  c->user.group_count = 0;
  if (colon != NULL && colon[1] != 0)
    {
      if (resolve_group (colon + 1, &c->user.gid, why) != 0)
        return -1;
    }
  else if (account->name[0] != 0)
    add_member_groups (group_text, account->name, c->user.groups, &c->user.group_count, MAX_GROUPS);
  c->user.set = true;
  return add_extra_groups (c, extra, why);
}

static void
add_home (struct child *c, const char *home)
{
  int count = 0;

  for (; c->environment[count] != NULL; count++)
    if (strncmp (c->environment[count], "HOME=", 5) == 0)
      return;
  snprintf (c->user.home, sizeof c->user.home, "HOME=%s", *home == 0 ? "/" : home);
  c->environment[count] = c->user.home;
  c->environment[count + 1] = NULL;
}

int
resolve_user (struct child *c, struct op *op, struct failure *why)
{
  static struct account account;

  if (read_accounts (c, why) != 0 || resolve_spec (c, op->args[0], op->args[1], &account, why) != 0)
    return -1;
  add_home (c, account.home);
  return 0;
}

int
run_resolve_user (const char *passwd, const char *group, const char *spec)
{
  static struct account account;
  static struct child child;
  struct failure why = { 0 };
  cleanup_close int passwd_fd = open (passwd, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  cleanup_close int group_fd = open (group, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

  if (read_regular (passwd_fd, passwd_text, passwd, &why) != 0 || read_regular (group_fd, group_text, group, &why) != 0
      || resolve_spec (&child, spec, "", &account, &why) != 0)
    {
      fprintf (stderr, "resolve-user: %s\n", why.message);
      return 1;
    }
  printf ("%u %u ", (unsigned) child.user.uid, (unsigned) child.user.gid);
  for (int i = 0; i < child.user.group_count; i++)
    printf ("%s%u", i == 0 ? "" : ",", (unsigned) child.user.groups[i]);
  printf (" %s\n", account.home);
  return 0;
}
