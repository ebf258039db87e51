/* layer.h - berth-executor layer and kind. */
#ifndef BERTH_LAYER_H
#define BERTH_LAYER_H

int run_layer (const char *dir, char **flags);
int run_kind (const char *dir, const char *path);

#endif
