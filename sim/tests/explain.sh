#!/bin/sh
# aurora explain and aurora diff from end to end. Who runs when is asked of the exported CSV with
# sqlite3, which knows nothing of explanations.
# shellcheck source=sim/tests/claims.sh
. "$(dirname "$0")/claims.sh"

command -v sqlite3 >/dev/null || { echo "skip: sqlite3 is missing"; exit 77; }

# refuses SENTENCE PATTERN WORD...: exit status 2, nothing on stdout, one line on stderr with the
# pattern in it.
refuses() {
    sentence=$1 pattern=$2
    shift 2
    try "$@"
    [ $status -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^aurora: " err &&
        grep -q -- "$pattern" err
    claim "$sentence" $?
}

# answer SQL: what SQLite makes of it with out.json as j.
answer() {
    sqlite3 -batch :memory: "WITH j(t) AS (SELECT CAST(readfile('out') AS TEXT)) $1"
}

cat >mix.json <<'END'
{"tasks": {
  "hog": {"instance": 3, "loop": -1, "run": {"exponential": 9000},
    "sleep": {"exponential": 500}},
  "player": {"loop": -1, "run": 1000, "timer": {"ref": "tick", "period": 10000}},
  "urgent": {"policy": "SCHED_FIFO", "priority": 5, "loop": -1, "run": 300, "sleep": 7000}},
 "global": {"duration": 1}}
END
cat >mix.yaml <<'END'
name: mix
workload: mix.json
sweep:
  scheduler: [fifo, rr, mlfq, eevdf]
END
"$aurora" run mix.yaml --db traced.db --jobs 1 --trace --snapshot-every 150 >out 2>err &&
    "$aurora" run mix.yaml --db plain.db --jobs 1 >out 2>err
claim "the runs of this test are made" $?

# --- explain --------------------------------------------------------------------------------------

good=0 asked=0
for run in 1 2 3 4; do
    "$aurora" export $run --db traced.db --format csv -o stays.csv || good=1
    rm -f stays.db
    sqlite3 -batch stays.db '.import --csv stays.csv stay' || good=1
    for at in 0 1 1500000 99999999 250000000 333333333 500000001 777777777 1000000000; do
        try explain $run --at ${at}ns --db traced.db --json
        [ $status -eq 0 ] || good=1
        for cpu in 0 1; do
            picked=$(answer "SELECT ifnull(json_extract(value, '\$.picked'), '') FROM j,
                json_each(t, '\$.cpus') WHERE json_extract(value, '\$.cpu') = $cpu")
            # At an instant at which one leaves, the next has come.
            ran=$(sqlite3 -batch stays.db "SELECT name FROM stay WHERE cpu + 0 = $cpu
                AND start_ns + 0 <= $at AND (end_ns + 0 > $at OR end_ns + 0 = 1000000000)
                ORDER BY start_ns + 0 DESC LIMIT 1")
            [ "$picked" = "$ran" ] ||
                { good=1 && echo "     run $run, CPU $cpu at $at: \"$picked\", but \"$ran\" ran"; }
            asked=$((asked + 1))
        done
    done
done
[ $asked -eq 72 ] && [ $good -eq 0 ]
claim "who is said to be picked is who runs, by the exported stays" $?

good=0
for run in 1 2 3 4; do
    for at in 0s 3ms 0.25s 999999us 1s; do
        "$aurora" explain $run --at $at --db traced.db >stored 2>err &&
            "$aurora" explain $run --at $at --db plain.db >again 2>err &&
            cmp -s stored again && [ -s stored ] || good=1
    done
done
claim "a run without a trace gives the same explanations as one with it" $good

cp traced.db first.db && sqlite3 first.db 'DROP TABLE snapshot; PRAGMA user_version = 1'
"$aurora" explain 4 --at 0.75s --db traced.db >stored 2>err &&
    "$aurora" explain 4 --at 0.75s --db first.db >again 2>err && cmp -s stored again
claim "a trace of the time before snapshots gives the same explanations" $?

try explain 4 --at 500ms --db traced.db
[ $status -eq 0 ] && grep -q '^CPU 0 ' out && grep -q '^CPU 1 ' out && grep -q 'was picked' out &&
    [ "$(awk '{ if (length > longest) longest = length } END { print longest }' out)" -le 100 ]
claim "an explanation of every CPU fits into 100 columns" $?
good=1
for at in $(sqlite3 -batch stays.db "SELECT start_ns FROM stay WHERE name = 'urgent' LIMIT 20"); do
    try explain 4 --at "${at}ns" --db traced.db
    [ "$(awk 'length > 100' out | wc -l)" -eq 0 ] || { good=1 && break; }
    grep -q '^prio ' out && grep -q '^eevdf ' out && good=0
done
claim "tasks of several classes stand in a table for each class" $good
try explain 4 --at 500ms --cpu 1 --db traced.db
[ $status -eq 0 ] && grep -q '^CPU 1 ' out && ! grep -q '^CPU 0 ' out
claim "--cpu explains one CPU" $?
try explain 4 --at 0.5s --cpu 1 --db traced.db --json
[ $status -eq 0 ] &&
    [ "$(answer "SELECT json_array_length(t, '\$.cpus') || json_extract(t, '\$.at_ns') FROM j")" = \
        1500000000 ]
claim "explain --json is JSON" $?

cat >groups.yaml <<'END'
name: groups
workload:
  name: both
  tasks:
    web: {taskgroup: /web, instance: 2, loop: -1, run: 5000}
    batch: {taskgroup: /batch/x, loop: -1, run: 4000, sleep: 1000}
    alone: {loop: -1, run: 3000, sleep: 100}
  groups: {/web: {weight: 300}, /batch: {quota: 20ms, period: 100ms}}
duration: 1s
machine: {offline: [{cpu: 1, from: 300ms, to: 600ms}]}
END
"$aurora" run groups.yaml --db groups.db --trace >out 2>err
try explain 1 --at 100ms --db groups.db
[ $status -eq 0 ] && grep -q '^/web ' out && grep -q '^batch .*throttled .*/batch/x ' out &&
    grep -q "'s group /web\|for its group /web" out
claim "task groups are candidates, and who was compared is named" $?
try explain 1 --at 450ms --db groups.db
[ $status -eq 0 ] && grep -q '^CPU 1 is offline' out
claim "a CPU that is off is said to be off" $?

refuses "an explanation without its instant is refused" '--at TIME' explain 1 --db traced.db
refuses "an instant without a unit is refused" 'with its unit' explain 1 --at 5 --db traced.db
refuses "a negative instant is refused" 'with its unit' explain 1 --at -5ms --db traced.db
refuses "an instant beyond the run is refused with its end" 'ends at 1 s: give --at no later instant' \
    explain 1 --at 1000000001ns --db traced.db
refuses "a CPU that is not there is refused" 'CPUs 0 to 1' explain 1 --at 5ms --cpu 2 --db traced.db
refuses "a CPU that is no number is refused" '--cpu x' explain 1 --at 5ms --cpu x --db traced.db
refuses "an unknown run is refused" 'no run 77' explain 77 --at 5ms --db traced.db

# --- damage ---------------------------------------------------------------------------------------

# damaged SENTENCE SQL PATTERN: explain refuses and says so. The instant is early in all runs.
damaged() {
    cp traced.db damaged.db && sqlite3 damaged.db "$2"
    refuses "$1" "$3" explain 4 --at 150ms --db damaged.db
}
damaged "a cut snapshot is refused" \
    "UPDATE snapshot SET data = CAST(substr(data, 1, length(data) - 9) AS BLOB)" 'snapshot.*damaged'
damaged "a changed snapshot is refused" \
    "UPDATE snapshot SET data = CAST(substr(data, 1, 99) || x'5a5a' || substr(data, 102) AS BLOB)" \
    'snapshot.*damaged'
damaged "the snapshot of another place is refused" \
    "UPDATE snapshot AS s SET data = (SELECT data FROM snapshot WHERE run_id = s.run_id AND seq = 1)" \
    'snapshot.*damaged'
damaged "a snapshot of another run is refused" \
    "UPDATE snapshot AS s SET data = (SELECT data FROM snapshot WHERE run_id = 1 AND seq = s.seq)
     WHERE seq IN (SELECT seq FROM snapshot WHERE run_id = 1)" \
    'snapshot.*damaged'
damaged "a trace of another run is refused, with the record" \
    "UPDATE trace_chunk AS c SET data =
     (SELECT data FROM trace_chunk WHERE run_id = 3 AND seq = c.seq) WHERE run_id = 4 AND
     seq IN (SELECT seq FROM trace_chunk WHERE run_id = 3)" 'record [0-9]* of the trace'
cp plain.db changed.db && sqlite3 changed.db "UPDATE run SET digest = '0123456789abcdef'"
try explain 1 --at 5ms --db changed.db
[ $status -eq 1 ] && [ ! -s out ] && grep -q 'gives .*aurora verify' err
claim "a run that decides otherwise today is not explained" $?

# --- diff -----------------------------------------------------------------------------------------

try diff 2 2 --db traced.db
[ $status -eq 0 ] && grep -q '^the same decisions$' out
claim "a run and itself took the same decisions" $?
try diff 2 4 --db traced.db
[ $status -eq 1 ] && grep -q '^A: CPU ' out && grep -q '^B: CPU ' out && grep -q '^switches ' out &&
    [ ! -s err ]
claim "two schedulers part, which is explained on both sides, with the metrics that differ" $?
cp out first
try diff 2 4 --db plain.db
[ $status -eq 1 ] && cmp -s out first
claim "runs without traces part at the same place" $?
try diff 2 4 --db traced.db --json
[ $status -eq 1 ] && at=$(answer "SELECT json_extract(t, '\$.now_ns') FROM j") &&
    cpu=$(answer "SELECT json_extract(t, '\$.cpu') FROM j")
for run in 2 4; do
    "$aurora" export $run --db traced.db --format csv -o stays.$run.csv
    sqlite3 -batch stays$run.db ".import --csv stays.$run.csv stay"
done
# What ran up to the instant on every CPU, and what begins at it on that one, in both runs.
before() {
    sqlite3 -batch "stays$1.db" "SELECT cpu, name, start_ns FROM stay WHERE start_ns + 0 < $at
        ORDER BY cpu + 0, start_ns + 0"
}
after() {
    sqlite3 -batch "stays$1.db" "SELECT name FROM stay WHERE cpu + 0 = $cpu AND start_ns + 0 <= $at
        AND end_ns + 0 > $at"
}
before 2 >a && before 4 >b && cmp -s a b && [ -s a ] && [ "$(after 2)" != "$(after 4)" ]
claim "up to where two runs part the exported stays are the same, and there they are not" $?
"$aurora" run mix.json --db seeds.db --set duration=1s --trace >out 2>err &&
    "$aurora" run mix.json --db seeds.db --set duration=1s --set seed=7 --trace >out 2>err
try diff 1 2 --db seeds.db
[ $status -eq 1 ] && grep -q 'No scheduler did that' out
claim "runs with two seeds part by what the tasks do" $?
"$aurora" run mix.json --db seeds.db --set duration=1s --set machine.cpus=1 --trace >out 2>err
try diff 1 3 --db seeds.db
[ $status -eq 1 ] && grep -q 'other tasks run' out
claim "runs on two machines part where a task finds no CPU" $?
cat >other.json <<'END'
{"tasks": {"alone": {"loop": -1, "run": 5000}}, "global": {"duration": 1}}
END
"$aurora" run other.json --db seeds.db --trace >out 2>err
try diff 1 4 --db seeds.db
[ $status -eq 1 ] && grep -q 'different workloads, mix and other' out
claim "runs of different workloads are compared, and it is said that they are" $?
"$aurora" run other.json --db seeds.db --set workload.tasks.alone.priority=5 --trace >out 2>err
try diff 4 5 --db seeds.db
[ $status -eq 1 ] && grep -q 'the same tasks run on the same CPUs all the time' out
claim "runs that differ in what changes nothing run the same tasks, which is said" $?
for pair in '2 2' '2 4'; do
    # shellcheck disable=SC2086 # two words
    try diff $pair --db traced.db --json
    [ "$(answer 'SELECT json_valid(t) FROM j')" -eq 1 ]
    claim "diff $pair --json is JSON" $?
done
refuses "a diff of one run is refused" 'usage: aurora diff' diff 1 --db traced.db
refuses "a diff of three runs is refused" 'too many' diff 1 2 3 --db traced.db
refuses "a diff with an unknown run is refused" 'no run 77' diff 1 77 --db traced.db

close
