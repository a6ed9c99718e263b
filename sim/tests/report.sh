#!/bin/sh
# aurora report and aurora compare: are the plots whole, do they say what they show, is everything
# called what the user called it, and is what goes wrong told in one line.
# shellcheck source=sim/tests/claims.sh
. "$(dirname "$0")/claims.sh"

command -v gnuplot >/dev/null || {
    echo "skipped: gnuplot is not installed (Debian: apt-get install gnuplot-nox)"
    exit 77
}

# refuses SENTENCE PATTERN WORD...: exit status 2 and one line on stderr with the pattern in it.
refuses() {
    sentence=$1 pattern=$2
    shift 2
    try "$@"
    [ $status -eq 2 ] && [ "$(grep -vc '^aurora: warning: ' err)" -eq 1 ] &&
        grep -q "^aurora: " err && grep -q -- "$pattern" err
    claim "$sentence" $?
}

sql() {
    sqlite3 -batch "$@"
}

# texts SVG: what the picture shows in words, a line each. Fails if it is no well-formed XML: a tag
# that closes another than the last one opened, a bare & or <.
texts() {
    LC_ALL=C awk '
        BEGIN { RS = "<" }
        NR == 1 { next }
        {
            end = index($0, ">")
            if (!end) bad("a < without its >")
            tag = substr($0, 1, end - 1); text = substr($0, end + 1)
            if (tag ~ /^!--/) next
            if (tag ~ /^\//) {
                name = substr(tag, 2); sub(/[ \t\n].*/, "", name)
                if (depth == 0 || open[depth] != name) bad("</" name ">")
                depth--
                if (name == "text") { print shown; shown = "" }
            } else if (tag !~ /^[?!]/ && tag !~ /\/$/) {
                sub(/[ \t\n].*/, "", tag)
                open[++depth] = tag
            }
            bare = text
            gsub(/&(amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);/, "", bare)
            if (bare ~ /&/) bad("a bare &")
            if (depth && open[depth] == "text") {
                gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text)
                gsub(/&quot;/, "\"", text); gsub(/&apos;/, "\047", text)
                gsub(/&amp;/, "\\&", text)
                shown = shown text
            }
        }
        END { if (depth || NR < 10) bad("it ends early"); exit broken }
        function bad(why) { if (!broken) print "not XML: " why >"/dev/stderr"; broken = 1 }' "$1"
}

# shows SVG LINE...: each line is a text of the picture, letter for letter.
shows() {
    texts "$1" >shown 2>&1 || return 1
    shift
    for line in "$@"; do
        grep -qxF -- "$line" shown || { echo "no \"$line\"" >err; return 1; }
    done
}

# is_picture PNG: the signature, the end mark, and more than a blank sheet.
is_picture() {
    [ "$(od -An -tx1 -N8 "$1" | tr -d ' ')" = 89504e470d0a1a0a ] &&
        [ "$(tail -c 8 "$1" | od -An -tx1 | tr -d ' ')" = 49454e44ae426082 ] &&
        [ "$(wc -c <"$1")" -gt 4000 ] &&
        [ "$(od -An -v -tx1 "$1" | tr -s ' ' '\n' | sort -u | wc -l)" -gt 200 ]
}

# --- names ----------------------------------------------------------------------------------------

cat >names.yaml <<'END'
name: names
machine: {cpus: 2}
duration: 200ms
replications: 2
workload:
  name: hard
  tasks:
    'a_b "q"': {loop: -1, run: {exponential: 900}, sleep: {exponential: 500}}
    "it's `touch RAN` & <b>": {loop: -1, run: 2000, timer: {ref: unique, period: 10000}}
    "héllo_µ": {instance: 2, loop: -1, run: {exponential: 3000}, sleep: 100}
sweep:
  machine.cpus: [1, 2]
  scheduler:
    - fifo
    - {name: "slow_'eevdf' \"`touch RAN`\" 5%", class: eevdf, base_slice: 12ms}
metrics: [utilisation, 'a_b "q"/wakeup_ns_mean', "héllo_µ/cpu_share", switches, wakeup_ns_p99]
END
hard="slow_'eevdf' \"\`touch RAN\`\" 5%"
slow=slow_-eevdf----touch-RAN---5-

try run names.yaml --db names.db
cp out table
try report names.yaml --db names.db -o plots
[ $status -eq 0 ] && [ ! -s err ]
claim "a report is made of an experiment that has run" $?
holds "it begins with the table of the run" test "$(head -n "$(wc -l <table)" out)" = "$(cat table)"
sed -n 's/^  \(plots\/.*\)\.svg$/\1/p' out >made
[ "$(wc -l <made)" -eq 10 ] && [ "$(find plots -name "*.svg" -o -name "*.png" -o -name "*.gp" | wc -l)" -eq 30 ]
claim "it names each plot that it made: two distributions, the metrics and two charts a group" $?
good=0
while read -r plot; do
    texts "$plot.svg" >shown 2>>err || good=1
    is_picture "$plot.png" || { echo "$plot.png" >>err && good=1; }
