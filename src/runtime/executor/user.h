/* user.h - `berth-executor resolve-user PASSWD GROUP SPEC`: the parser of op `user`, for tests. */
#ifndef BERTH_USER_H
#define BERTH_USER_H

int run_resolve_user (const char *passwd, const char *group, const char *spec);

#endif
