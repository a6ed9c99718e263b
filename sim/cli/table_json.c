// Tables for programs, and the JSON of single values.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/table.h"

void aur_json_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

void aur_json_number(double value)
{
    char text[32];
    if (!isfinite(value)) {
        fputs("null", stdout);
        return;
    }
    // The shortest of these that reads back as the same number.
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, stdout);
}

void aur_table_print_json(const struct aur_table *table)
{
    fputs("[", stdout);
    for (uint32_t row = 0; row < table->rows; row++) {
        fputs(row ? ",\n {" : "\n {", stdout);
        for (uint32_t i = 0; i < table->columns; i++) {
            const struct aur_cell *cell = aur_table_cell(table, row, i);
            fputs(i ? ", " : "", stdout);
            aur_json_string(table->column[i].key);
            fputs(": ", stdout);
            if (cell->text)
                aur_json_string(cell->text);
            else
                aur_json_number(cell->value);
            if (cell->text || !isfinite(cell->half))
                continue;
            printf(", \"%s_half\": ", table->column[i].key);
            aur_json_number(cell->half);
        }
        fputs("}", stdout);
    }
    fputs(table->rows ? "\n]\n" : "]\n", stdout);
}
