// What the tests of the rt-app importer share: loading a text, and programs as text.
#ifndef AURORA_SIM_TESTS_RTAPP_CASES_H
#define AURORA_SIM_TESTS_RTAPP_CASES_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/run_tests.h"
#include "workload/rtapp.h"

// Loads JSON into workload, which is to be freed either way.
static inline bool load_bytes(struct aur_workload *workload, const char *bytes, size_t size,
                              struct aur_failure *failure)
{
    struct aur_document document;
    aur_document_init(&document, "f");
    aur_workload_init(workload);
    failure->text[0] = '\0';
    bool good = aur_document_read_json(&document, bytes, size, failure) &&
                aur_rtapp_load(workload, &document, failure);
    aur_document_free(&document);
    return good;
}

// The failure of a text, or "" if it loads.
static inline const char *failure_of(const char *text)
{
    static struct aur_failure failure;
    struct aur_workload workload;
    load_bytes(&workload, text, strlen(text), &failure);
    aur_workload_free(&workload);
    return failure.text;
}

static char program_text[65536];
static size_t program_size;

static inline void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    program_size += (size_t)vsnprintf(program_text + program_size,
                                      sizeof program_text - program_size, format, arguments);
    va_end(arguments);
}

static inline void say_object(const struct aur_workload *workload, uint32_t object)
{
    say(" %s", aur_workload_name(workload, workload->objects[object].name));
}

static inline void say_op(const struct aur_workload *workload, const struct aur_op *op)
{
    static const char *const texts[] = {
#define X(name, text) text,
        AUR_OP_TABLE(X)
#undef X
    };
    say("%s", texts[op->code]);
    switch (op->code) {
    case AUR_OP_TIMER:
        say(" %s%u%s", op->flags & AUR_OP_UNIQUE ? "own" : "shared", op->object,
            op->flags & AUR_OP_ABSOLUTE ? " absolute" : "");
        if (op->deadline_ns)
            say(" deadline=%" PRIu64, op->deadline_ns);
        // fall through
    case AUR_OP_RUN:
    case AUR_OP_RUNTIME:
    case AUR_OP_SLEEP:
    case AUR_OP_MEM:
    case AUR_OP_IORUN:
        say(op->flags & AUR_OP_DRAW ? " draw%" PRIu64 : " %" PRIu64, op->value);
        break;
    case AUR_OP_LOOP:
        if (op->value == AUR_LOOP_FOREVER)
            say(" ever");
        else
            say(" %" PRIu64, op->value);
        break;
    case AUR_OP_SET_AFFINITY:
        say(" %" PRIx64, op->value);
        break;
    case AUR_OP_SET_KIND:
        say(" %u/%d/%u", op->object & 0xff, (int)(op->object >> 8 & 0xff) - 20, op->object >> 16);
        break;
    case AUR_OP_SET_DL:
        say(" %" PRIu64 "/%" PRIu64 "/%u", op->value, op->deadline_ns, op->other);
        break;
    case AUR_OP_SET_GROUP:
        say(" %s",
            op->object ? aur_workload_name(workload, workload->groups[op->object - 1].name) : "/");
        break;
    case AUR_OP_FORK:
        say(" %s", aur_workload_name(workload, workload->specs[op->object].name));
        break;
    case AUR_OP_WAIT:
        say_object(workload, op->object);
        if (op->other != AUR_NONE)
            say_object(workload, op->other);
        break;
    case AUR_OP_LOCK:
    case AUR_OP_UNLOCK:
    case AUR_OP_SIGNAL:
    case AUR_OP_BROADCAST:
    case AUR_OP_BARRIER:
    case AUR_OP_DOWN:
    case AUR_OP_UP:
        say_object(workload, op->object);
        break;
    default:
        break;
    }
}

// The program of a spec: "loop ever; run 1000; end; exit".
static inline const char *program_of(const struct aur_workload *workload, uint32_t spec)
{
    program_size = 0;
    for (uint32_t i = workload->specs[spec].entry;; i++) {
        say_op(workload, &workload->ops[i]);
        if (workload->ops[i].code == AUR_OP_EXIT)
            return program_text;
        say("; ");
    }
}

// The program of the first task of {"tasks": {text}}, or the failure.
static inline const char *program(const char *text)
{
    static struct aur_failure failure;
    struct aur_workload workload;
    char file[8000];
    snprintf(file, sizeof file, "{\"tasks\": {%s}}", text);
    const char *result = load_bytes(&workload, file, strlen(file), &failure)
                             ? program_of(&workload, 0)
                             : failure.text;
    aur_workload_free(&workload);
    return result;
}

#endif
