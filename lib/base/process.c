/* SPDX-License-Identifier: MIT */
#include "lib/base/process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* All below: written before a second thread is there, in the child of a fork as well. */
static char name[64];
static bool notes_forks;
static uint64_t forked_from;

static const char *name_now(void)
{
    return program_invocation_short_name != NULL ? program_invocation_short_name : "";
}

void process_start(void)
{
    struct writer writer = writer_start(name, sizeof name);
    writer_add(&writer, name_now());
    writer_show_controls(name, writer_kept(&writer), '_'); /* as in names of files */
    notes_forks = true;
}

void process_note_fork(void)
{
    if (notes_forks)
        forked_from = (uint64_t)getppid();
}

const char *process_name(void)
{
    return name[0] != '\0' ? name : name_now();
}

uint64_t process_forked_from(void)
{
    return forked_from;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

struct date {
    unsigned year, month, day;
};

/* So many days after 1970-01-01. (gmtime takes a lock.) */
static struct date date_of(uint64_t days)
{
    struct date date = {.year = 1970, .month = 1};
    for (unsigned length; days >= (length = is_leap(date.year) ? 366 : 365); date.year++)
        days -= length;
    for (unsigned length; days >= (length = days_of_month(date.year, date.month)); date.month++)
        days -= length;
    date.day = (unsigned)days + 1;
    return date;
}

/* FIRST, SECOND and THIRD with BETWEEN in between, each of two digits at least. */
static void add_three(struct writer *writer, uint64_t first, uint64_t second, uint64_t third, const char *between)
{
    writer_add_digits(writer, first, 2);
    writer_add(writer, between);
    writer_add_digits(writer, second, 2);
    writer_add(writer, between);
    writer_add_digits(writer, third, 2);
}

void process_add_time(struct writer *writer, uint64_t seconds, bool compact)
{
    struct date date = date_of(seconds / 86400);
    uint64_t of_day = seconds % 86400;
    add_three(writer, date.year, date.month, date.day, compact ? "" : "-");
    writer_add(writer, "T");
    add_three(writer, of_day / 3600, of_day / 60 % 60, of_day % 60, compact ? "" : ":");
    writer_add(writer, "Z");
}
