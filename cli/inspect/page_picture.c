/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See page_picture.h. */
#include "config.h"

#include "cli/inspect/page_picture.h"

#include <string.h>

double page_fullness(const struct snapshot_run *run)
{
    if (run->use != PAGES_SLAB)
        return run->use == PAGES_LARGE || run->use == PAGES_MOVING ? 1 : 0;
    return run->blocks ? 1 - (double)run->free / run->blocks : 0;
}

/* What a character stands for. */
struct part {
    double used; /* pages, by how full they are */
    uint32_t pages[PAGE_USES];
};

static const char *character_of(const struct part *part, double all, bool utf8)
{
    static const char *const dark[] = {"░", "▒", "▓", "█"}, *const ascii[] = {":", "+", "*", "#"};
    uint32_t used = part->pages[PAGES_SLAB] + part->pages[PAGES_LARGE] + part->pages[PAGES_MOVING];
    if (used != 0) {
        double fullness = part->used / all;
        size_t level = fullness >= 0.95 ? 3 : fullness >= 0.6 ? 2 : fullness >= 0.3 ? 1 : 0;
        return utf8 ? dark[level] : ascii[level];
    }
    if (part->pages[PAGES_RETAINED] != 0)
        return "-";
    if (part->pages[PAGES_LAZY] != 0)
        return "~";
    return part->pages[PAGES_RELEASED] != 0 ? "." : " ";
}

/* Adds the pages of RUN from FIRST to END - 1. */
static void add(struct part *part, const struct snapshot_run *run, size_t first, size_t end)
{
    size_t low = run->first > first ? run->first : first;
    size_t high = run->first + run->pages < end ? run->first + run->pages : end;
    if (low >= high)
        return;
    part->pages[run->use] += (uint32_t)(high - low);
    part->used += page_fullness(run) * (double)(high - low);
}

const char *page_picture(const struct snapshot *snapshot, size_t index, bool utf8, char *text, size_t size)
{
    const struct snapshot_superslab *superslab = &snapshot->superslabs[index];
    size_t characters = superslab->pages < PAGE_PICTURE_MOST ? superslab->pages : PAGE_PICTURE_MOST, length = 0,
           run = 0;
    text[0] = '\0';
    for (size_t i = 0; i < characters; i++) {
        size_t first = i * superslab->pages / characters, end = (i + 1) * superslab->pages / characters;
        struct part part = {0};
        while (run < superslab->runs) {
            const struct snapshot_run *at = &snapshot->runs[superslab->first_run + run];
            add(&part, at, first, end);
            if (at->first + at->pages > end)
                break;
            run++;
        }
        const char *character = character_of(&part, (double)(end - first), utf8);
        if (length + strlen(character) + 1 > size)
            break;
        length = (size_t)(stpcpy(text + length, character) - text);
    }
    return text;
}
