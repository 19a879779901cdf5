/* SPDX-License-Identifier: MIT */
/* The gate: closed to others while a thread forks, open to who is inside, and left by who is ended there. */
#include "lib/base/gate.h"

#include "tests/base/child.h"

#include <semaphore.h>
#include <setjmp.h>

static sem_t closed, may_open;

static void *close_and_open(void *nothing)
{
    gate_close();
    sem_post(&closed);
    sem_wait(&may_open);
    gate_open();
    return nothing;
}

static pthread_t close_gate(void)
{
    pthread_t thread;
    sem_init(&closed, 0, 0);
    sem_init(&may_open, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, close_and_open, NULL), 0);
    return thread;
}

static void a_closed_gate_refuses(void **state)
{
    (void)state;
    pthread_t thread = close_gate();
    sem_wait(&closed);
    assert_false(gate_enter());
    assert_false(gate_enter());
    assert_int_equal(gate_pass.depth, 0);
    sem_post(&may_open);
    gate_enter_at_last();
    assert_true(gate_enter());
    gate_leave();
    gate_leave();
    pthread_join(thread, NULL);
    assert_true(gate_enter());
    gate_leave();
    assert_int_equal(gate_pass.depth, 0);
}

static void it_is_closed_when_nobody_is_inside(void **state)
{
    (void)state;
    /* that thread makes this one be counted, as it would not be alone */
    pthread_t other = close_gate();
    sem_wait(&closed);
    sem_post(&may_open);
    gate_enter_at_last();
    pthread_t thread = close_gate();
    struct timespec while_inside = {.tv_nsec = 50000000};
    nanosleep(&while_inside, NULL);
    assert_int_equal(sem_trywait(&closed), -1);
    assert_true(gate_enter()); /* again: it is inside */
    gate_leave();
    gate_leave();
    sem_wait(&closed);
    sem_post(&may_open);
    pthread_join(thread, NULL);
    pthread_join(other, NULL);
}

static void blocks_are_left(void **state)
{
    (void)state;
    void *block[3][2];
    assert_false(gate_has_left_blocks());
    for (int i = 0; i < 3; i++)
        gate_leave_block(block[i]);
    assert_true(gate_has_left_blocks());
    void *left = gate_take_left_blocks();
    assert_false(gate_has_left_blocks());
    for (int i = 2; i >= 0; i--) {
        assert_ptr_equal(left, block[i]);
        left = gate_next_left_block(left);
    }
    assert_null(left);
}

static sigjmp_buf before;

static void jump_out(int number)
{
    (void)number;
    siglongjmp(before, 1);
}

static void be_ended_inside(void)
{
    signal(SIGABRT, jump_out);
    gate_enter_at_last(); /* counts also who is alone */
    if (sigsetjmp(before, 1) == 0)
        report_fatal("ended");
    CHILD_CHECK(gate_pass.depth == 0 && !gate_pass.counted);
    for (unsigned i = 0; i < GATE_STRIPES; i++)
        CHILD_CHECK(atomic_load(&gate_stripes[i].inside) == 0);
}

static void who_is_ended_inside_leaves(void **state)
{
    (void)state;
    assert_child_passes(be_ended_inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_closed_gate_refuses),
                                       cmocka_unit_test(it_is_closed_when_nobody_is_inside),
                                       cmocka_unit_test(blocks_are_left), cmocka_unit_test(who_is_ended_inside_leaves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
