/*
 * program.c - reads the flat list NAME NUL COUNT NUL ARG NUL ...
 *
 * Everything that can be refused without touching the kernel is refused here,
 * in the monitor, before the first side effect.
 */
#include "sys.h"
#include "number.h"
#include "program.h"

/* Returns the NUL-terminated text at *AT and steps over it, or NULL at the end. */
static char *
take_text (char **at, char *end)
{
  char *text = *at, *nul = memchr (text, 0, end - text);
  if (nul == NULL)
    return NULL;
  *at = nul + 1;
  return text;
}

static const struct op_kind *
find_kind (const char *name)
{
  for (const struct op_kind *kind = op_kinds; kind->name != NULL; kind++)
    if (strcmp (kind->name, name) == 0)
      return kind;
  return NULL;
}

static int
parse_op (char **at, char *end, struct op *op, char **args, struct failure *why)
{
  char *name = take_text (at, end), *count_text = take_text (at, end);
  uint64_t count;

  if (name == NULL || count_text == NULL || !parse_decimal (count_text, 1 << 20, &count))
    return refuse (why, EINVAL, "program cut short or without a count");
  op->kind = find_kind (name);
  if (op->kind == NULL)
    return refuse (why, EINVAL, "unknown op %.64s", name);
  if ((int) count < op->kind->min_args || (op->kind->max_args >= 0 && (int) count > op->kind->max_args))
    return refuse (why, EINVAL, "op %s with %d arguments", name, (int) count);
  op->argc = (int) count;
  op->args = args;
  op->fd = -1;
  for (int i = 0; i < op->argc; i++)
    if ((args[i] = take_text (at, end)) == NULL)
      return refuse (why, EINVAL, "op %s cut short", name);
  args[op->argc] = NULL;
  return 0;
}

static bool
is_tag (const char *text)
{
  size_t length = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
  return length >= 1 && length <= 64 && text[length] == 0;
}

static int
note_namespaces (struct program *program, const struct op *op, struct failure *why)
{
  uint64_t *into = op->kind->id == OP_NAMESPACES ? &program->new_namespaces : &program->joined_namespaces;
  const char *list = op->kind->id == OP_NAMESPACES ? op->args[0] : op->kind->id == OP_JOIN ? op->args[0] : op->args[2];
  uint64_t flags;

  if (!parse_namespaces (list, &flags))
    return refuse (why, EINVAL, "namespaces %s", list);
  *into |= flags;
  return 0;
}

/* Whether the op acts on what this program has of its own; the host's is never changed. */
static int
check_isolated (const struct program *program, const struct op *op, struct failure *why)
{
  uint64_t own = program->new_namespaces, any = own | program->joined_namespaces;

  if (op->kind->needs_mounts && (own & CLONE_NEWNS) == 0)
    return refuse (why, EPERM, "op %s without a new mount namespace", op->kind->name);
  if ((op->kind->id == OP_HOSTNAME || op->kind->id == OP_DOMAINNAME) && (own & CLONE_NEWUTS) == 0)
    return refuse (why, EPERM, "op %s without a new uts namespace", op->kind->name);
  if (op->kind->id >= OP_NET_UP && op->kind->id <= OP_NET_ROUTE && (any & CLONE_NEWNET) == 0)
    return refuse (why, EPERM, "op %s without an own network namespace", op->kind->name);
  return 0;
}

static int
check_op (struct program *program, const struct op *op, bool *in_child, struct failure *why)
{
  enum op_id id = op->kind->id;

  if ((op->number == 0) != (id == OP_TAG))
    return refuse (why, EINVAL, "the first op, and only it, must be tag");
  if (id == OP_TAG && !is_tag (op->args[0]))
    return refuse (why, EINVAL, "tag has other than 1 to 64 of A-Z a-z 0-9 _ -");
  if (id == OP_TAG)
    program->tag = op->args[0];
  if (!op->kind->in_child && *in_child)
    return refuse (why, EINVAL, "op %s after the first op of the child phase", op->kind->name);
  *in_child = op->kind->in_child;
  if (id == OP_NAMESPACES || id == OP_JOIN || id == OP_JOIN_PID)
    return note_namespaces (program, op, why);
  return check_isolated (program, op, why);
}

static int
check_end (const struct program *program, struct failure *why)
{
  const struct op *exec = find_op (program, OP_EXEC, NULL);
  bool batch = find_op (program, OP_BATCH, NULL) != NULL;

  if (program->count == 0)
    return refuse (why, EINVAL, "program is empty");
  if (batch == (exec != NULL))
    return refuse (why, EINVAL, "a program ends with exec, or has batch");
  if (exec != NULL && exec->number != program->count - 1)
    return refuse (why, EINVAL, "exec is not the last op");
  return 0;
}

int
parse_program (char *buffer, size_t length, struct program *program, struct failure *why)
{
  size_t texts = 0;
  char *at = buffer, *end = buffer + length, **args;
  bool in_child = false;

  *program = (struct program){ .tag = "-" };
  for (size_t i = 0; i < length; i++)
    texts += buffer[i] == 0;
  /* An op has two texts at least, and its NULL after the args takes the place of its name. */
  program->ops = calloc (texts / 2 + 1, sizeof *program->ops);
  args = calloc (texts + 1, sizeof *args);
  if (program->ops == NULL || args == NULL)
    return fail (why, "memory for the program");
  while (at < end)
    {
      struct op *op = &program->ops[program->count];
      why->op = op->number = program->count;
      if (parse_op (&at, end, op, args, why) != 0)
        return -1;
      program->count++;
      args += op->argc + 1;
      if (check_op (program, op, &in_child, why) != 0)
        return -1;
    }
  return check_end (program, why);
}

struct op *
find_op (const struct program *program, enum op_id id, const struct op *after)
{
  for (int i = after == NULL ? 0 : after->number + 1; i < program->count; i++)
    if (program->ops[i].kind->id == id)
      return &program->ops[i];
  return NULL;
}
