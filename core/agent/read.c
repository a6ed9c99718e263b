// Words of the assembler's text.
#include "agent/text.h"

#include "agent/isa.h"
#include "lib/memory.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct aur_reader *reader, uint32_t ahead)
{
    return reader->at + ahead < reader->length ? reader->text[reader->at + ahead] : '\0';
}

static void advance(struct aur_reader *reader)
{
    if (reader->text[reader->at++] == '\n') {
        reader->place.line++;
        reader->place.column = 1;
    } else {
        reader->place.column++;
    }
}

bool aur_text_fail_at(struct aur_reader *reader, struct aur_text_place place, const char *error)
{
    if (!reader->assembly->error) {
        reader->assembly->error = error;
        reader->assembly->place = place;
    }
    return false;
}

bool aur_text_fail(struct aur_reader *reader, const char *error)
{
    return aur_text_fail_at(reader, aur_word_here(reader)->place, error);
}

// Digits of base 10 or, after 0x, 16.
static bool read_number(struct aur_reader *reader, struct aur_word *word)
{
    uint64_t base = 10, value = 0;
    uint32_t digits = 0;
    if (peek(reader, 0) == '0' && (peek(reader, 1) | 0x20) == 'x') {
        base = 16;
        advance(reader);
        advance(reader);
    }
    for (;; digits++) {
        char c = peek(reader, 0), lower = c | 0x20;
        uint64_t digit = is_digit(c)                                  ? (uint64_t)(c - '0')
                         : base == 16 && lower >= 'a' && lower <= 'f' ? (uint64_t)(lower - 'a') + 10
                                                                      : base;
        if (digit >= base)
            break;
        if (value > (UINT64_MAX - digit) / base)
            return aur_text_fail_at(reader, word->place, "a number of more than 64 bits");
        value = value * base + digit;
        advance(reader);
    }
    if (digits == 0 || is_letter(peek(reader, 0)))
        return aur_text_fail_at(reader, word->place,
                                "a number is decimal, or hexadecimal after 0x");
    word->kind = AUR_WORD_NUMBER;
    word->value = value;
    return true;
}

// Operators of more than one sign, the longest first. Those that begin with s are signed ones.
static const char *const operators[] = {
    "s>>=", "s>=", "s<=", "s/=", "s%=", "<<=", ">>=", "s>", "s<", "==", "!=",
    ">=",   "<=",  "+=",  "-=",  "*=",  "/=",  "%=",  "|=", "&=", "^="};

static uint32_t operator_length(const struct aur_reader *reader)
{
    for (uint32_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        uint32_t length = 0;
        while (operators[i][length] && operators[i][length] == peek(reader, length))
            length++;
        if (!operators[i][length])
            return length;
    }
    return 0;
}

static bool read_word(struct aur_reader *reader)
{
    struct aur_word *word = &reader->words[reader->count];
    *word = (struct aur_word){.at = reader->at, .place = reader->place};
    char c = peek(reader, 0);
    uint32_t length = operator_length(reader);
    if (length == 0 && is_digit(c)) {
        if (!read_number(reader, word))
            return false;
    } else if (length == 0 && is_letter(c)) {
        word->kind = AUR_WORD_NAME;
        while (is_letter(peek(reader, 0)) || is_digit(peek(reader, 0)))
            advance(reader);
    } else if (length == 0 && (c < ' ' || c > '~')) {
        return aur_text_fail_at(reader, reader->place, "no sign that an instruction may have");
    } else {
        word->kind = AUR_WORD_SIGN;
        for (length = length ? length : 1; length > 0; length--)
            advance(reader);
    }
    word->length = reader->at - word->at;
    if (c == '%' && word->length == 1 && is_letter(peek(reader, 0)))
        return true; // before a register: it says nothing
    if (++reader->count > AUR_WORDS)
        return aur_text_fail_at(reader, word->place, "more words than any instruction has");
    return true;
}

bool aur_read_statement(struct aur_reader *reader)
{
    reader->count = 0;
    reader->next = 0;
    bool at_line_start = reader->place.column == 1;
    while (reader->at < reader->length) {
        char c = peek(reader, 0);
        bool comment =
            c == '#' || (c == '/' && peek(reader, 1) == '/') || (c == ';' && at_line_start);
        if (comment) {
            while (reader->at < reader->length && peek(reader, 0) != '\n')
                advance(reader);
        } else if (c == '\n' || c == ';') {
            advance(reader);
            at_line_start = c == '\n';
            if (reader->count > 0)
                break;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            advance(reader);
        } else {
            at_line_start = false;
            if (!read_word(reader))
                return false;
        }
    }
    reader->words[reader->count] = (struct aur_word){.at = reader->at, .place = reader->place};
    if (reader->count > 0) { // the end is right behind the last word
        const struct aur_word *last = &reader->words[reader->count - 1];
        reader->words[reader->count].place =
            (struct aur_text_place){last->place.line, last->place.column + last->length};
    }
    return reader->count > 0;
}

