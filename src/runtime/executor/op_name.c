/* op_name.c - hostname NAME, domainname NAME: the new uts namespace's. */
#include "sys.h"
#include "child.h"

int
set_hostname (struct child *c, struct op *op, struct failure *why)
{
  (void) c;
  return sethostname (op->args[0], strlen (op->args[0])) != 0 ? fail (why, "hostname %s", op->args[0]) : 0;
}

int
set_domainname (struct child *c, struct op *op, struct failure *why)
{
  (void) c;
  return setdomainname (op->args[0], strlen (op->args[0])) != 0 ? fail (why, "domainname %s", op->args[0]) : 0;
}
