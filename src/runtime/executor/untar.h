/* untar.h - `berth-executor untar DIR [FLAGS]`: unpacks the tar on stdin below DIR. */
#ifndef BERTH_UNTAR_H
#define BERTH_UNTAR_H

int run_untar (const char *dir, char **flags);

#endif