bool aur_word_is(const struct aur_reader *reader, const struct aur_word *word, const char *text)
{
    if (word->kind == AUR_WORD_END)
        return false;
    for (uint32_t i = 0; i < word->length; i++)
        if (text[i] == '\0' || reader->text[word->at + i] != text[i])
            return false;
    return text[word->length] == '\0';
}

bool aur_take(struct aur_reader *reader, const char *text)
{
    bool is = aur_word_is(reader, aur_word_here(reader), text);
    reader->next += is;
    return is;
}

bool aur_expect(struct aur_reader *reader, const char *text, const char *error)
{
    return aur_take(reader, text) || aur_text_fail(reader, error);
}

// The number of a register's name, or NONE.
static uint32_t register_of(const struct aur_reader *reader, const struct aur_word *word)
{
    const char *name = reader->text + word->at;
    if (word->kind != AUR_WORD_NAME || (name[0] != 'r' && name[0] != 'w') || word->length < 2 ||
        word->length > 3 || !is_digit(name[1]) || (word->length == 3 && !is_digit(name[2])))
        return AUR_NONE;
    uint32_t number = (uint32_t)(name[1] - '0');
    if (word->length == 3)
        number = number * 10 + (uint32_t)(name[2] - '0');
    return number < AUR_BPF_REGISTERS ? number : AUR_NONE;
}

bool aur_is_register(const struct aur_reader *reader, const struct aur_word *word)
{
    return register_of(reader, word) != AUR_NONE;
}

bool aur_take_register(struct aur_reader *reader, uint32_t *number, bool *narrow)
{
    const struct aur_word *word = aur_word_here(reader);
    *number = register_of(reader, word);
    if (*number == AUR_NONE)
        return aur_text_fail(reader, "a register is expected: r0 to r10");
    bool is_narrow = reader->text[word->at] == 'w';
    if (is_narrow && !narrow)
        return aur_text_fail(reader, "a whole register is expected: r0 to r10");
    if (narrow)
        *narrow = is_narrow;
    reader->next++;
    return true;
}

bool aur_take_wide(struct aur_reader *reader, uint64_t *value)
{
    bool negative = aur_take(reader, "-");
    if (!negative)
        aur_take(reader, "+");
    const struct aur_word *word = aur_word_here(reader);
    if (word->kind != AUR_WORD_NUMBER)
        return aur_text_fail(reader, "a number is expected");
    if (negative && word->value > 1ull << 63)
        return aur_text_fail(reader, "a number of more than 64 bits");
    *value = negative ? 0 - word->value : word->value;
    reader->next++;
    return true;
}

bool aur_take_immediate(struct aur_reader *reader, int32_t *value)
{
    const struct aur_word *word = aur_word_here(reader);
    uint64_t wide;
    if (!aur_take_wide(reader, &wide))
        return false;
    // 0xfffffffffffffff0 is -16, too.
    if (wide > UINT32_MAX && ((int64_t)wide >= 0 || (int64_t)wide < INT32_MIN))
        return aur_text_fail_at(reader, word->place,
                                "an immediate has 32 bits: load a longer one with lddw");
    *value = (int32_t)(uint32_t)wide;
    return true;
}

bool aur_take_offset(struct aur_reader *reader, int16_t *value)
{
    const struct aur_word *word = aur_word_here(reader);
    uint64_t wide;
    if (!aur_take_wide(reader, &wide))
        return false;
    if ((int64_t)wide < INT16_MIN || (int64_t)wide > INT16_MAX)
        return aur_text_fail_at(reader, word->place, "an offset is -32768 to 32767");
    *value = (int16_t)wide;
    return true;
}

bool aur_take_operand(struct aur_reader *reader, bool narrow, struct aur_instruction *in)
{
    if (!aur_is_register(reader, aur_word_here(reader)))
        return aur_take_immediate(reader, &in->immediate);
    uint32_t from;
    bool is_narrow;
    struct aur_text_place place = aur_word_here(reader)->place;
    aur_take_register(reader, &from, &is_narrow);
    if (is_narrow && !narrow)
        return aur_text_fail_at(reader, place, "both registers are r, or both are w");
    in->opcode |= AUR_BPF_X;
    in->registers |= (uint8_t)(from << 4);
    return true;
}
