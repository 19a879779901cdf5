# SPDX-License-Identifier: MIT
# For the jobs of git: git_repository COMMITS makes the bare repository history.git in the current directory.

# Every commit changes some lines of one of 100 files in 10 directories.
git_history() {
    LC_ALL=C awk -v commits="$1" 'BEGIN {
        state = 42
        for (commit = 1; commit <= commits; commit++) {
            file = commit % 100
            if (!lines[file]) lines[file] = 0
            for (change = 0; change < 8; change++) {
                state = (state * 16807) % 2147483647
                at = state % (lines[file] + 1)
                if (lines[file] < 120) at = lines[file]++
                text[file, at] = sprintf("line %d of %d: %x %x", at, file, state, commit)
            }
            body = ""
            for (line = 0; line < lines[file]; line++) body = body text[file, line] "\n"
            message = sprintf("Change number %d of file %d", commit, file)
            printf "commit refs/heads/main\ncommitter A U Thor <author@example.com> %d +0000\ndata %d\n%s\n",
                1700000000 + commit * 60, length(message), message
            printf "M 100644 inline folder%d/file%d.txt\ndata %d\n%s\n", file % 10, file, length(body), body
        }
    }'
}

git_repository() {
    git init -q --bare history.git && git -C history.git symbolic-ref HEAD refs/heads/main &&
        git_history "$1" | git -C history.git fast-import --quiet
}
