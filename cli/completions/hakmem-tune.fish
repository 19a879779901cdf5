# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion of hakmem-tune, made by: hakmem-tune --print-completion fish
set -g __hakmem_tune_verbs tune compare report check params workloads topology inspect symbolize
set -g __hakmem_tune_workload_names ws256 ws8192 ws65536 ws1048576 larson mstress producer-consumer pipeline short-threads idle-threads cache-scratch cache-thrash batch-fifo400 batch-lifo400 fragmentation phases realloc large key-value json after-peak degradation

# Whether no word stands on the line yet.
function __hakmem_tune_begins
    test (count (commandline -opc)) -eq 1
end

# Whether the verb is one of the arguments, and what comes is not a command of the user's.
function __hakmem_tune_is
    set -l words (commandline -opc)
    contains -- -- $words; and return 1
    set -l verb tune
    contains -- "$words[2]" $__hakmem_tune_verbs; and set verb $words[2]
    contains -- $verb $argv
end

function __hakmem_tune_in_command
    contains -- -- (commandline -opc)
end

function __hakmem_tune_command
    set -l words (commandline -opc) (commandline -ct)
    set -l end (contains -i -- -- $words)
    complete -C (string join ' ' -- $words[(math $end + 1)..-1])
end

# Behind the commas that are there.
function __hakmem_tune_workloads
    set -l before (commandline -ct | string replace -r '^--[a-z]*=' '' | string replace -r '[^,]*$' '')
    printf '%s\n' $before$__hakmem_tune_workload_names
end

