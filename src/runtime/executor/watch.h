/* watch.h - what the network driver asks of the executor: events, ends of interfaces, forgotten flows. */
#ifndef BERTH_WATCH_H
#define BERTH_WATCH_H

/* watch.c: TABLE BRIDGES PORTS */
int run_watch (char **args);

/* links.c: PATH... */
int run_links (char **paths);

/* flows.c: PORT or ADDRESS... */
int run_forget_flows (char **which);

#endif
