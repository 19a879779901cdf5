/* SPDX-License-Identifier: MIT */
/* Doubly linked lists through links inside the members: one word for a list, whose first link's `previous` is the last.
 *
 * Plain functions on plain words; no locks: the owner of a list calls all of it. */
#ifndef HAK_SPACE_LIST_H
#define HAK_SPACE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_link {
    struct list_link *next;     /* NULL in the last */
    struct list_link *previous; /* in the first: the last */
};

struct list {
    struct list_link *first;
};

/* The member of TYPE whose FIELD is the link at POINTER. */
#define LIST_MEMBER(pointer, type, field) ((type *)((char *)(pointer)-offsetof(type, field)))

static inline struct list_link *list_last(const struct list *list)
{
    return list->first != NULL ? list->first->previous : NULL;
}

static inline void list_add_first(struct list *list, struct list_link *link)
{
    link->next = list->first;
    link->previous = list->first != NULL ? list->first->previous : link;
    if (list->first != NULL)
        list->first->previous = link;
    list->first = link;
}

static inline void list_add_last(struct list *list, struct list_link *link)
{
    struct list_link *last = list_last(list);
    if (last == NULL) {
        list_add_first(list, link);
        return;
    }
    link->next = NULL;
    link->previous = last;
    last->next = link;
    list->first->previous = link;
}

static inline void list_remove(struct list *list, struct list_link *link)
{
    if (link == list->first)
        list->first = link->next;
    else
        link->previous->next = link->next;
    if (link->next != NULL)
        link->next->previous = link->previous;
    else if (list->first != NULL)
        list->first->previous = link->previous;
}

#endif
