/*
 * main.c - the forms in which berth-executor is called.
 *
 * See docs/executor.md for the protocol. Nothing is decided here.
 */
#include "sys.h"
#include "launcher.h"
#include "layer.h"
#include "listening.h"
#include "mirror.h"
#include "opened.h"
#include "over.h"
#include "pack.h"
#include "process.h"
#include "untar.h"
#include "user.h"
#include "view.h"
#include "watch.h"

#define PROTOCOL 1

static int
usage (void)
{
  fprintf (stderr, "usage: berth-executor launcher LOCKFILE | untar DIR [FLAGS] | pack PATH FLAGS | stat PATH FLAGS |\n"
                   "       mirror SOURCE TARGET FLAGS |\n"
                   "       layer DIR [FLAGS] | kind DIR PATH | over UPPER WORK [--bind=PATH]... LAYER... -- FORM |\n"
                   "       resolve-user PASSWD GROUP SPEC |\n"
                   "       watch-network TABLE BRIDGES PORTS | links PATH... | forget-flows PORT|ADDRESS... |\n"
                   "       listening PORT... | opened STATEDIR TARGET... | version\n");
  return 64;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    return usage ();
  remember_arguments (argc, argv);
  if (strcmp (argv[1], "launcher") == 0 && argc == 3)
    return run_launcher (argv[2], argv);
  if (strcmp (argv[1], "untar") == 0 && argc >= 3)
    return run_untar (argv[2], argv + 3);
  if (strcmp (argv[1], "pack") == 0 && argc >= 4)
    return run_pack (argv[2], argv + 3);
  if (strcmp (argv[1], "stat") == 0 && argc >= 4)
    return run_stat (argv[2], argv + 3);
  if (strcmp (argv[1], "mirror") == 0 && argc >= 5)
    return run_mirror (argv[2], argv[3], argv + 4);
  if (strcmp (argv[1], "layer") == 0 && argc >= 3)
    return run_layer (argv[2], argv + 3);
  if (strcmp (argv[1], "kind") == 0 && argc == 4)
    return run_kind (argv[2], argv[3]);
  if (strcmp (argv[1], "over") == 0 && argc >= 6)
    return run_over (argv + 2);
  if (strcmp (argv[1], "resolve-user") == 0 && argc == 5)
    return run_resolve_user (argv[2], argv[3], argv[4]);
  if (strcmp (argv[1], "watch-network") == 0 && argc == 5)
    return run_watch (argv + 2);
  if (strcmp (argv[1], "links") == 0)
    return run_links (argv + 2);
  if (strcmp (argv[1], "forget-flows") == 0)
    return run_forget_flows (argv + 2);
  if (strcmp (argv[1], "listening") == 0 && argc >= 3)
    return run_listening (argv + 2);
  if (strcmp (argv[1], "opened") == 0 && argc >= 4)
    return run_opened (argv[2], argv + 3);
  if (strcmp (argv[1], "version") == 0 && argc == 2)
    return printf ("%d\n", PROTOCOL) < 0;
  return usage ();
}
