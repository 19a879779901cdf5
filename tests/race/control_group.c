/* SPDX-License-Identifier: MIT */
/* Unit tests of cli/race/control_group: where a group may be made, in folders that look like the kernel's; what is done
 * to such folders; and real groups, where this process may make any. */
#include "config.h"

#include "cli/race/control_group.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MOUNT "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"

static char root[] = "/tmp/control_group_test.XXXXXX";

/* Writes TEXT to the file at PATH of the fake system, with the folders that lead to it. */
static void put(const char *path, const char *text)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(strrchr(root, '.'), ".XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A system with this process in /outer/inner. */
static void put_system(void)
{
    put("/proc/self/cgroup", "4:memory:/elsewhere\n0::/outer/inner\n");
    put("/proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" MOUNT);
    put("/sys/fs/cgroup/unified/outer/inner/cgroup.subtree_control", "\n");
}

static void assert_home(const char *expected)
{
    char home[PATH_MAX];
    bool found = control_group_home(root, home, sizeof home);
    assert_int_equal(found, expected != NULL);
    assert_string_equal(found ? home + strlen(root) : home, expected ? expected : "");
}

static void home_is_the_own_group(void **state)
{
    (void)state;
    assert_home(NULL);
    put_system();
    assert_home("/sys/fs/cgroup/unified/outer/inner");
    put("/proc/self/cgroup", "0::/\n");
    assert_home(NULL);
    put("/sys/fs/cgroup/unified/cgroup.subtree_control", "");
    assert_home("/sys/fs/cgroup/unified");
}

/* In a container, a mount may begin at the container's own group. */
static void a_mount_may_show_a_part(void **state)
{
    (void)state;
    put_system();
    put("/proc/self/mountinfo", "41 31 0:38 /outer /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    put("/sys/fs/cgroup/inner/cgroup.subtree_control", "");
    assert_home("/sys/fs/cgroup/inner");
    put("/proc/self/mountinfo", "41 31 0:38 /out /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    assert_home(NULL);
    put("/proc/self/mountinfo", "41 31 0:38 /outer /sys/fs/cgroup rw - cgroup cgroup rw,memory\n");
    assert_home(NULL);
}

static void groups_that_are_not_shown_are_no_home(void **state)
{
    (void)state;
    put_system();
    put("/proc/self/cgroup", "0::/../inner\n");
    assert_home(NULL);
    put("/proc/self/cgroup", "4:memory:/outer/inner\n");
    assert_home(NULL);
    put("/proc/self/cgroup", "0::/outer/inner (deleted)\n");
    assert_home(NULL);
}

static void other_terms_are_no_home(void **state)
{
    (void)state;
    put_system();
    put("/sys/fs/cgroup/unified/outer/inner/memory.max", "max\n");
    put("/sys/fs/cgroup/unified/outer/inner/cpu.max", "max 100000\n");
    assert_home("/sys/fs/cgroup/unified/outer/inner");
    put("/sys/fs/cgroup/unified/outer/inner/cpu.max", "150000 100000\n");
    assert_home(NULL);
    put("/sys/fs/cgroup/unified/outer/inner/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/unified/outer/inner/memory.max", "1073741824\n");
    assert_home(NULL);
    put("/sys/fs/cgroup/unified/outer/inner/memory.max", "max\n");
    put("/sys/fs/cgroup/unified/outer/inner/cgroup.subtree_control", "cpu memory\n");
    assert_home(NULL);
}

/* ---- folders that look like groups ---- */

/* Writes TEXT to NAME in GROUP's folder. */
static void put_in(const struct control_group *group, const char *name, const char *text)
{
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", group->path + strlen(root), name);
    put(path, text);
}

static void a_group_is_killed_by_its_file(void **state)
{
    (void)state;
    char path[2 * PATH_MAX], text[8] = "";
    struct control_group group;
    assert_true(control_group_make(&group, root));
    put_in(&group, "cgroup.kill", "0");
    control_group_kill(&group);
    snprintf(path, sizeof path, "%s/cgroup.kill", group.path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "1");
    unlink(path);
    control_group_remove(&group);
    assert_int_equal(group.directory, -1);
    assert_int_equal(access(group.path, F_OK), -1);
}

/* As kernels before 5.14 need it. The list stays as it is here, so this takes its time. */
static void a_group_is_killed_by_its_list(void **state)
{
    (void)state;
    struct control_group group;
    char text[32];
    int status;
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    assert_true(control_group_make(&group, root));
    snprintf(text, sizeof text, "%d\n0\n", (int)child);
    put_in(&group, "cgroup.procs", text);
    control_group_kill(&group);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    put_in(&group, "cgroup.procs", "");
    close(group.directory);
}

static void what_nobody_holds_is_stale(void **state)
{
    (void)state;
    struct control_group held, left;
    assert_true(control_group_make(&held, root));
    assert_true(control_group_make(&left, root));
    close(left.directory);
    control_group_remove_stale(root);
    assert_int_equal(access(held.path, F_OK), 0);
    assert_int_equal(access(left.path, F_OK), -1);
    control_group_remove(&held);
    assert_int_equal(access(held.path, F_OK), -1);
}

static void without_a_home_nothing_happens(void **state)
{
    (void)state;
    struct control_group group;
    assert_false(control_group_make(&group, ""));
    assert_false(control_group_make(&group, "/nowhere/at/all"));
    control_group_kill(&group);
    control_group_remove(&group);
    control_group_remove_stale("");
    assert_int_equal(control_group_fork(&group), -1);
}

/* ---- real ones ---- */

/* In a session of its own, without parents, deaf, and with a child. COUNT: how many live, in shared memory. */
static _Noreturn void hide(_Atomic int *count)
{
    sigset_t all;
    setsid();
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    if (fork() != 0)
        _exit(0);
    fork();
    ++*count;
    for (;;)
        pause();
}

static void nobody_escapes_from_a_real_group(void **state)
{
    (void)state;
    char home[PATH_MAX];
    struct control_group group;
    _Atomic int *count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(count, MAP_FAILED);
    if (!control_group_home("", home, sizeof home) || !control_group_make(&group, home)) {
        print_message("no control group can be made here\n");
        skip();
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1ul);
    pid_t child = control_group_fork(&group);
    if (child == 0)
        hide(count);
    if (child < 0) {
        int error = errno;
        control_group_remove(&group);
        print_message("a real group takes no child: %s\n", strerror(error));
        skip();
    }
    while (*count < 2)
        usleep(1000);
    assert_int_equal(access(group.path, F_OK), 0);
    control_group_kill(&group);
    control_group_remove(&group);
    assert_int_equal(access(group.path, F_OK), -1);
    for (int i = 0; i < 3; i++)
        assert_true(waitpid(-1, NULL, 0) > 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    munmap((void *)count, sizeof *count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(home_is_the_own_group, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_mount_may_show_a_part, make_root, remove_root),
        cmocka_unit_test_setup_teardown(groups_that_are_not_shown_are_no_home, make_root, remove_root),
        cmocka_unit_test_setup_teardown(other_terms_are_no_home, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_group_is_killed_by_its_file, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_group_is_killed_by_its_list, make_root, remove_root),
        cmocka_unit_test_setup_teardown(what_nobody_holds_is_stale, make_root, remove_root),
        cmocka_unit_test(without_a_home_nothing_happens),
        cmocka_unit_test(nobody_escapes_from_a_real_group),
    };
    return cmocka_run_group_tests_name("control_group", tests, NULL, NULL);
}
