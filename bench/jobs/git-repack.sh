# SPDX-License-Identifier: MIT
what="git repack -a -d -f of 6,000 commits, two threads"
needs=git
. "$jobs/parts/git_repository.sh"

prepare() { git_repository 6000; }

# The packs differ from run to run, as the threads share the work; what is in them does not.
job() {
    cp -r history.git "$job_scratch/" && cd "$job_scratch/history.git" || return
    measured git -c pack.threads=2 repack -a -d -f -q && git rev-list --objects --all | git cat-file --batch-check='%(objectname)' --buffer | cksum
}