complete -c hakmem-tune -f
complete -c hakmem-tune -n __hakmem_tune_in_command -a '(__hakmem_tune_command)'
complete -c hakmem-tune -n __hakmem_tune_begins -a tune -d 'search a better profile, prove it, save it (the default)'
complete -c hakmem-tune -n '__hakmem_tune_begins; and string length -q -- (commandline -ct)' -a '(__fish_complete_suffix .yaml)'
complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is tune' -a '(__fish_complete_suffix .yaml)'
complete -c hakmem-tune -n __hakmem_tune_begins -a compare -d 'which profile or allocator is faster or smaller, how sure is it?'
complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is compare' -a 'default throughput low-memory huge-pages guarded hardened-light hardened lib:glibc lib:jemalloc lib:mimalloc lib:tcmalloc (__fish_complete_suffix .yaml)'
complete -c hakmem-tune -n __hakmem_tune_begins -a report -d 'what a session found, from its journal; also as HTML'
complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is report' -a '(__fish_complete_suffix .journal)'
complete -c hakmem-tune -n __hakmem_tune_begins -a check -d 'are profiles good, and good for this machine?'
complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is check' -a 'default throughput low-memory huge-pages guarded hardened-light hardened (__fish_complete_suffix .yaml)'
complete -c hakmem-tune -n __hakmem_tune_begins -a params -d 'the parameters of a profile, or of another allocator'
complete -c hakmem-tune -n __hakmem_tune_begins -a workloads -d 'what can be measured'
complete -c hakmem-tune -n __hakmem_tune_begins -a topology -d 'caches, TLB, cores and memory of this machine'
complete -c hakmem-tune -n __hakmem_tune_begins -a inspect -d 'where the memory of a running process is: its heap, live'
complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is inspect' -x -a '(__fish_complete_pids)'
complete -c hakmem-tune -n __hakmem_tune_begins -a symbolize -d 'functions and lines for the call stacks of a report'
complete -c hakmem-tune -n 'not __hakmem_tune_begins; and __hakmem_tune_is symbolize' -a '(__fish_complete_suffix .log)'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l job -r -F -d 'what is run, and how, in a file; see JOB FILES in hakmem-tune(1)'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l workload -x -a '$__hakmem_tune_workload_names' -d 'a workload of hakmem-bench, see \'hakmem-tune workloads\'; with 2 threads NAME:2'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l workload -x -a '(__hakmem_tune_workloads)' -d 'workloads of hakmem-bench, with one comparison for each; instead of it: -- and a command'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l ops -x -d 'operations of each thread of the workload'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l threads -x -d 'threads of the workload'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l prepare -x -d 'before each run, of a command or a server, and not timed'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l cwd -r -F -d 'where a command or a server works'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l env -x -d 'for the environment of a command or a server and all beside it; may be repeated'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l stdin -r -F -d 'what a command, or a server\'s load, reads in each run'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l timeout -x -d 'for a run of a command or a load; what takes longer is killed, and has failed'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l ok-status -x -d 'exit statuses, besides 0, of a command or a load that are no failure'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l server -x -d 'what serves, in the foreground; instead of a workload or a command'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l load -x -d 'what gives the server a fixed piece of work, and ends'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l ready -x -d 'when the server may be given its load'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l warm-up -x -d 'once the server is ready, and not timed'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l idle -x -d 'how long the server runs after its load, before its memory is measured once more'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l stop -x -d 'what ends the server'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l start-timeout -x -d 'for the server to be ready'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l stop-timeout -x -d 'for the server to end after the signal'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l allocator -r -F -d 'what is tuned: hakmem, or the settings of glibc, jemalloc, mimalloc or tcmalloc; FILE.so, NAME=FILE.so; or all that are installed'
complete -c hakmem-tune -n '__hakmem_tune_is params' -l allocator -r -F -d 'whose settings: hakmem, glibc, jemalloc, mimalloc, tcmalloc, or a FILE.yaml that describes another'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l objective -x -a 'cost time cpu-time peak-memory mean-memory idle-memory latency-p50 latency-p99 latency-p99.9 latency-p99.99 minor-faults instructions cache-misses tlb-misses' -d 'what is to be best: a metric, one of your own included, or front'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l objective -x -a 'cost time cpu-time peak-memory mean-memory idle-memory latency-p50 latency-p99 latency-p99.9 latency-p99.99 minor-faults instructions cache-misses tlb-misses' -d 'the metric that the verdict is about'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l limit -x -d 'how much worse than the default the winner may be in a metric, or none for as much as it likes; may be repeated'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l max-rss-growth -x -d 'the same as --limit peak-memory=PERCENT'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l max-slowdown -x -d 'the same as --limit time=PERCENT'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l core-worth -x -d 'how much memory costs as much as one core, for the cost'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l metric -x -d 'a figure that the command or the load prints; may be repeated'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l better -x -a 'lower higher' -d 'which is better, of each --metric that does not say'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l require-gain -x -d 'exit with status 4 where less than this is proved to be won'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l fail-if-worse -x -d 'exit with status 4 where a contender is proven worse than the baseline by more than this, on any workload'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l library -r -F -d 'the libhakmem.so that runs under the profiles'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l budget -x -d 'time for everything, the proof included: 90s, 10m'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l budget -x -d 'time for each workload'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l trials -x -d 'candidates after which the search stops, instead of a budget'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l rounds -x -d 'races for each workload, instead of a budget'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l strategy -x -a 'local sobol random' -d 'a Sobol sequence with refinement around the best, or without it, or random numbers'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l seed -x -d 'of the random numbers of the workload and of the search'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l interleave -x -a 'slice run' -d 'turns of milliseconds, or whole runs: for all that wait for the world'
complete -c hakmem-tune -n '__hakmem_tune_is inspect' -l once -d 'one look, printed, in place of a table that renews itself'
complete -c hakmem-tune -n '__hakmem_tune_is inspect' -l interval -x -d 'from one look to the next'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l output -r -F -d 'the profile'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l output -r -F -d 'also into FILE, whose name ends in .txt, .json, .md or .csv; may be repeated'
complete -c hakmem-tune -n '__hakmem_tune_is report' -l output -s o -r -F -d 'where it is written'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l report -r -F -d 'also the whole report, with charts, as one HTML file that needs no network'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l journal -r -F -d 'every trial as a line of JSON, written when it ends'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l resume -d 'go on from the journal of an earlier session, with the same options'
complete -c hakmem-tune -n '__hakmem_tune_is tune' -l format -x -a 'text json markdown csv' -d 'of the result'
complete -c hakmem-tune -n '__hakmem_tune_is report' -l format -x -a 'text json markdown csv html' -d 'of the report'
complete -c hakmem-tune -n '__hakmem_tune_is workloads topology' -l format -x -a 'text json' -d 'of the output'
complete -c hakmem-tune -n '__hakmem_tune_is compare' -l format -x -a 'text json markdown csv' -d 'of the result'
complete -c hakmem-tune -n '__hakmem_tune_is inspect' -l format -x -a 'text json markdown csv' -d 'of the look'
complete -c hakmem-tune -n '__hakmem_tune_is inspect' -l map -r -F -d 'a picture of the heap into FILE, whose name ends in .svg or .html'
complete -c hakmem-tune -n '__hakmem_tune_is params' -l format -x -a 'text json markdown csv man' -d 'of the table'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l print-job -d 'nothing is run: the job file that the command line amounts to'
complete -c hakmem-tune -n '__hakmem_tune_is tune report' -l explain -d 'also which changed value brings how much'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare' -l quiet -d 'no progress on standard error'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare report check params workloads topology inspect symbolize' -l help -s h -d 'what the verb does and its options; without a verb a summary'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare report check params workloads topology inspect symbolize' -l version -s V -d 'the version'
complete -c hakmem-tune -n '__hakmem_tune_is tune compare report check params workloads topology inspect symbolize' -l print-completion -x -a 'bash zsh fish' -d 'a script by which the shell completes the words of a command line'
