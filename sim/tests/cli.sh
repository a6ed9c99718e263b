#!/bin/sh
# The aurora command from end to end: what users type, what it answers, what is in the database.
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

# put FILE LINE...: writes the lines into the file.
put() {
    file=$1
    shift
    printf '%s\n' "$@" >"$file"
}

sql() {
    sqlite3 -batch "$@"
}

# What a database holds, without what may differ between two equal ones: numbers of rows, times.
content() {
    sql "$1" "
        SELECT 'run', e.name, r.label, host, scheduler, workload, seed, replication, digest,
               inputs_digest, events, end_ns FROM run r JOIN experiment e ON e.id = experiment_id
        UNION ALL SELECT 'param', r.label, path, value, '', '', '', '', '', '', '', ''
               FROM param p JOIN run r ON r.id = run_id
        UNION ALL SELECT 'metric', r.label, name, unit, value, '', '', '', '', '', '', ''
               FROM metric m JOIN run r ON r.id = run_id
        UNION ALL SELECT 'task', r.label, task, name, unit, value, '', '', '', '', '', ''
               FROM task_metric m JOIN run r ON r.id = run_id
        UNION ALL SELECT 'histogram', r.label, scope, name, hex(data), '', '', '', '', '', '', ''
               FROM histogram h JOIN run r ON r.id = run_id
        UNION ALL SELECT 'inputs', r.label, hex(data), '', '', '', '', '', '', '', '', ''
               FROM run_inputs i JOIN run r ON r.id = run_id
        UNION ALL SELECT 'trace', r.label, seq, hex(data), '', '', '', '', '', '', '', ''
               FROM trace_chunk t JOIN run r ON r.id = run_id
        UNION ALL SELECT 'snapshot', r.label, seq, records, s.events, now_ns, hex(data), '', '', '', '',
               '' FROM snapshot s JOIN run r ON r.id = run_id
        UNION ALL SELECT 'name', r.label, task, n.name, '', '', '', '', '', '', '', ''
               FROM task_name n JOIN run r ON r.id = run_id
        ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
}

put hogs.json '{"tasks": {"hog": {"instance": 2, "loop": -1, "run": 5000},' \
    '"player": {"loop": -1, "run": 1000, "timer": {"ref": "tick", "period": 10000}}},' \
    '"global": {"duration": 1}}'
put random.json '{"tasks": {"hog": {"instance": 3, "loop": -1, "run": {"exponential": 3000},' \
    '"sleep": {"exponential": 500}}}, "global": {"duration": 1}}'
put base.yaml 'workload: hogs.json' 'duration: 200ms'
put grid.yaml 'name: grid' 'workload: random.json' 'duration: 3s' 'replications: 3' \
    'sweep:' '  machine.cpus: [1, 2]' '  scheduler: [fifo, rr, eevdf]'

# --- what works -----------------------------------------------------------------------------------

try --help
[ $status -eq 0 ] && grep -q verify out && [ ! -s err ]
claim "--help lists the commands" $?
try --version
[ $status -eq 0 ] && grep -q '^aurora ' out
claim "--version names the version" $?
good=0
for command in run list show report compare explain diff verify import export doctor; do
    try $command --help
    [ $status -eq 0 ] && grep -q "^usage: aurora $command" out || good=1
done
claim "every command has --help" $good
try doctor
[ $status -eq 0 ] && grep -q sqlite3 out
claim "doctor tells the versions" $?

try run hogs.json --db bare.db
[ $status -eq 0 ] && grep -q '^hogs ' out
claim "a bare workload runs on the default machine" $?
try run base.yaml
[ $status -eq 0 ] && [ -s results/aurora.db ]
claim "results go to results/aurora.db unless told otherwise" $?
export AURORA_DB=elsewhere.db
try run base.yaml
unset AURORA_DB
[ $status -eq 0 ] && [ -s elsewhere.db ]
claim "AURORA_DB names the database" $?