done <made
claim "each plot is well-formed XML and a picture" $good
if command -v xmllint >/dev/null; then
    holds "another reader of XML agrees" xmllint --noout plots/*.svg
fi
shows plots/cdf-wakeup_latency-cpus-1.svg "names: wakeup latency, cpus=1" "wakeup latency (µs)" \
    "samples at or below (%)" fifo "$hard"
claim "a distribution names its axes and its curves letter for letter" $?
shows plots/cdf-response-cpus-2.svg "names: response time, cpus=2" "response time (µs)" fifo "$hard"
claim "so does the other" $?
shows plots/metrics-cpus-2.svg "names: cpus=2" "utilisation (%)" 'a b "q"/wakeup mean (ms)' \
    "héllo µ/cpu share (%)" switches "wakeup p99 (ms)" fifo "$hard"
claim "the metrics name their units and the bars letter for letter" $?
shows plots/gantt-cpus-1-fifo.svg "names: cpus=1, fifo" "time (ms)" "CPU 0" 'a_b "q"' \
    "it's \`touch RAN\` & <b>" "héllo_µ-0" "héllo_µ-1"
claim "a chart names its tasks letter for letter" $?
shows "plots/gantt-cpus-2-$slow.svg" "CPU 0" "CPU 1" "names: cpus=2, $hard"
claim "a chart has a row for each CPU" $?
[ ! -e RAN ] && [ ! -e plots/RAN ]
claim "no name is executed" $?
cp -r plots before && try report names.yaml --db names.db -o plots && diff -r plots before >/dev/null
claim "made again, plots and scripts are the same to the byte" $?
(cd plots && rm gantt-cpus-1-fifo.svg && gnuplot gantt-cpus-1-fifo.gp) 2>err &&
    cmp -s plots/gantt-cpus-1-fifo.svg before/gantt-cpus-1-fifo.svg
claim "the script beside a plot makes it again" $?

try report names.yaml --db names.db --json -o none
[ $status -eq 0 ] && [ ! -e none ] && grep -q '"scheduler": "fifo"' out && head -c 1 out | grep -q '\['
claim "--json prints the table alone and makes no plots" $?
try report names.yaml --db names.db
[ $status -eq 0 ] && [ -s results/names/metrics-cpus-1.svg ]
claim "plots go to results/NAME unless told otherwise" $?

# --- what there is to show ------------------------------------------------------------------------

cat >two.yaml <<'END'
name: two
duration: 100ms
sweep:
  workload:
    - {name: one, tasks: {one: {loop: -1, run: 500, sleep: 500}}}
    - {name: other, tasks: {other: {loop: -1, run: 700, sleep: 300}}}
  scheduler: [fifo, rr]
metrics: [one/cpu_share, other/cpu_share, utilisation]
END
try run two.yaml --db two.db
try report two.yaml --db two.db -o two
[ $status -eq 0 ] && shows two/metrics-other.svg "one/cpu share (%): none" "other/cpu share (%)"
claim "a metric that no run of a group has is said to be missing" $?

cat >one.yaml <<'END'
name: one
duration: 100ms
workload: {name: hog, tasks: {hog: {loop: -1, run: 1000}}}
END
try run one.yaml --db one.db
try report one.yaml --db one.db -o one
[ $status -eq 0 ] && shows one/gantt.svg hog "CPU 0" "CPU 1" && [ ! -e one/cdf-response.svg ]
claim "an experiment of one run without a job has a chart and no distribution of responses" $?

sed 's/replications: 2/replications: 4/' names.yaml >more.yaml
try report more.yaml --db names.db -o more
[ $status -eq 0 ] && grep -q '^aurora: warning: 8 of 16 runs are not stored yet' err
claim "runs that are missing are counted" $?

cat >measured.csv <<'END'
repetition,task,runtime_ms,switches,mean_wait_ms,max_wait_ms
1,a,60,10,5,20
1,b,140,20,2,10
1,other,5,1,1,1
2,a,70,12,7,22
2,b,130,22,2,12
END
cat >measured.yaml <<'END'
name: measured
machine: {cpus: 1, switch_cost: 0}
duration: 400ms
scheduler: {class: rr, quantum: 8ms}
workload:
  tasks: {a: {loop: -1, run: 100000}, b: {loop: -1, run: 100000}}
measured: measured.csv
END
try run measured.yaml --db measured.db
try report measured.yaml --db measured.db -o measured
tr -s ' ' <out | sed 's/ $//' >rows
# a and b take turns of 8 ms: 50 % each. Measured were 65 of 200 ms, 60 the least and 70 the most;
# a's mean waits were 5 and 7 ms, b's 2; b was switched in 20 and 22 times, predicted are 24 or 25.
[ $status -eq 0 ] && grep -q '^a CPU share 50.0* % 32.50* % 30.0* % 35.0* % 53.85* MISSES$' rows &&
    grep -q '^ mean wait 8.0* ms 6.0* ms 5.0* ms 7.0* ms 33.3* MISSES$' rows &&
    grep -q '^ max wait 8.0* ms 21.0* ms 20.0* ms 22.0* ms -61.9*$' rows
claim "predicted and measured shares and waits stand beside each other with error and verdict" $?
sed -i 's/^1,a,60,10,5,20/1,a,99,30,9,20/; s/^2,a,70,12/2,a,131,20/; s/^1,b,140/1,b,100/' measured.csv
try report measured.yaml --db measured.db -o measured
tr -s ' ' <out | sed 's/ $//' >rows
# Within 2 % of the share; within the spread of the waits although 5 % off.
[ $status -eq 0 ] && grep -q '^a CPU share 50.0* % 50.0* % 49.7[0-9]* % 50.[0-9]* % 0.0*.* within$' rows &&
    grep -q '^ preemptions 2[45] 25 20 30 .* within$' rows &&
    grep -q '^ mean wait 8.0* ms 8.0* ms 7.0* ms 9.0* ms 0.0* within$' rows
claim "what lies within the target or the spread is said to" $?
[ "$(grep -c '^other ' out)" -eq 0 ]
claim "a program that was only measured is left out" $?

# --- compare --------------------------------------------------------------------------------------

try compare 1 1 --db names.db --json
cp out pairs
[ $status -eq 0 ] && [ "$(grep -c '"metric"' pairs)" -gt 20 ] &&
    [ "$(grep -c '"difference": \(0\|null\),' pairs)" -eq "$(grep -c '"metric"' pairs)" ]
claim "a run compared with itself has no differences" $?
try compare 1 1 --db names.db --tasks
[ $status -eq 0 ] && grep -q "^the two runs took the same decisions" out && grep -q 'a_b "q"' out
claim "and says so, also of its tasks" $?
first=$(sql one.db "SELECT value FROM metric WHERE name = 'switches' AND run_id = 1")
try run one.yaml --db one.db --set scheduler=rr --set machine.cpus=1
second=$(sql one.db "SELECT value FROM metric WHERE name = 'run_ns' AND run_id = 2")
try compare 1 2 --db one.db --json
[ $status -eq 0 ] && grep '"switches"' out | grep -q "\"a\": ${first%.0}," &&
    grep '"run_ns"' out | grep -q "\"b\": ${second%.0},"
claim "what is compared is what is stored" $?
refuses "a run that is not there cannot be compared" "99" compare 1 99 --db one.db

# --- what goes wrong ------------------------------------------------------------------------------

echo >file
refuses "a folder under a file is one line" "file/plots: cannot create the folder: Not a directory" \
    report one.yaml --db one.db -o file/plots
refuses "a folder whose parent is missing is one line" "nowhere/plots: cannot create the folder" \
    report one.yaml --db one.db -o nowhere/plots
refuses "a file for a folder is one line" "cannot write the plot: Not a directory" \
    report one.yaml --db one.db -o file
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    refuses "a folder without the right to write is one line" "Permission denied" \
        report one.yaml --db one.db -o locked
fi
PATH=/nowhere "$aurora" report one.yaml --db one.db -o lacking >out 2>err
[ $? -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^aurora: gnuplot is not installed: apt-get" err
claim "without gnuplot the one line says how to get it" $?
grep -q '^one' out
claim "and the table is printed before" $?
sed 's/100ms/101ms/' one.yaml >changed.yaml
refuses "an experiment that was changed since has no runs" \
    "no run of experiment one as its file stands is stored: .aurora run changed.yaml. first" \
    report changed.yaml --db one.db -o x
refuses "a database without this experiment has no runs" "no run of experiment names" \
    report names.yaml --db one.db -o x
refuses "a database that is missing is one line" "missing.db" report one.yaml --db missing.db -o x
[ ! -e missing.db ] && [ ! -e x ]
claim "and nothing is made in its place" $?
refuses "an experiment that is missing is one line" "nothing.yaml" report nothing.yaml --db one.db
sed 's/measured.csv/gone.csv/' measured.yaml >gone.yaml
refuses "measurements that are missing are one line" "gone.csv" report gone.yaml --db measured.db -o x

try report "$source/experiments/first-look.yaml" --db one.db
[ $status -eq 2 ] && grep -q "first-look" err
claim "the shipped experiment says how to begin" $?

close
