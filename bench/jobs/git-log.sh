# SPDX-License-Identifier: MIT
what="git log -p --stat of 8,000 commits"
needs=git
. "$jobs/parts/git_repository.sh"

prepare() { git_repository 8000; }

job() { measured git -C history.git log -p --stat >"$job_scratch/log" && cksum <"$job_scratch/log"; }
