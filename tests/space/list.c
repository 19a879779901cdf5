/* SPDX-License-Identifier: MIT */
/* Doubly linked lists against a naive model: an array in the list's order. */
#include "lib/space/list.h"

#include "tests/base/child.h"

#define MEMBERS 24

struct member {
    int before;
    struct list_link link;
    int after;
};

static struct member members[MEMBERS];
static struct member *order[MEMBERS];
static size_t count;

static bool is_listed(const struct member *member)
{
    for (size_t i = 0; i < count; i++)
        if (order[i] == member)
            return true;
    return false;
}

static void check(const struct list *list)
{
    struct list_link *link = list->first, *previous = NULL;
    for (size_t i = 0; i < count; i++, previous = link, link = link->next) {
        assert_ptr_equal(LIST_MEMBER(link, struct member, link), order[i]);
        if (previous != NULL)
            assert_ptr_equal(link->previous, previous);
    }
    assert_null(link);
    assert_ptr_equal(list_last(list), previous);
    if (list->first != NULL)
        assert_ptr_equal(list->first->previous, previous);
}

static void insert(size_t at, struct member *member)
{
    memmove(&order[at + 1], &order[at], (count - at) * sizeof order[0]);
    order[at] = member;
    count++;
}

static void remove_at(size_t at)
{
    count--;
    memmove(&order[at], &order[at + 1], (count - at) * sizeof order[0]);
}

static void step(struct list *list, uint32_t *seed)
{
    struct member *member = &members[random_next(seed) % MEMBERS];
    bool first = random_next(seed) % 2 == 0;
    if (is_listed(member)) {
        size_t at = 0;
        while (order[at] != member)
            at++;
        list_remove(list, &member->link);
        remove_at(at);
    } else if (first) {
        list_add_first(list, &member->link);
        insert(0, member);
    } else {
        list_add_last(list, &member->link);
        insert(count, member);
    }
}

static void as_the_model_says(void **state)
{
    (void)state;
    struct list list = {NULL};
    check(&list);
    for (uint32_t seed = 1, i = 0; i < 20000; i++) {
        step(&list, &seed);
        check(&list);
    }
    while (count != 0) { /* to the last one, from the middle */
        list_remove(&list, &order[count / 2]->link);
        remove_at(count / 2);
        check(&list);
    }
    assert_null(list.first);
}

/* What a link held before does not matter. */
static void links_need_no_start(void **state)
{
    (void)state;
    struct list list = {NULL};
    memset(members, 0xff, sizeof members);
    list_add_last(&list, &members[1].link);
    list_add_last(&list, &members[2].link);
    list_add_first(&list, &members[0].link);
    for (size_t i = 0; i < 3; i++)
        insert(i, &members[i]);
    check(&list);
    assert_int_equal(members[1].before, -1);
    assert_int_equal(members[1].after, -1);
}

/* A walk may remove the link that it stands at, if it has read the next one. */
static void a_walk_may_remove(void **state)
{
    (void)state;
    struct list list = {NULL};
    count = 0;
    for (size_t i = 0; i < MEMBERS; i++)
        list_add_last(&list, &members[i].link);
    for (struct list_link *link = list.first, *next; link != NULL; link = next) {
        next = link->next;
        list_remove(&list, link);
    }
    check(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_model_says), cmocka_unit_test(links_need_no_start),
                                       cmocka_unit_test(a_walk_may_remove)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
