# SPDX-License-Identifier: MIT
# The tables of bench/programs, from its samples: lines "JOB ALLOCATOR PEAK-BYTES USER-SECONDS SYSTEM-SECONDS".
# Variables: jobs and names (the rows and columns, in order; the first column is the baseline), runs, markdown (true or false), failures (a
# file of lines "JOB ALLOCATOR").

function median(job, name, what, n, i, j, value, sorted) {
    n = count[job, name]
    for (i = 1; i <= n; i++) {
        value = sample[job, name, what, i]
        for (j = i - 1; j >= 1 && sorted[j] > value; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = value
    }
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

# The ratio of a median to the baseline's; below 0: there is none.
function ratio(job, name, what) {
    if (!count[job, name] || !count[job, baseline] || (job, name) in failed) return -1
    return median(job, name, what) / median(job, baseline, what)
}

function absolute(job, what) {
    if (!count[job, baseline]) return "failed"
    return what == "memory" ? sprintf("%.1f MiB", median(job, baseline, what) / 1048576) : sprintf("%.2f s", median(job, baseline, what))
}

function cell(job, name, what, value) {
    value = ratio(job, name, what)
    return value < 0 ? ((job, name) in failed ? "failed" : "-") : sprintf("%.2f", value)
}

# Geometric mean or worst of a column.
function summary(name, what, kind, i, value, sum, n, worst) {
    for (i = 1; i <= job_count; i++) {
        value = ratio(job_name[i], name, what)
        if (value <= 0) continue
        sum += log(value)
        n++
        if (value > worst) worst = value
    }
    return n ? sprintf("%.2f", kind == "worst" ? worst : exp(sum / n)) : "-"
}

function text_row(label, first, what, kind, i, line) {
    line = sprintf("%-*s %*s", label_width, label, 10, first)
    for (i = 2; i <= name_count; i++)
        line = line sprintf("  %*s", width[i], kind == "head" ? column[i] : kind == "job" ? cell(label, column[i], what) : summary(column[i], what, kind))
    print line
}

function text_table(title, what, i) {
    print title
    text_row("", baseline, what, "head")
    for (i = 1; i <= job_count; i++) text_row(job_name[i], absolute(job_name[i], what), what, "job")
    text_row("geometric mean", "", what, "mean")
    text_row("worst", "", what, "worst")
}

function markdown_row(label, first, kind, i, line, memory, time) {
    line = "| " label " | " first " |"
    for (i = 2; i <= name_count; i++) {
        memory = kind == "job" ? cell(label, column[i], "memory") : summary(column[i], "memory", kind)
        time = kind == "job" ? cell(label, column[i], "time") : summary(column[i], "time", kind)
        line = line " " (memory == time && memory !~ /[0-9]/ ? memory : memory ", " time) " |"
    }
    print line
}

function markdown_table(i, line, rule) {
    line = "| memory, CPU time | " baseline " |"
    rule = "|---|---|"
    for (i = 2; i <= name_count; i++) {
        line = line " " column[i] " |"
        rule = rule "---|"
    }
    print line "\n" rule
    for (i = 1; i <= job_count; i++)
        markdown_row(job_name[i], absolute(job_name[i], "memory") ", " absolute(job_name[i], "time"), "job")
    markdown_row("geometric mean", "", "mean")
    markdown_row("worst", "", "worst")
}

BEGIN {
    name_count = split(names, column, " ")
    baseline = column[1]
    while ((getline line < failures) > 0) {
        split(line, field, " ")
        failed[field[1], field[2]] = 1
        seen[field[1]] = 1
    }
}

{
    n = ++count[$1, $2]
    sample[$1, $2, "memory", n] = $3
    sample[$1, $2, "time", n] = $4 + $5
    seen[$1] = 1
}

END {
    label_width = length("geometric mean")
    all = split(jobs, wanted, " ")
    for (i = 1; i <= all; i++) {
        if (!(wanted[i] in seen)) continue
        job_name[++job_count] = wanted[i]
        if (length(wanted[i]) > label_width) label_width = length(wanted[i])
    }
    for (i = 2; i <= name_count; i++) width[i] = length(column[i]) > 6 ? length(column[i]) : 6
    if (markdown == "true") {
        markdown_table()
    } else {
        text_table(sprintf("Peak resident memory, median of %d: %s's, and the others' to it", runs, baseline), "memory")
        print ""
        text_table(sprintf("Processor time, user and system, median of %d: %s's, and the others' to it", runs, baseline), "time")
    }
}
