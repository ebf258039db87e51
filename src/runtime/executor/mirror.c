/*
 * mirror.c - berth-executor mirror SOURCE TARGET --user=SPEC [--keep-kinds] and the flags of view.h
 *
 * stdin: pairs of names, each ended by a NUL: one below SOURCE, one below
 * TARGET; folders come before what is in them. What a name is by now decides:
 * what the source does not have goes, deepest first, then the rest is made
 * where it is not the same already. One name's failure leaves the others.
 * stdout: for each name with news `KIND NAME NUL REASON NUL`: w written,
 * r removed, k kept (something of the container's own is in the way), s left
 * out (no file, folder or link), f failed. Ends with `. NUL BYTES NUL`.
 *
 * Links of the way to TARGET are followed below the root; in TARGET none is.
 */
#include "sys.h"
#include "child.h"
#include "mirror.h"
#include "mirror_parts.h"
#include "path.h"
#include "view.h"

#include <limits.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

struct mirror mirror;

static uint64_t written_bytes;

static void
tell (char kind, const char *name, const char *reason)
{
  printf ("%c %s%c%s%c", kind, name, 0, reason, 0);
}

static void
tell_failure (const char *name, const struct failure *why)
{
  char text[512];

  snprintf (text, sizeof text, "%s%s%s", why->message, why->err == 0 || *why->message == 0 ? "" : ": ",
            why->err == 0 ? "" : strerror (why->err));
  tell ('f', name, text);
}

/* Why NAME has to stay; NULL: it is no such reason. */
static const char *
reason_to_keep (int err)
{
  switch (err)
    {
    case ENOTEMPTY: case EEXIST: return "the container has files of its own in it";
    case EBUSY: return "something is mounted there";
    default: return NULL;
    }
}

/* What the source does not have any more, or has as something else now, makes way. */
static void
clear_one (const struct pair *pair)
{
  char name[NAME_MAX + 1];
  struct stat wanted, there;
  cleanup_close int from = look_beneath (mirror.source, pair->from, &wanted);
  bool unknown = from < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
  cleanup_close int holder = open_holder (pair->to, name);
  bool clash;

  if (unknown || holder < 0 || fstatat (holder, name, &there, AT_SYMLINK_NOFOLLOW) != 0)
    return;
  clash = from >= 0 && S_ISDIR (wanted.st_mode) != S_ISDIR (there.st_mode);
  if ((from >= 0 && !clash) || (clash && mirror.keep_kinds))
    return;
  if (remove_one (holder, name, S_ISDIR (there.st_mode)) == 0)
    {
      if (from < 0)
        tell ('r', pair->to, "");
    }
  else if (reason_to_keep (errno) != NULL)
    tell ('k', pair->to, reason_to_keep (errno));
  else
    tell ('f', pair->to, strerror (errno));
}

static int
make_one (const struct pair *pair, int from, const struct stat *st, struct failure *why)
{
  char name[NAME_MAX + 1];
  cleanup_close int holder = make_holder (pair, name, why);

  if (holder < 0)
    return -1;
  switch (st->st_mode & S_IFMT)
    {
    case S_IFDIR: return mirror_folder (holder, name, st, why);
    case S_IFREG: return mirror_file (holder, name, from, st, why);
    default: return mirror_link (holder, name, from, why);
    }
}

