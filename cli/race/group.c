/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See group.h. */
#include "config.h"

#include "cli/race/group.h"

#include "cli/race/reaper.h"

#include <errno.h>

void group_init(struct group *group)
{
    for (int part = 0; part < GROUP_PARTS; part++)
        group->members[part] = (struct group_member){
            .child = {.pid = -1, .pid_fd = -1, .exec_error_fd = -1, .stderr_fd = -1},
            .tree = {.root = -1},
            .control_group = {.directory = -1},
        };
}

bool group_has(const struct group *group, enum group_part part)
{
    return group->members[part].tree.root > 0;
}

bool group_runs(const struct group *group, enum group_part part)
{
    return group_has(group, part) && !group->members[part].child.exited;
}

/* Where control groups can be made; what killed processes left there is removed once. */
static const char *control_group_home_of_this(void)
{
    static char home[PATH_MAX];
    static bool known;
    if (!known && control_group_home("", home, sizeof home))
        control_group_remove_stale(home);
    known = true;
    return home;
}

static void make_control_group(struct group_member *member)
{
    if (control_group_make(&member->control_group, control_group_home_of_this()))
        reaper_watch_control_group(member->control_group.path);
}

static void remove_control_group(struct group_member *member)
{
    if (member->control_group.directory < 0)
        return;
    control_group_remove(&member->control_group);
    reaper_forget_directory(member->control_group.path);
}

int group_start(struct group *group, enum group_part part, const struct child_settings *settings,
                struct process_family *family)
{
    struct group_member *member = &group->members[part];
    child_release(&member->child);
    make_control_group(member);
    if (child_start(&member->child, settings, &member->control_group) != 0) {
        int error = errno;
        remove_control_group(member);
        errno = error;
        return -1;
    }
    reaper_watch(member->child.pid);
    return process_tree_init(&member->tree, family, member->child.pid);
}

int group_refresh(struct group *group)
{
    int added = 0;
    for (int part = 0; part < GROUP_PARTS && added >= 0; part++) {
        if (!group_has(group, part))
            continue;
        int more = process_tree_refresh(&group->members[part].tree);
        reaper_watch_tree(&group->members[part].tree);
        added = more < 0 ? -1 : added + more;
    }
    return added;
}

uint64_t group_resident(const struct group *group)
{
    uint64_t sum = 0;
    for (int part = 0; part < GROUP_PARTS; part++)
        if (group_has(group, part))
            sum += process_tree_resident(&group->members[part].tree);
    return sum;
}

void group_kill_controlled(struct group *group, int part)
{
    for (int i = 0; i < GROUP_PARTS; i++)
        if (part == GROUP_PARTS || part == i)
            control_group_kill(&group->members[i].control_group);
}

void group_forget(struct group *group, enum group_part part)
{
    struct group_member *member = &group->members[part];
    reaper_forget(member->child.pid);
    remove_control_group(member);
    process_tree_release(&member->tree);
}

void group_release(struct group *group)
{
    for (int part = 0; part < GROUP_PARTS; part++)
        child_release(&group->members[part].child);
}
