#include "cli/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void aur_table_init(struct aur_table *table)
{
    memset(table, 0, sizeof *table);
}

void aur_table_free(struct aur_table *table)
{
    for (uint32_t i = 0; i < table->columns; i++) {
        free(table->column[i].key);
        free(table->column[i].title);
    }
    for (uint32_t i = 0; i < table->rows * table->columns; i++) {
        free(table->cells[i].text);
        free(table->cells[i].unit);
    }
    free(table->cells);
    memset(table, 0, sizeof *table);
}

static char *copy(struct aur_table *table, const char *text)
{
    char *made = malloc(strlen(text) + 1);
    if (made)
        memcpy(made, text, strlen(text) + 1);
    else
        table->lost = true;
    return made;
}

void aur_table_column(struct aur_table *table, const char *key, const char *unit)
{
    if (table->columns == AUR_TABLE_COLUMNS) {
        table->lost = true;
        return;
    }
    struct aur_column *column = &table->column[table->columns];
    *column = (struct aur_column){copy(table, key), copy(table, key), unit};
    if (!column->title || !column->key) {
        free(column->key);
        free(column->title);
        return;
    }
    table->columns++;
    char *part = strstr(column->title, "_ns");
    if (part && (part[3] == '\0' || part[3] == '_'))
        memmove(part, part + 3, strlen(part + 3) + 1);
    for (char *at = column->title; *at; at++)
        if (*at == '_' || *at == '.')
            *at = ' ';
}

void aur_table_row(struct aur_table *table)
{
    if (table->rows == table->room) {
        uint32_t room = table->room ? table->room * 2 : 16;
        struct aur_cell *grown =
            realloc(table->cells, (size_t)room * table->columns * sizeof *grown);
        if (!grown) {
            table->lost = true;
            return;
        }
        table->cells = grown;
        table->room = room;
    }
    table->filled = 0;
    memset(&table->cells[table->rows * table->columns], 0, table->columns * sizeof *table->cells);
    for (uint32_t i = 0; i < table->columns; i++)
        table->cells[table->rows * table->columns + i].value = NAN;
    table->rows++;
}

static struct aur_cell *next_cell(struct aur_table *table)
{
    if (!table->rows || table->filled == table->columns || table->lost)
        return NULL;
    struct aur_cell *cell = &table->cells[(table->rows - 1) * table->columns + table->filled++];
    cell->half = NAN;
    return cell;
}

void aur_table_text(struct aur_table *table, const char *text)
{
    struct aur_cell *cell = next_cell(table);
    if (cell)
        cell->text = copy(table, text);
}

void aur_table_interval(struct aur_table *table, double value, double half)
{
    struct aur_cell *cell = next_cell(table);
    if (cell) {
        cell->value = value;
        cell->half = half;
    }
}

void aur_table_number(struct aur_table *table, double value)
{
    aur_table_interval(table, value, NAN);
}

void aur_table_quantity(struct aur_table *table, double value, const char *unit)
{
    struct aur_cell *cell = next_cell(table);
    if (cell) {
        cell->value = value;
        cell->unit = copy(table, unit);
    }
}

const struct aur_cell *aur_table_cell(const struct aur_table *table, uint32_t row, uint32_t column)
{
    return &table->cells[row * table->columns + column];
}

void aur_table_print(const struct aur_table *table, bool json)
{
    if (json)
        aur_table_print_json(table);
    else
        aur_table_print_text(table);
    if (table->lost)
        fputs("aurora: memory ran out, the table is not complete\n", stderr);
}