static void
bring_one (const struct pair *pair)
{
  struct failure why = { 0 };
  struct stat st;
  cleanup_close int from = look_beneath (mirror.source, pair->from, &st);
  int made;

  if (from < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
    tell ('f', pair->to, strerror (errno));
  if (from < 0)
    return;
  if (!S_ISDIR (st.st_mode) && !S_ISREG (st.st_mode) && !S_ISLNK (st.st_mode))
    {
      tell ('s', pair->to, S_ISFIFO (st.st_mode) ? "a fifo" : S_ISSOCK (st.st_mode) ? "a socket" : "a device");
      return;
    }
  made = make_one (pair, from, &st, &why);
  if (made > 0)
    {
      written_bytes += S_ISREG (st.st_mode) ? (uint64_t) st.st_size : 0;
      tell ('w', pair->to, "");
    }
  else if (made < 0 && (why.err == EISDIR || why.err == ENOTDIR || why.err == ELOOP))
    tell ('k', pair->to, why.message);
  else if (made < 0)
    tell_failure (pair->to, &why);
}

static char *
read_all (size_t *length)
{
  size_t size = 1 << 16;
  char *text = malloc (size);
  ssize_t got = 0;

  for (*length = 0; text != NULL && (got = read (STDIN_FILENO, text + *length, size - *length)) > 0;)
    if ((*length += (size_t) got) == size)
      text = realloc (text, size *= 2);
  return got < 0 ? NULL : text;
}

static bool
is_name (const char *path)
{
  size_t length;

  for (; *path != 0; path += length + (path[length] == '/'))
    if ((length = strcspn (path, "/")) == 0 || (path[0] == '.' && (length == 1 || (length == 2 && path[1] == '.'))))
      return false;
  return true;
}

/* The pairs in TEXT; -1 when it is damaged. */
static ssize_t
parse_pairs (const char *text, size_t length, struct pair **pairs)
{
  size_t names = 0, count = 0;
  const char *at = text;

  for (size_t i = 0; i < length; i++)
    names += text[i] == 0;
  *pairs = calloc (names / 2 + 1, sizeof **pairs);
  if (*pairs == NULL || names % 2 != 0 || (length > 0 && text[length - 1] != 0))
    return -1;
  for (; count < names / 2; count++)
    {
      (*pairs)[count].from = at;
      (*pairs)[count].to = at += strlen (at) + 1;
      at += strlen (at) + 1;
      if (!is_name ((*pairs)[count].from) || !is_name ((*pairs)[count].to) || (*pairs)[count].to[0] == 0)
        return -1;
    }
  return (ssize_t) count;
}

/* Files are made as the container's user; the capabilities that this takes away are kept. */
static int
become_owner (const struct child *c, struct failure *why)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct held[2];

  if (syscall (SYS_capget, &header, held) != 0)
    return fail (why, "look at capabilities");
  setfsgid (c->user.gid);
  setfsuid (c->user.uid);
  if (syscall (SYS_capset, &header, held) != 0)
    return fail (why, "keep capabilities");
  return 0;
}

static int
open_folders (const char *source, const char *target, const char *user, struct failure *why)
{
  static struct child child;
  char *args[] = { (char *) user, "", NULL };
  struct op op = { .argc = 2, .args = args, .fd = -1 };

  if ((mirror.source = open (source, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    return fail (why, "%.300s", source);
  if ((mirror.own_fds = open ("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    return fail (why, "open /proc/self/fd");
  if ((child.root = open_view (why)) < 0 || enter_view (why) != 0 || resolve_user (&child, &op, why) != 0)
    return -1;
  mirror.target = make_dir_in_root (child.root, target, 0755, child.user.uid, child.user.gid);
  if (mirror.target < 0)
    return fail (why, "%.300s", target);
  return become_owner (&child, why);
}

static int
complain (const struct failure *why)
{
  fprintf (stderr, "mirror: %s%s%s\n", why->message, why->err == 0 ? "" : ": ", why->err == 0 ? "" : strerror (why->err));
  return 1;
}

int
run_mirror (const char *source, const char *target, char **flags)
{
  struct failure why = { 0 };
  struct pair *pairs;
  const char *user = "";
  size_t length;
  char *text, bytes[24];
  ssize_t count;

  for (; *flags != NULL; flags++)
    if (strcmp (*flags, "--keep-kinds") == 0)
      mirror.keep_kinds = true;
    else if (strncmp (*flags, "--user=", 7) == 0)
      user = *flags + 7;
    else if (!take_view_flag (*flags))
      return fprintf (stderr, "mirror: unknown flag\n"), 64;
  umask (0);
  /* The next engine does all of it again: two at a time would take each other's halves. */
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (!has_view () || open_folders (source, target, user, &why) != 0)
    return complain (&why);
  if ((text = read_all (&length)) == NULL || (count = parse_pairs (text, length, &pairs)) < 0)
    return fprintf (stderr, "mirror: the list of names is damaged\n"), 1;
  for (ssize_t i = count - 1; i >= 0; i--)
    clear_one (&pairs[i]);
  for (ssize_t i = 0; i < count; i++)
    bring_one (&pairs[i]);
  snprintf (bytes, sizeof bytes, "%llu", (unsigned long long) written_bytes);
  tell ('.', "", bytes);
  return fflush (stdout) == 0 ? 0 : 1;
}
