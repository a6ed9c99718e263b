// Tables for people: columns as wide as they must be, heads in several lines, units below them.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/quantity.h"
#include "cli/table.h"

#define HEAD_LINES 4u
#define CELL_BYTES 640u

// What a terminal shows of UTF-8: bytes that begin a character.
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

// One line, without spaces at its end: *owed are those not printed yet.
static void put_padded(const char *text, int width, bool right, int *owed)
{
    int pad = width > width_of(text) ? width - width_of(text) : 0;
    if (right)
        *owed += pad;
    if (*text) {
        printf("%*s%s", *owed, "", text);
        *owed = 0;
    }
    if (!right)
        *owed += pad;
    *owed += 2; // between columns
}

static bool is_numeric(const struct aur_table *table, uint32_t column)
{
    if (*table->column[column].unit)
        return true;
    for (uint32_t row = 0; row < table->rows; row++)
        if (!aur_table_cell(table, row, column)->text && aur_table_cell(table, row, column)->unit)
            return true;
    return false;
}

static struct aur_scale scale_of(const struct aur_table *table, uint32_t column)
{
    double least = INFINITY, most = 0;
    for (uint32_t row = 0; row < table->rows; row++) {
        double value = fabs(aur_table_cell(table, row, column)->value);
        if (!isfinite(value))
            continue;
        most = value > most ? value : most;
        least = value > 0 && value < least ? value : least;
    }
    return aur_scale_for(table->column[column].unit, least < most ? least : most, most);
}

static void render(const struct aur_cell *cell, const struct aur_scale *scale, char *text)
{
    if (cell->text)
        snprintf(text, CELL_BYTES, "%s", cell->text);
    else if (isnan(cell->value))
        snprintf(text, CELL_BYTES, "-");
    else if (cell->unit)
        aur_quantity(cell->value, cell->unit, text, CELL_BYTES);
    else if (isfinite(cell->half) && cell->half > 0)
        snprintf(text, CELL_BYTES, "%.*f \xc2\xb1%.*f", scale->decimals,
                 cell->value / scale->divisor, scale->decimals, cell->half / scale->divisor);
    else
        snprintf(text, CELL_BYTES, "%.*f", scale->decimals, cell->value / scale->divisor);
    // What is rounded to nothing has no sign.
    size_t digits = strspn(text + (*text == '-'), "0.");
    if (*text == '-' && digits && text[1 + digits] == '\0')
        memmove(text, text + 1, digits + 1);
}

// The head of one column, words below each other, the unit in the last line.
struct head {
    char line[HEAD_LINES][40];
    uint32_t lines;
};

static void break_title(struct head *head, const char *title, const char *unit, int width)
{
    head->lines = 0;
    while (*title) {
        size_t length = strlen(title);
        // As much as fits beside what is already as wide; at least a word.
        while (length && (int)length > width && head->lines + 1 < HEAD_LINES - 1) {
            size_t shorter = length - 1;
            while (shorter && title[shorter] != ' ')
                shorter--;
            if (!shorter)
                break;
            length = shorter;
        }
        snprintf(head->line[head->lines++], sizeof head->line[0], "%.*s", (int)length, title);
        title += length;
        title += *title == ' ';
    }
    if (*unit)
        snprintf(head->line[head->lines++], sizeof head->line[0], "%s", unit);
}

static int longest_word(const char *title)
{
    int longest = 0;
    while (*title) {
        int length = (int)strcspn(title, " ");
        longest = length > longest ? length : longest;
        title += length;
        title += *title == ' ';
    }
    return longest;
}

struct layout {
    struct head head[AUR_TABLE_COLUMNS];
    struct aur_scale scale[AUR_TABLE_COLUMNS];
    int width[AUR_TABLE_COLUMNS];
    bool numeric[AUR_TABLE_COLUMNS];
    uint32_t lines;
};

static void lay_out(const struct aur_table *table, struct layout *layout)
{
    char text[CELL_BYTES];
    layout->lines = 0;
    for (uint32_t i = 0; i < table->columns; i++) {
        layout->numeric[i] = is_numeric(table, i);
        layout->scale[i] = scale_of(table, i);
        int width = longest_word(table->column[i].title);
        for (uint32_t row = 0; row < table->rows; row++) {
            render(aur_table_cell(table, row, i), &layout->scale[i], text);
            width = width_of(text) > width ? width_of(text) : width;
        }
        break_title(&layout->head[i], table->column[i].title, layout->scale[i].unit, width);
        for (uint32_t line = 0; line < layout->head[i].lines; line++) {
            int of_line = width_of(layout->head[i].line[line]);
            width = of_line > width ? of_line : width;
        }
        layout->width[i] = width;
        if (layout->head[i].lines > layout->lines)
            layout->lines = layout->head[i].lines;
    }
}

void aur_table_print_text(const struct aur_table *table)
{
    char text[CELL_BYTES];
    struct layout layout;

    lay_out(table, &layout);
    for (uint32_t line = 0; line < layout.lines; line++) {
        int owed = 0;
        for (uint32_t i = 0; i < table->columns; i++) {
            uint32_t above = layout.lines - layout.head[i].lines; // heads stand on the rows
            const char *words = line >= above ? layout.head[i].line[line - above] : "";
            put_padded(words, layout.width[i], layout.numeric[i], &owed);
        }
        putchar('\n');
    }
    for (uint32_t row = 0; row < table->rows; row++) {
        int owed = 0;
        for (uint32_t i = 0; i < table->columns; i++) {
            render(aur_table_cell(table, row, i), &layout.scale[i], text);
            put_padded(text, layout.width[i], layout.numeric[i], &owed);
        }
        putchar('\n');
    }
}
