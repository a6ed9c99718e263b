/*
 * The rows of task_metric are what a store has millions of, so they alone are not kept as
 * documented. SQLite 3.40 takes this many a second, one INSERT ... SELECT for each run of 200,000:
 *
 *     run_id, task_id, measure_id as primary key, REFERENCES on each      1.8 M
 *     the same without REFERENCES                                         4.3 M
 *     rowid table; a run owns a range of row ids                          7.3 M
 *
 * Hence task_metric_row has no run_id and no REFERENCES. What these would guard is true by
 * construction: only the writer adds rows, names and the range in one transaction, and a trigger
 * removes the rows together with their run. The view task_metric gives the documented columns, and
 * a query for some runs reads their ranges and nothing else.
 */
#include "store/schema.h"

#define TEXT_OF(x) #x
#define NUMBER(x)  TEXT_OF(x)

#define HEX16(column) "CHECK (length(" column ") = 16 AND " column " NOT GLOB '*[^0-9a-f]*')"

// clang-format off
/* A state from which the trace can be stepped on: that before the first record of chunk `seq`.
   data is a zlib stream of the state (its first `bytes`) and of what a reader of the trace has
   gathered up to there (travel/position.h). Every stored trace has one of seq 0. */
#define SNAPSHOT_TABLE \
"CREATE TABLE snapshot (" \
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE," \
"  seq INTEGER NOT NULL," \
"  records INTEGER NOT NULL," /* of the trace, before it */ \
"  events INTEGER NOT NULL,"  /* of these records */ \
"  now_ns INTEGER NOT NULL,"  /* instant of the last of them */ \
"  bytes INTEGER NOT NULL," \
"  data BLOB NOT NULL," \
"  PRIMARY KEY (run_id, seq)" \
") STRICT;"

#define VERSION_MARK "PRAGMA user_version = " NUMBER(AUR_SCHEMA_VERSION) ";"

const char aur_schema_upgrade_sql[] = SNAPSHOT_TABLE VERSION_MARK;

const char aur_schema_sql[] =
"CREATE TABLE experiment ("
"  id INTEGER PRIMARY KEY,"
"  name TEXT NOT NULL UNIQUE,"
"  text TEXT NOT NULL"
") STRICT;"

/* Digests are hexadecimal and the seed is decimal text: SQLite's integers end at 2^63 - 1. */
"CREATE TABLE run ("
"  id INTEGER PRIMARY KEY,"
"  experiment_id INTEGER NOT NULL REFERENCES experiment(id) ON DELETE CASCADE,"
"  digest TEXT NOT NULL " HEX16("digest") ","
"  inputs_digest TEXT NOT NULL " HEX16("inputs_digest") ","
"  host TEXT NOT NULL,"
"  scheduler TEXT NOT NULL,"
"  workload TEXT NOT NULL,"
"  label TEXT NOT NULL,"
"  seed TEXT NOT NULL CHECK (seed NOT GLOB '*[^0-9]*'),"
"  replication INTEGER NOT NULL,"
"  status TEXT NOT NULL DEFAULT 'complete',"
"  events INTEGER NOT NULL,"
"  end_ns INTEGER NOT NULL,"
"  wall_seconds REAL NOT NULL,"
"  finished TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),"
"  first_task_metric INTEGER NOT NULL," /* the first of its rows in task_metric_row ... */
"  task_metrics INTEGER NOT NULL,"      /* ... and how many they are, without a gap */
"  UNIQUE (experiment_id, inputs_digest, host)"
") STRICT;"

/* Apart from run, so that a listing does not page through the inputs. */
"CREATE TABLE run_inputs ("
"  run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,"
"  data BLOB NOT NULL"
") STRICT;"

"CREATE TABLE param ("
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
"  path TEXT NOT NULL,"
"  value TEXT NOT NULL,"
"  PRIMARY KEY (run_id, path)"
") STRICT, WITHOUT ROWID;"

