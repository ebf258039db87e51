/* over.h - berth-executor over. */
#ifndef BERTH_OVER_H
#define BERTH_OVER_H

int run_over (char **args);

#endif
