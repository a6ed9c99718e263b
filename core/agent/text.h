// The assembler's reader: one statement at a time, as words.
#ifndef AURORA_AGENT_TEXT_H
#define AURORA_AGENT_TEXT_H

#include <aurora/assembler.h>

#define AUR_WORDS 32u // of one statement

enum aur_word_kind {
    AUR_WORD_END, // of the statement
    AUR_WORD_NAME,
    AUR_WORD_NUMBER,
    AUR_WORD_SIGN // operators and brackets, the longest that fit: "s>>=" is one
};

struct aur_word {
    enum aur_word_kind kind;
    uint32_t at, length; // in the text
    struct aur_text_place place;
    uint64_t value; // of a number
};

// Invariant: words[count] is the END.
struct aur_reader {
    const char *text;
    uint32_t length, at;
    struct aur_text_place place; // of `at`
    struct aur_word words[AUR_WORDS + 1];
    uint32_t count, next; // the next word to be taken
    struct aur_assembly *assembly;
};

// Reads the next statement that has words: false at the end of the text, or on an error.
bool aur_read_statement(struct aur_reader *reader);

static inline const struct aur_word *aur_word_here(const struct aur_reader *reader)
{
    return &reader->words[reader->next];
}

// So many words after the next one; the END if there are not so many.
static inline const struct aur_word *aur_word_ahead(const struct aur_reader *reader, uint32_t words)
{
    uint32_t at = reader->next + words;
    return &reader->words[at < reader->count ? at : reader->count];
}

bool aur_word_is(const struct aur_reader *reader, const struct aur_word *word, const char *text);
// Takes the next word if it is `text`.
bool aur_take(struct aur_reader *reader, const char *text);
// Takes the next word, which must be `text`.
bool aur_expect(struct aur_reader *reader, const char *text, const char *error);

// The failure, at the next word or at that one. Returns false.
bool aur_text_fail(struct aur_reader *reader, const char *error);
bool aur_text_fail_at(struct aur_reader *reader, struct aur_text_place place, const char *error);

// r0 to r10; `narrow`, if not NULL, also takes w0 to w10, and says which it was.
bool aur_take_register(struct aur_reader *reader, uint32_t *number, bool *narrow);
bool aur_is_register(const struct aur_reader *reader, const struct aur_word *word);
// A number with an optional sign that fits into 32 bits, signed or not; 64 bits; a jump's distance.
bool aur_take_immediate(struct aur_reader *reader, int32_t *value);
bool aur_take_wide(struct aur_reader *reader, uint64_t *value);
bool aur_take_offset(struct aur_reader *reader, int16_t *value);

// What a name stands for, once all labels are known.
enum aur_use {
    AUR_USE_OFFSET,    // a jump
    AUR_USE_IMMEDIATE, // a long jump
    AUR_USE_CALL,      // of a label, or else a helper
    AUR_USE_LOCAL_CALL
};

// A name, filled in at the end into the instruction that is put next.
bool aur_take_use(struct aur_reader *reader, enum aur_use kind);
// What a wide instruction loads: a number of 64 bits, a map that has been declared, by its name or
// as `map 0`, or a place among its values, `map 0 value 8`. Sets both halves but for the register.
bool aur_take_wide_operand(struct aur_reader *reader, struct aur_instruction halves[2]);

bool aur_put(struct aur_reader *reader, struct aur_instruction instruction);

// A register, or a number: sets X and the source register, or the immediate.
bool aur_take_operand(struct aur_reader *reader, bool narrow, struct aur_instruction *in);

// One statement of each syntax.
bool aur_assemble_mnemonic(struct aur_reader *reader);
bool aur_assemble_expression(struct aur_reader *reader);

#endif