/* A value is NULL where there is none, e.g. the mean of no samples. */
"CREATE TABLE metric ("
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
"  name TEXT NOT NULL,"
"  unit TEXT NOT NULL,"
"  value REAL,"
"  PRIMARY KEY (run_id, name)"
") STRICT, WITHOUT ROWID;"

"CREATE TABLE task ("
"  id INTEGER PRIMARY KEY,"
"  name TEXT NOT NULL UNIQUE"
") STRICT;"

"CREATE TABLE measure ("
"  id INTEGER PRIMARY KEY,"
"  name TEXT NOT NULL,"
"  unit TEXT NOT NULL,"
"  UNIQUE (name, unit)"
") STRICT;"

"CREATE TABLE task_metric_row ("
"  id INTEGER PRIMARY KEY,"
"  task_id INTEGER NOT NULL,"
"  measure_id INTEGER NOT NULL,"
"  value REAL"
") STRICT;"

/* CROSS JOIN keeps the order: first the runs asked for, then the rows of each. */
"CREATE VIEW task_metric AS"
"  SELECT run.id AS run_id, task.name AS task, measure.name AS name, measure.unit AS unit,"
"         row.value AS value"
"  FROM run CROSS JOIN task_metric_row AS row"
"    ON row.id BETWEEN run.first_task_metric AND run.first_task_metric + run.task_metrics - 1"
"  JOIN task ON task.id = row.task_id"
"  JOIN measure ON measure.id = row.measure_id;"

"CREATE TRIGGER run_takes_its_task_metrics_along AFTER DELETE ON run BEGIN"
"  DELETE FROM task_metric_row WHERE id BETWEEN OLD.first_task_metric"
"    AND OLD.first_task_metric + OLD.task_metrics - 1;"
" END;"

/* The columns beside data are for queries; data is the whole histogram. */
"CREATE TABLE histogram ("
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
"  scope TEXT NOT NULL," /* a task's name, '' for the whole system */
"  name TEXT NOT NULL,"
"  unit TEXT NOT NULL,"
"  count INTEGER NOT NULL,"
"  min INTEGER NOT NULL,"
"  max INTEGER NOT NULL,"
"  mean REAL NOT NULL,"
"  p50 INTEGER NOT NULL,"
"  p90 INTEGER NOT NULL,"
"  p99 INTEGER NOT NULL,"
"  p999 INTEGER NOT NULL,"
"  data BLOB NOT NULL,"
"  PRIMARY KEY (run_id, scope, name)"
") STRICT;"

"CREATE TABLE bench ("
"  id INTEGER PRIMARY KEY,"
"  host TEXT NOT NULL,"
"  suite TEXT NOT NULL,"
"  name TEXT NOT NULL,"
"  unit TEXT NOT NULL,"
"  samples INTEGER NOT NULL,"
"  median REAL NOT NULL,"
"  low REAL NOT NULL,"  /* ends of the 95 % confidence interval of the median */
"  high REAL NOT NULL,"
"  p99 REAL,"
"  recorded TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))"
") STRICT;"

"CREATE TABLE trace_chunk ("
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
"  seq INTEGER NOT NULL," /* 0, 1, ... in the order of time */
"  first_ns INTEGER NOT NULL,"
"  last_ns INTEGER NOT NULL,"
"  records INTEGER NOT NULL,"
"  data BLOB NOT NULL,"
"  PRIMARY KEY (run_id, seq)"
") STRICT;"

SNAPSHOT_TABLE

"CREATE TABLE task_name ("
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
"  task INTEGER NOT NULL," /* the task's number in the trace */
"  name TEXT NOT NULL,"
"  PRIMARY KEY (run_id, task)"
") STRICT, WITHOUT ROWID;"

"CREATE TABLE artifact ("
"  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
"  name TEXT NOT NULL,"
"  type TEXT NOT NULL," /* media type */
"  data BLOB NOT NULL,"
"  PRIMARY KEY (run_id, name)"
") STRICT;"

"PRAGMA application_id = " NUMBER(AUR_SCHEMA_APPLICATION_ID) ";"
VERSION_MARK;
// clang-format on