good=0
for experiment in "$source"/experiments/*.yaml; do
    try run "$experiment" --db shipped.db --jobs 2
    [ $status -eq 0 ] || { good=1 && echo "     $experiment: $(tail -1 err)"; }
done
claim "every shipped experiment runs" $good
try verify all --db shipped.db
claim "every shipped experiment gives the same again" $status

try run grid.yaml --db grid.db --jobs 2
runs=$(sql grid.db 'SELECT count(*) FROM run')
[ $status -eq 0 ] && [ "$runs" -eq 18 ]
claim "a grid runs every combination of its axes and every replication" $?
try run grid.yaml --db one.db --jobs 1
content grid.db >a && content one.db >b && cmp -s a b && [ -s a ]
claim "the number of workers changes nothing" $?
# The first run is by far the longest, so the others are stored before it.
for jobs in 1 4; do
    try run base.yaml --db order-$jobs.db --jobs $jobs --set 'duration=[3s,30ms,20ms,10ms]'
    sql order-$jobs.db 'SELECT id, label FROM run ORDER BY id' >order-$jobs
done
cmp -s order-1 order-4 && [ "$(wc -l <order-4)" -eq 4 ] && grep -q '^1|.*3s' order-4
claim "the runs of a new grid are numbered in its order, whichever is done first" $?
try run grid.yaml --db grid.db
[ $status -eq 0 ] && [ "$(sql grid.db 'SELECT count(*) FROM run')" -eq 18 ] &&
    [ "$(grep -c 'same digest as stored' err)" -eq 18 ]
claim "running again adds nothing and gives the same digests" $?
try run grid.yaml --db grid.db --resume
[ $status -eq 0 ] && [ "$(grep -c 'stored before' err)" -eq 18 ]
claim "--resume executes nothing that is stored" $?
cp out first && try run grid.yaml --db grid.db --resume && cmp -s first out
claim "--resume prints the same table" $?

try run grid.yaml --db set.db --set scheduler=mlfq --set 'machine.cpus=[2,3]' --set replications=1
[ $status -eq 0 ] &&
    [ "$(sql set.db "SELECT group_concat(label, ';') FROM (SELECT label FROM run ORDER BY label)")" = \
        'machine.cpus=2 scheduler=mlfq;machine.cpus=3 scheduler=mlfq' ]
claim "--set replaces an axis, with one value or several" $?
try run base.yaml --db set2.db --set 'workload.tasks.hog.run=[1000,2000]' \
    --set 'scheduler={class: mlfq, quantum: 1ms}' --set scheduler.levels=2
[ $status -eq 0 ] && [ "$(sql set2.db 'SELECT count(*) FROM run')" -eq 2 ]
claim "--set reaches into the workload and into the scheduler's parameters" $?
try run base.yaml --db set3.db --set duration=100ms --set duration=50ms
[ $status -eq 0 ] && [ "$(sql set3.db 'SELECT end_ns FROM run')" -eq 50000000 ]
claim "of two --set of one path the last holds" $?

for what in runs experiments workloads; do
    try list $what --db grid.db --json
    [ $status -eq 0 ] && [ "$(sql :memory: "SELECT json_valid(CAST(readfile('out') AS TEXT))")" -eq 1 ]
    claim "list $what --json is JSON" $?
done
for what in schedulers machine metrics; do
    try list $what
    [ $status -eq 0 ] && [ -s out ]
    claim "list $what needs no database" $?
done
try show latest --db grid.db --json
[ $status -eq 0 ] && [ "$(sql :memory: "SELECT json_valid(CAST(readfile('out') AS TEXT))")" -eq 1 ]
claim "show --json is JSON" $?
digest=$(sql grid.db 'SELECT substr(digest, 1, 12) FROM run WHERE id = 5')
try show "$digest" --db grid.db
[ $status -eq 0 ] && grep -q '^run  *5$' out
claim "a run is found by the beginning of its digest" $?

# The manual names what the program knows.
good=0
for what in metrics machine; do
    "$aurora" list $what --json | grep -o "\"\(metric\|machine\)\": \"[a-z0-9_]*\"" |
        cut -d'"' -f4 >names
    [ -s names ] || good=1
    while read -r name; do
        grep -q "\`${name%_ns}\(_ns\)*\`" "$source/docs/experiment-file.md" ||
            { good=1 && echo "     $name is not in docs/experiment-file.md"; }
    done <names
done
claim "the manual names every metric and every key of the machine" $good

# --- import and export ----------------------------------------------------------------------------

trace=$source/experiments/workloads/hackbench-pipe.txt.gz
try import perf "$trace" -o hackbench.workload
[ $status -eq 0 ] && grep -q 'wakes' out
claim "import reports what the recording held" $?
"$aurora" run hackbench.workload --db import.db >out 2>err &&
    "$aurora" run "$trace" --db import.db >out 2>err &&
    [ "$(sql import.db 'SELECT count(*), count(DISTINCT inputs_digest) FROM run')" = '2|1' ]
claim "an imported recording runs as the recording itself" $?
"$aurora" import rt-app hogs.json -o hogs.workload >out 2>err &&
    "$aurora" run hogs.workload --db import.db >out 2>err &&
    "$aurora" run hogs.json --db import.db >out 2>err &&
    grep -q 'same digest as stored' err # the same experiment name and the same inputs
claim "an imported rt-app file runs as the file itself" $?

"$aurora" run base.yaml --db traced.db --trace >out 2>err &&
    "$aurora" run base.yaml --db plain.db >out 2>err
for format in perfetto chrome csv log inputs; do
    "$aurora" export 1 --db traced.db --format $format -o stored.$format >out 2>err &&
        "$aurora" export 1 --db plain.db --format $format -o again.$format >out 2>err &&
        [ -s stored.$format ] && cmp -s stored.$format again.$format
    claim "export --format $format gives the same with a stored trace and with one made again" $?
done
for resume in '' --resume; do
    cp plain.db late.db
    try run base.yaml --db late.db --trace $resume
    [ $status -eq 0 ] && grep -q 'same digest as stored, its trace is now stored' err &&
        content late.db >late && content traced.db >traced && cmp -s late traced
    claim "a stored run without a trace gets one from run --trace $resume" $?
done
sql late.db 'DELETE FROM snapshot'
try run base.yaml --db late.db --trace --resume
[ $status -eq 0 ] && content late.db >late && cmp -s late traced
claim "a stored trace without snapshots gets them from run --trace" $?
try run base.yaml --db late.db --trace --resume
[ $status -eq 0 ] && grep -q 'stored before' err
claim "a stored trace with snapshots is left alone" $?
try run base.yaml --db often.db --trace --snapshot-every 50
[ $status -eq 0 ] && [ "$(sql often.db 'SELECT count(*) FROM snapshot')" -eq 4 ] &&
    [ "$(sql often.db 'SELECT digest || inputs_digest FROM run')" = \
        "$(sql traced.db 'SELECT digest || inputs_digest FROM run')" ]
claim "--snapshot-every changes how many snapshots there are, and neither digest" $?
try export latest --db traced.db --format csv -o -
[ $status -eq 0 ] && head -1 out | grep -q '^cpu,task,name' && grep -q player out
claim "export -o - writes to standard output, with the names of tasks" $?
try verify stored.log
[ $status -eq 0 ] && grep -q same out
claim "an exported log verifies without its database" $?
try run stored.inputs --db inputs.db
[ $status -eq 0 ]
claim "exported inputs run" $?

# --- tampering ------------------------------------------------------------------------------------

# tampered SENTENCE SQL PATTERN: verify finds it and names it.
tampered() {
    cp traced.db tampered.db && sql tampered.db "$2"
    try verify 1 --db tampered.db
    [ $status -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q -- "$3" err
    claim "$1" $?
}
try verify 1 --db traced.db
claim "verify passes an untouched run" $status
tampered "verify finds a changed digest" \
    "UPDATE run SET digest = '0123456789abcdef'" 'digest is stored as 0123456789abcdef'
tampered "verify finds changed inputs" \
    "UPDATE run_inputs SET data = CAST(substr(data, 1, 40) || x'ff' || substr(data, 42) AS BLOB)" \
    'inputs'
tampered "verify finds a changed metric" \
    "UPDATE metric SET value = value + 1 WHERE name = 'switches'" 'switches of the system'
tampered "verify finds a changed metric of a task" \
    "UPDATE task_metric_row SET value = value * 2 WHERE value > 0 AND id % 3 = 0" 'of task'
tampered "verify finds a removed metric" "DELETE FROM metric WHERE name = 'events'" 'is not stored'
tampered "verify finds a changed histogram" \
    "UPDATE histogram SET data = (SELECT data FROM histogram WHERE scope = '' AND name = 'wait')
     WHERE scope = '' AND name = 'response'" 'histogram response'
tampered "verify finds a changed column" "UPDATE run SET seed = '99'" 'seed 99'
tampered "verify finds a changed trace" \
    "UPDATE trace_chunk SET data = CAST(substr(data, 1, 200) || x'5a5a' || substr(data, 203) AS BLOB)
     WHERE seq = 0" 'trace'
tampered "verify finds a changed snapshot" \
    "UPDATE snapshot SET data = CAST(substr(data, 1, 60) || x'5a5a' || substr(data, 63) AS BLOB)" \
    'snapshot before record 0'
tampered "verify finds a snapshot in the wrong place" \
    "UPDATE snapshot SET events = 3, records = 5" 'snapshot before record 5'
tampered "verify finds a snapshot behind the end" \
    "UPDATE snapshot SET events = events + 100000" 'snapshot'
tampered "verify finds a missing part of the trace" \
    "DELETE FROM trace_chunk WHERE seq = (SELECT max(seq) FROM trace_chunk)
     AND (SELECT count(*) FROM trace_chunk) > 1;
     UPDATE run SET digest = CASE (SELECT count(*) FROM trace_chunk WHERE seq > 0)
     WHEN 0 THEN '0000000000000000' ELSE digest END" 'differs\|digest'
cp plain.db changed.db && sql changed.db "UPDATE run SET digest = '0123456789abcdef'"
try run base.yaml --db changed.db --trace
[ $status -eq 1 ] && [ "$(sql changed.db 'SELECT count(*) FROM trace_chunk')" -eq 0 ]
claim "a run stored with another digest gets no trace" $?
try run base.yaml --db changed.db
[ $status -eq 1 ] && grep -q 'stored with digest 0123456789abcdef' err
claim "running again fails if another digest is stored" $?
try export 1 --db changed.db --format csv -o x.csv
[ $status -eq 1 ] && [ ! -e x.csv ]
claim "export makes no trace that has another digest" $?
head -c $(($(wc -c <stored.log) - 100)) stored.log >short.log
try verify short.log
[ $status -eq 1 ] && grep -q damaged err
claim "verify finds a log that is cut off" $?

# --- kill and resume ------------------------------------------------------------------------------

# start_until LINES SIGNAL: runs the grid into killed.db and signals the parent after so many runs;
# returns when every worker is gone too.
start_until() {
    rm -f killed.db pipe && mkfifo pipe
    "$aurora" run grid.yaml --db killed.db --jobs 2 >out 2>pipe &
    parent=$!
    exec 3<pipe
    lines=0
    while [ "$lines" -lt "$1" ] && read -r _ <&3; do
        lines=$((lines + 1))
    done
    kill "-$2" $parent
    cat <&3 >err # ends when the last process that could write has ended
    exec 3<&-
    wait $parent
    status=$?
}
for lines in 1 4 9; do
    start_until $lines KILL 2>/dev/null
    stored=$(sql killed.db 'SELECT count(*) FROM run')
    [ "$(sql killed.db 'PRAGMA integrity_check')" = ok ] && [ "$stored" -ge $lines ]
    claim "after kill -9 behind run $lines the database is sound and holds what was finished" $?
    try run grid.yaml --db killed.db --resume
    [ $status -eq 0 ] && content killed.db >b && cmp -s a b
    claim "--resume after kill -9 behind run $lines completes it as if undisturbed" $?
done
start_until 2 TERM
stored=$(sql killed.db 'SELECT count(*) FROM run')
[ $status -eq 143 ] && [ "$stored" -ge 2 ] && grep -q 'resume does them' err
claim "SIGTERM stops a grid cleanly and keeps what was finished" $?

if [ -e /proc/$$/task/$$/children ]; then
    # A short run and one of many minutes. Behind the short one the worker may not have taken the
    # long one yet: then its heir dies too, until the parent says that the long one has died. What
    # children it has is asked before what it has said: at its end others than workers may appear.
    : >err
    "$aurora" run grid.yaml --db crash.db --jobs 1 --set 'duration=[1s,1000000s]' \
        --set replications=1 --set machine.cpus=1 --set scheduler=rr >out 2>err &
    parent=$!
    until [ "$(wc -l <err)" -ge 2 ]; do
        child=$(cat /proc/$parent/task/$parent/children)
        # shellcheck disable=SC2086 # a word a child
        [ "$(wc -l <err)" -ne 1 ] || [ -z "$child" ] || kill -9 $child 2>>kill.err
    done
    wait $parent
    status=$?
    [ $status -eq 1 ] && [ "$(sql crash.db 'SELECT count(*) FROM run')" -eq 1 ] &&
        grep -q 'the worker died of signal 9 .*(run .*duration=1000000s' err
    claim "a worker that dies takes one run with it, which is named" $?
else
    echo "skip a worker that dies: this kernel does not tell who the children are"
fi

# --- bad input ------------------------------------------------------------------------------------

# bad SENTENCE PATTERN LINE...: an experiment of these lines is refused, with its line's number.
bad() {
    sentence=$1 pattern=$2
    shift 2
    put bad.yaml "$@"
    refuses "$sentence" "$pattern" run bad.yaml --db refused.db
}
w='workload: hogs.json'
bad "an unknown key is refused with the nearest known one" \
    'bad.yaml:2: unknown key "sheduler", did you mean "scheduler"?' "$w" 'sheduler: rr'
bad "an unknown key of the machine is refused" 'bad.yaml:2: .*"cpu".*"cpus"' "$w" 'machine: {cpu: 2}'
bad "a wrong type is refused" 'bad.yaml:2: "cpus" is "many"' "$w" 'machine: {cpus: many}'
bad "a number out of range is refused" 'bad.yaml:2: "cpus" is 65' "$w" 'machine: {cpus: 65}'
bad "a negative time is refused" 'bad.yaml:2: "duration" is' "$w" 'duration: -4ms'
bad "a negative number as a time is refused" 'bad.yaml:2: .*not negative' "$w" 'duration: -4'
bad "a time without a unit is refused" 'bad.yaml:2: .*without a unit' "$w" 'duration: 4'
bad "one key in two spellings is refused" 'bad.yaml:3: .*second time' "$w" \
    'machine: {tick: 1ms,' '  tick_ns: 1000000}'
bad "an unknown scheduler is refused" 'bad.yaml:2: .*"eevfd".*"eevdf"' "$w" 'scheduler: eevfd'
bad "another class's parameter is refused" 'bad.yaml:2: .*"levels"' "$w" \
    'scheduler: {class: rr, levels: 3}'
bad "a sweep that is no list is refused" 'bad.yaml:3: .*list' "$w" 'sweep:' '  machine.cpus: 2'
bad "an empty sweep is refused" 'bad.yaml:3: .*empty' "$w" 'sweep:' '  machine.cpus: []'
bad "a sweep over a fixed key is refused" 'bad.yaml:3: .*cannot be swept' "$w" 'sweep:' '  name: [a, b]'
bad "two values with one name are refused" 'bad.yaml:3: .*called' "$w" 'sweep:' '  scheduler: [rr, rr]'
bad "a bad value inside a sweep is refused before anything runs" 'bad.yaml:3: .*"eevfd"' "$w" 'sweep:' \
    '  scheduler: [rr, eevfd]'
bad "an unknown metric is refused" 'bad.yaml:2: .*"switches"' "$w" 'metrics: [switchs]'
bad "a warm-up as long as the run is refused" 'bad.yaml:3: .*warmup' "$w" 'duration: 1s' 'warmup: 1s'
bad "a missing workload is refused" 'nowhere.json' 'workload: nowhere.json'
bad "an experiment without a workload is refused" 'bad.yaml:1: no workload' 'seed: 3'
bad "broken YAML is refused" 'bad.yaml:2: ' "$w" 'machine: {cpus: [}'
bad "missing measurements are refused" 'nowhere.csv' "$w" 'measured: nowhere.csv'
bad "a path into the workload that leads nowhere is refused" 'tasks.hgo.run' "$w" 'sweep:' \
    '  workload.tasks.hgo.run: [1, 2]'

# bad_tasks SENTENCE PATTERN LINE...: an rt-app workload of these lines is refused.
bad_tasks() {
    sentence=$1 pattern=$2
    shift 2
    put bad.json "$@"
    refuses "$sentence" "$pattern" run bad.json --db refused.db
}
bad_tasks "a cyclic lock is refused" 'bad.json:[0-9]' '{"tasks": {' \
    '"a": {"loop": 1, "lock": "x", "lock1": "y", "unlock": "y", "unlock1": "x"},' \
    '"b": {"loop": 1, "lock": "y", "lock1": "x", "unlock": "x", "unlock1": "y"}}}'
bad_tasks "a negative time in a workload is refused" 'bad.json:1: "run" is -5' \
    '{"tasks": {"a": {"loop": 1, "run": -5}}}'
bad_tasks "an unknown key in a workload is refused" 'bad.json:1: .*"rnu"' \
    '{"tasks": {"a": {"loop": 1, "rnu": 5}}}'
bad_tasks "a workload that never ends is refused" 'duration' '{"tasks": {"a": {"loop": -1, "run": 5}}}'
bad_tasks "a task for a CPU that is not there is refused" 'CPU\|cpu\|affinity' \
    '{"tasks": {"a": {"loop": 1, "cpus": [9], "run": 5}}}'
bad_tasks "broken JSON is refused" 'bad.json:[0-9]' '{"tasks": {"a": {"loop": 1, "run": 5}'

: >empty.txt
refuses "an empty trace is refused" 'empty.txt' run empty.txt --db refused.db
head -c 100000 "$trace" >cut.txt.gz
refuses "a trace cut off by gzip is refused" 'cut.txt.gz:.*cut off' run cut.txt.gz --db refused.db
gzip -dc "$trace" | head -c 100000 >cut.txt
refuses "a trace cut off within a line is refused" 'cut.txt:.*cut off' run cut.txt --db refused.db
try import perf cut.txt.gz -o cut.workload
[ $status -eq 0 ] && grep -q 'cut off' out && [ -s cut.workload ]
claim "import takes what there is of a trace that is cut off, and says so" $?
put prose.txt 'There is no scheduler trace in this file.'
refuses "a file that is no workload is refused" 'prose.txt:1' run prose.txt --db refused.db
refuses "a missing file is refused" 'nowhere.yaml' run nowhere.yaml --db refused.db
refuses "a folder is refused" "$dir" run "$dir" --db refused.db
head -c 200 hogs.workload >short.workload
refuses "a damaged workload file is refused" 'short.workload' run short.workload --db refused.db

refuses "a missing operand is refused" 'usage: aurora run' run
refuses "a word too many is refused" 'too many' run base.yaml other.yaml
refuses "an unknown option is refused with the nearest known one" '--resume' run base.yaml --resmue
refuses "an unknown command is refused with the nearest known one" 'verify' verfy 1
refuses "an option without its value is refused" '--db needs FILE' run base.yaml --db
refuses "a bad number of jobs is refused" 'jobs' run base.yaml --jobs 0
refuses "a bad number of events between snapshots is refused" 'snapshot-every -1' \
    run base.yaml --trace --snapshot-every -1
refuses "snapshots without a trace are refused" 'goes with --trace' run base.yaml --snapshot-every 9
refuses "a --set without a value is refused" 'PATH=VALUE' run base.yaml --set machine.cpus
refuses "a --set of an unknown path is refused" '"machin", did you mean "machine"' \
    run base.yaml --set machin.cpus=2
refuses "a --set with a bad value is refused" '"machine.cpus" is "two"' \
    run base.yaml --set machine.cpus=two --db refused.db
refuses "an unknown run is refused" '4711' show 4711 --db grid.db
refuses "a word that names no run is refused" 'no run' show xyz --db grid.db
refuses "an unknown format is refused" 'format' export 1 --db grid.db --format svg -o x
refuses "an unknown list is refused" '"runs"\|runs' list rnus --db grid.db
refuses "an unknown kind of import is refused" 'perf' import ftrace x -o y

# --- bad databases and full disks -----------------------------------------------------------------

refuses "a missing database is refused" 'no such database' list runs --db nowhere.db
put text.db 'this is not a database, but long enough to be looked at as if it could be one' \
    'because the first hundred bytes of a database are its head' 'and so on'
refuses "a file that is no database is refused" 'text.db' run base.yaml --db text.db
sql foreign.db 'CREATE TABLE t (a); PRAGMA application_id = 7;'
refuses "another program's database is refused" "another program's" run base.yaml --db foreign.db
refuses "a database in a folder that cannot be written is refused" '/proc/' \
    run base.yaml --db /proc/aurora.db
if [ "$(id -u)" -ne 0 ]; then
    cp plain.db readonly.db && chmod 444 readonly.db
    refuses "a read-only database is refused" 'cannot be written' \
        run base.yaml --db readonly.db --set seed=5
fi
if [ -e /dev/full ]; then
    for format in perfetto chrome csv log inputs; do
        refuses "a full disk under export --format $format is refused" '/dev/full' \
            export 1 --db traced.db --format $format -o /dev/full
    done
    "$aurora" list metrics >/dev/full 2>err
    [ $? -eq 2 ] && [ "$(wc -l <err)" -eq 1 ]
    claim "a full disk under standard output is refused" $?
fi
cp plain.db full.db
(
    ulimit -f $(($(wc -c <full.db) / 1024)) # blocks of 512 or 1024 bytes, by shell
    exec "$aurora" run base.yaml --db full.db --set duration=20s --trace >out 2>err
)
[ $? -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] && grep -q 'full.db' err
claim "a database that cannot grow is refused" $?
[ "$(sql full.db 'PRAGMA integrity_check; SELECT count(*) FROM run')" = "ok
1" ]
claim "and keeps what it had" $?

close
