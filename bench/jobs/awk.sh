# SPDX-License-Identifier: MIT
what="gawk: associative arrays of 300,000 and 200,000 strings"
needs=gawk

prepare() {
    cat >work.awk <<'AWK'
BEGIN {
    for (i = 0; i < 300000; i++) count["key" (i * 7919) % 300007] = i " " i * i
    for (key in count) if (length(key) % 3 == 0) delete count[key]
    for (i = 0; i < 400000; i++) { word = sprintf("%x", (i * 2654435761) % 200003); text[word] = text[word] substr(word, 1, i % 4) }
    for (word in text) { total += length(text[word]); split(word text[word], part, "a"); total += part[1] }
    for (key in count) total += count[key] + 0
    print length(count), length(text), total
}
AWK
}

job() { measured gawk -f work.awk; }
