/*
 * accounts.h - /etc/passwd and /etc/group of an image, as text.
 *
 * The image may hold anything there: lines are bounded by the text, numbers by
 * parse_decimal, and nothing is allocated.
 */
#ifndef BERTH_ACCOUNTS_H
#define BERTH_ACCOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

#define ACCOUNTS_MAX (1024 * 1024)

struct account
{
  uid_t uid;
  gid_t gid;
  char name[256], home[4096];
};

/* The account of NAME, or (NAME NULL) of UID. */
bool find_account (const char *passwd, const char *name, uid_t uid, struct account *account);

bool find_group (const char *group, const char *name, gid_t *gid);

/* Adds the groups that list MEMBER; COUNT is moved on, at most to MAX. */
void add_member_groups (const char *group, const char *member, gid_t *groups, int *count, int max);

#endif
