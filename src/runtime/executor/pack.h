/* pack.h - `berth-executor pack PATH [FLAGS]`: a file or folder below a root as a tar stream on stdout. */
#ifndef BERTH_PACK_H
#define BERTH_PACK_H

int run_pack (const char *path, char **flags);

#endif
