/* SPDX-License-Identifier: MIT */
/* What a session saves, under which name, and what of the files that are there it leaves alone. */
#include "config.h"

#include "cli/output/whole_file.h"
#include "cli/report/tuned_profile.h"
#include "cli/subject/hakmem.h"
#include "lib/profile/load.h"
#include "tests/tune/recorded.h"
#include "tests/tune/simulated_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void profile_is_saved(void **state)
{
    (void)state;
    char directory[] = "/tmp/hakmem-test.XXXXXX", path[128], old[sizeof path + 8], message[1024];
    struct session_settings settings = simulated_settings(1);
    struct session_outcome outcome;
    struct hak_profile saved;
    char kept[WHOLE_FILE_KEPT];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/p.yaml", directory);
    snprintf(old, sizeof old, "%s.~1~", path);
    simulation.speed = large_set_speed;
    session_run(&settings, &outcome);
    struct hak_profile winner = simulated_winner(&outcome);
    struct session_record *record = recorded(&settings, &outcome);
    char *text = tuned_profile_make(&settings, record, GOAL_RECOMMENDED);
    assert_true(whole_file_possible(path, message, sizeof message));
    assert_true(access(path, F_OK) != 0);
    assert_true(tuned_profile_write(path, text, kept, message, sizeof message));
    assert_string_equal(kept, "");
    assert_true(hak_profile_load_file(&saved, path, message, sizeof message));
    assert_string_equal(saved.name, "ws8192");
    assert_int_equal(saved.pages_huge, winner.pages_huge);
    assert_int_equal(saved.thread_cache_max_objects, winner.thread_cache_max_objects);
    assert_false(tuned_profile_stays(path, record, GOAL_RECOMMENDED));
    assert_true(tuned_profile_write(path, text, kept, message, sizeof message));
    assert_string_equal(kept, old);
    assert_true(tuned_profile_write(path, text, kept, message, sizeof message));
    assert_int_equal(kept[strlen(kept) - 2], '2'); /* no copy replaces another */
    assert_true(hak_profile_load_file(&saved, old, message, sizeof message));
    unlink(old);
    unlink(kept);
    free(text);
    record->outcome.proof.winner[GOAL_RECOMMENDED] = -1; /* nothing better: no reason to replace what was */
    assert_true(tuned_profile_stays(path, record, GOAL_RECOMMENDED));
    unlink(path);
    assert_false(tuned_profile_stays(path, record, GOAL_RECOMMENDED));
    text = tuned_profile_make(&settings, record, GOAL_RECOMMENDED);
    assert_true(tuned_profile_write(path, text, kept, message, sizeof message));
    assert_true(hak_profile_load_file(&saved, path, message, sizeof message));
    assert_int_equal(saved.pages_huge, HAK_HUGE_AUTO);
    free(text);
    recorded_free(record);
    unlink(path);
    assert_int_equal(rmdir(directory), 0); /* no temporary file is left */
    assert_false(whole_file_possible("/nonexistent/p.yaml", message, sizeof message));
    assert_false(whole_file_possible("/tmp", message, sizeof message));
}

static void write_text(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
}

/* A link stays one, and what it leads to keeps its permissions; what is no profile is not replaced. */
static void a_file_that_is_there_is_respected(void **state)
{
    (void)state;
    char directory[] = "/tmp/hakmem-test.XXXXXX", path[128], target[128], old[sizeof target + 8], message[1024];
    const struct subject subject = subject_hakmem("/lib/libhakmem.so");
    struct whole_file file;
    struct stat status;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/link.yaml", directory);
    snprintf(target, sizeof target, "%s/target.yaml", directory);
    snprintf(old, sizeof old, "%s.~1~", target);
    write_text(target, "profile_version: 1\n");
    chmod(target, 0640);
    assert_int_equal(symlink("target.yaml", path), 0);
    assert_true(tuned_profile_may_replace(path, &subject, message, sizeof message));
    assert_true(whole_file_open(&file, path, message, sizeof message));
    fputs("listen: 8080\n", file.stream);
    whole_file_keep_old(&file);
    assert_true(whole_file_close(&file, true, message, sizeof message));
    assert_string_equal(file.kept, old);
    assert_true(lstat(path, &status) == 0 && S_ISLNK(status.st_mode));
    assert_true(lstat(target, &status) == 0 && S_ISREG(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_true(tuned_profile_may_replace(old, &subject, message, sizeof message));
    assert_false(tuned_profile_may_replace(path, &subject, message, sizeof message));
    assert_non_null(strstr(message, "unknown key"));
    unlink(old);
    assert_int_equal(mkdir(old, 0700), 0); /* the name is taken */
    assert_true(whole_file_open(&file, path, message, sizeof message));
    fputs("listen: 8081\n", file.stream);
    whole_file_keep_old(&file);
    assert_true(whole_file_close(&file, true, message, sizeof message));
    assert_int_equal(file.kept[strlen(file.kept) - 2], '2');
    unlink(file.kept);
    unlink(target);
    assert_false(whole_file_possible(path, message, sizeof message)); /* the link leads nowhere */
    unlink(path);
    rmdir(old);
    assert_int_equal(rmdir(directory), 0);
}

static void output_is_named_for_the_work(void **state)
{
    (void)state;
    char name[64];
    static char *const spaced[] = {(char *)"/opt/my server", NULL};
    struct workload work = {.workload = "ws8192"};
    tuned_profile_name(&work, ".yaml", name, sizeof name);
    assert_string_equal(name, "ws8192.yaml");
    work = (struct workload){.command = simulated_command};
    tuned_profile_name(&work, ".yaml", name, sizeof name);
    assert_string_equal(name, "server.yaml");
    work.command = spaced;
    tuned_profile_name(&work, ".yaml", name, sizeof name);
    assert_string_equal(name, "my-server.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_is_saved),
        cmocka_unit_test(a_file_that_is_there_is_respected),
        cmocka_unit_test(output_is_named_for_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
