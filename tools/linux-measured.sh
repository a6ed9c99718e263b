#!/bin/sh
# What a recording of the Linux scheduler measured, as the CSV that `measured:` of an experiment
# reads: one row for each repetition and task name.
#
#     tools/linux-measured.sh [-w NAME] TASK,TASK... RECORDING...
#
# RECORDING is the text of `perf sched script`, gzip or not; the first is repetition 1. TASK is the
# name of a task; all that have it are one group. With -w only what happens while a task NAME lives
# counts: from its first event to its last.
#
# runtime_ms is the sum of sched_stat_runtime. switches, mean_wait_ms and max_wait_ms are of the
# waits that begin at a switch-out in state R, which is what `perf sched latency` counts (it adds
# the very first switch-in, and rounds its mean by that). wakeups, mean_wakeup_ms and max_wakeup_ms
# are of the waits that begin at sched_waking of a task that slept, to its switch-in.
#
# Virtual machines have been seen that trace nothing while their second CPU is idle. Who charges
# itself on a CPU that is said to run another was switched in when that charge begins; if it was
# not seen to be woken, its wait counts as none.
set -eu
window=
if [ "${1-}" = -w ]; then
    window=$2
    shift 2
fi
[ $# -ge 2 ] || { sed -n '2,19s/^# \{0,1\}//p' "$0" >&2; exit 2; }
tasks=$1
shift
echo repetition,task,runtime_ms,switches,mean_wait_ms,max_wait_ms,wakeups,mean_wakeup_ms,max_wakeup_ms
table=$(mktemp) || exit 1
trap 'rm -f "$table"' EXIT
repetition=0
for recording; do
    repetition=$((repetition + 1))
    for pass in ${window:+window} rows; do
        case $recording in *.gz) zcat "$recording" ;; *) cat "$recording" ;; esac | awk \
            -v tasks="$tasks" -v repetition=$repetition -v window="$window" -v pass="$pass" \
            -v bounds="${bounds-}" '
        # The value of `key=`, which ends where ` next=` or ` ==>` begins, for names have blanks.
        function field(key, next_key,    at, rest) {
            at = index($0, " " key "=")
            if (!at) return ""
            rest = substr($0, at + length(key) + 2)
            at = next_key == "" ? 0 : index(rest, " " next_key)
            if (at) return substr(rest, 1, at - 1)
            sub(/ .*/, "", rest)
            return rest
        }
        function begin_wait(pid, kind) { waits[pid] = kind; since[pid] = now }
        function end_wait(pid, name, at,    d) {
            d = at > since[pid] ? at - since[pid] : 0
            if (inside && waits[pid] == "R") {
                count[name]++; sum[name] += d
                if (d > most[name]) most[name] = d
            } else if (inside && waits[pid] == "W") {
                wakes[name]++; wake_sum[name] += d
                if (d > wake_most[name]) wake_most[name] = d
            }
            waits[pid] = "running"
        }
        # Of a task in whose own context the event is.
        function is_switch_unseen(pid) { return pid == own && curr[cpu] != "" && curr[cpu] != pid }
        BEGIN { split(bounds, bound, " ") }
        {
            # Seconds and microseconds apart: a double holds both, but not their text.
            at = match($0, /[0-9]+\.[0-9]+: +sched:/)
            if (!at) next
            split(substr($0, at), stamp, /[.:]/)
            now = stamp[1] * 1e6 + stamp[2]
            match($0, /[0-9]+ +\[[0-9]+\] /)
            split(substr($0, RSTART, RLENGTH), where, /[][ ]+/)
            own = where[1]
            cpu = where[2]
            inside = window == "" || (now >= bound[1] && now <= bound[2])
        }
        pass == "window" {
            if (field("comm", "pid=") == window || field("prev_comm", "prev_pid=") == window) {
                if (!first) first = now
                last = now
            }
            next
        }
        / sched:sched_stat_runtime: / {
            name = field("comm", "pid=")
            pid = field("pid")
            if (inside) run[name] += field("runtime")
            if (is_switch_unseen(pid)) {
                if (waits[pid] == "") begin_wait(pid, "W")
                end_wait(pid, name, now - field("runtime") / 1e3)
                curr[cpu] = pid
            }
        }
        / sched:sched_waking: / {
            pid = field("pid")
            if (waits[pid] == "") begin_wait(pid, "W")
        }
        / sched:sched_wakeup_new: / { begin_wait(field("pid"), "N") }
        / sched:sched_switch: / {
            pid = field("prev_pid")
            if (field("prev_state") ~ /^R/) begin_wait(pid, "R")
            else waits[pid] = ""
            curr[cpu] = field("next_pid")
            end_wait(curr[cpu], field("next_comm", "next_pid="), now)
        }
        END {
            if (pass == "window") { printf "%.0f %.0f\n", first, last; exit }
            split(tasks, names, ",")
            for (i = 1; i in names; i++) {
                n = names[i]
                printf "%d,%s,%.3f,%d,%.3f,%.3f,%d,%.3f,%.3f\n", repetition, n, run[n] / 1e6,
                    count[n], count[n] ? sum[n] / count[n] / 1e3 : 0, most[n] / 1e3, wakes[n],
                    wakes[n] ? wake_sum[n] / wakes[n] / 1e3 : 0, wake_most[n] / 1e3
            }
        }' >"$table"
        if [ "$pass" = window ]; then bounds=$(cat "$table"); else cat "$table"; fi
    done
done
