// Tables, printed in one way: aligned columns with units in the head, or JSON.
#ifndef AURORA_SIM_CLI_TABLE_H
#define AURORA_SIM_CLI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define AUR_TABLE_COLUMNS 48u

struct aur_cell {
    char *text;   // NULL: a number
    double value; // NAN: nothing
    double half;  // half width of its confidence interval, NAN: none is known
    char *unit;   // of this cell alone; NULL: the column's
};

struct aur_column {
    char *key;        // in JSON
    char *title;      // words; broken over lines of the head
    const char *unit; // of its numbers as given; "" for texts
};

// Rows are filled cell by cell, left to right; a row begins with aur_table_row.
// Invariant: cells has count rows of `columns` cells; those not yet filled are empty texts.
struct aur_table {
    struct aur_column column[AUR_TABLE_COLUMNS];
    uint32_t columns;
    struct aur_cell *cells;
    uint32_t rows, room, filled; // cells of the last row that are filled
    bool lost;                   // memory was out: printing says so
};

void aur_table_init(struct aur_table *table);
void aur_table_free(struct aur_table *table);

// key "wakeup_ns_p99" gets the title "wakeup p99": the unit is shown in the head.
void aur_table_column(struct aur_table *table, const char *key, const char *unit);
void aur_table_row(struct aur_table *table);
void aur_table_text(struct aur_table *table, const char *text);
void aur_table_number(struct aur_table *table, double value);
void aur_table_interval(struct aur_table *table, double value, double half);

// A number with a unit of its own, for tables with a metric in each row.
void aur_table_quantity(struct aur_table *table, double value, const char *unit);

// To stdout. Numbers of a column share one unit and are right-aligned. In JSON: a list of
// objects with unrounded numbers in the store's units, KEY_half for an interval.
void aur_table_print(const struct aur_table *table, bool json);

// The two ways, and what they read.
void aur_table_print_text(const struct aur_table *table);
void aur_table_print_json(const struct aur_table *table);
const struct aur_cell *aur_table_cell(const struct aur_table *table, uint32_t row, uint32_t column);

// A string as JSON, with quotes, to stdout.
void aur_json_string(const char *text);
// A number as JSON: null for NAN and infinities.
void aur_json_number(double value);

#endif
