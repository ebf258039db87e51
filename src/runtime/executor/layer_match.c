/*
 * layer_match.c - patterns of COPY --from: each component matched below the root.
 *
 * A component without a pattern is opened through links as a container would
 * (RESOLVE_IN_ROOT); what the last one leads to is packed, not the link.
 */
#include "sys.h"
#include "layer_parts.h"
#include "path.h"

#include <fnmatch.h>

#define PATH_LIMIT 4096
#define MAX_MATCHES 100000

struct search { int number, *count; struct failure *why; };

static bool
has_pattern (const char *text)
{
  return strpbrk (text, "*?[\\") != NULL;
}

/* FOUND is a path below the root, without patterns. Through links: a link at its end stands for what it leads to. */
static int
layer_found (struct search *search, const char *found)
{
  char path[PATH_LIMIT + 32];
  cleanup_close int fd = open_in_root (layer.root, found, O_PATH);
  cleanup_close int content = -1;
  struct stat st;

  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? 0 : fail (search->why, "open %.200s", found);
  if (fstat (fd, &st) != 0)
    return fail (search->why, "look at %.200s", found);
  if (++*search->count > MAX_MATCHES)
    return refuse (search->why, 0, "more than %d matches", MAX_MATCHES);
  snprintf (path, sizeof path, "%d%s%s", search->number, *found == 0 ? "" : "/", found);
  if (!S_ISDIR (st.st_mode) && !S_ISREG (st.st_mode))
    return refuse (search->why, 0, "%.200s is neither a file nor a folder", found);
  content = open_in_root (layer.root, found, O_RDONLY | O_NONBLOCK);
  if (content < 0)
    return fail (search->why, "open %.200s", found);
  if (S_ISDIR (st.st_mode))
    return write_header (path, &st, '5', NULL, content, search->why) != 0 ? -1 : layer_folder (content, path, search->why);
  return write_header (path, &st, '0', NULL, content, search->why) != 0
             ? -1
             : write_content (content, (uint64_t) st.st_size, search->why);
}

static int search_in (struct search *search, const char *found, const char *rest);

/* Every name in the folder FOUND that COMPONENT matches. */
static int
search_names (struct search *search, const char *found, const char *component, const char *rest)
{
  cleanup_close int folder = open_in_root (layer.root, found, O_RDONLY | O_DIRECTORY);
  char below[PATH_LIMIT];
  char **names;
  int count, result = 0;

  if (folder < 0)
    return errno == ENOENT || errno == ENOTDIR ? 0 : fail (search->why, "open %.200s", found);
  count = read_names (folder, &names);
  for (int i = 0; i < count && result == 0; i++)
    {
      if (fnmatch (component, names[i], 0) != 0)
        continue;
      if (snprintf (below, sizeof below, "%s%s%s", found, *found == 0 ? "" : "/", names[i]) >= PATH_LIMIT)
        result = refuse (search->why, ENAMETOOLONG, "%.200s", found);
      else
        result = search_in (search, below, rest);
    }
  free_names (names, count);
  return result;
}

static int
search_in (struct search *search, const char *found, const char *rest)
{
  char component[256], below[PATH_LIMIT];
  size_t length;

  rest += strspn (rest, "/");
  length = strcspn (rest, "/");
  if (length == 0)
    return layer_found (search, found);
  if (length >= sizeof component)
    return refuse (search->why, ENAMETOOLONG, "%.200s", rest);
  snprintf (component, sizeof component, "%.*s", (int) length, rest);
  if (has_pattern (component))
    return search_names (search, found, component, rest + length);
  if (snprintf (below, sizeof below, "%s%s%s", found, *found == 0 ? "" : "/", component) >= PATH_LIMIT)
    return refuse (search->why, ENAMETOOLONG, "%.200s", found);
  return search_in (search, below, rest + length);
}

int
layer_matches (const char *pattern, int number, int *count, struct failure *why)
{
  struct search search = { .number = number, .count = count, .why = why };
  return search_in (&search, "", pattern);
}
