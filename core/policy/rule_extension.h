// Extension types: decimal, ipaddr, datetime, duration (Cedar/Spec/Ext/*.lean, ExtFun.lean).
#ifndef AURORA_POLICY_RULE_EXTENSION_H
#define AURORA_POLICY_RULE_EXTENSION_H

#include "policy/rule_value.h"

// name in Cedar, whether it is called as a method, values it takes (its receiver among them)
#define RULE_CALL_TABLE(X)                                                                         \
    X(DECIMAL, "decimal", false, 1)                                                                \
    X(IP, "ip", false, 1)                                                                          \
    X(DATETIME, "datetime", false, 1)                                                              \
    X(DURATION, "duration", false, 1)                                                              \
    X(LESS, "lessThan", true, 2)                                                                   \
    X(LESS_EQUAL, "lessThanOrEqual", true, 2)                                                      \
    X(GREATER, "greaterThan", true, 2)                                                             \
    X(GREATER_EQUAL, "greaterThanOrEqual", true, 2)                                                \
    X(IS_IPV4, "isIpv4", true, 1)                                                                  \
    X(IS_IPV6, "isIpv6", true, 1)                                                                  \
    X(IS_LOOPBACK, "isLoopback", true, 1)                                                          \
    X(IS_MULTICAST, "isMulticast", true, 1)                                                        \
    X(IS_IN_RANGE, "isInRange", true, 2)                                                           \
    X(OFFSET, "offset", true, 2)                                                                   \
    X(DURATION_SINCE, "durationSince", true, 2)                                                    \
    X(TO_DATE, "toDate", true, 1)                                                                  \
    X(TO_TIME, "toTime", true, 1)                                                                  \
    X(TO_MILLISECONDS, "toMilliseconds", true, 1)                                                  \
    X(TO_SECONDS, "toSeconds", true, 1)                                                            \
    X(TO_MINUTES, "toMinutes", true, 1)                                                            \
    X(TO_HOURS, "toHours", true, 1)                                                                \
    X(TO_DAYS, "toDays", true, 1)

enum rule_call {
    RULE_CALL_NONE,
#define X(id, name, method, takes) RULE_CALL_##id,
    RULE_CALL_TABLE(X)
#undef X
    RULE_CALLS
};

// The function of that name and style, or NONE.
enum rule_call aur_rule_call_named(const char *name, size_t size, bool method);
uint32_t aur_rule_call_takes(enum rule_call call);

// What a constructor makes of a string; an address into *ip, for the caller to place. False: the
// string is not of its form.
bool aur_rule_construct(enum rule_call constructor, const char *text, size_t size,
                        struct aur_rule_value *made, struct rule_ip *ip);

// Applies a method to the values it takes. Answers an enum aur_rule_error_kind; for TYPE,
// *wanted is the kind that value number *wrong should have.
uint32_t aur_rule_apply(const struct rule_bases *bases, enum rule_call method,
                        const struct aur_rule_value *values, struct aur_rule_value *made,
                        uint32_t *wanted, uint32_t *wrong);

bool aur_rule_parse_ip(const char *text, size_t size, struct rule_ip *ip);
bool aur_rule_parse_datetime(const char *text, size_t size, int64_t *ms);
bool aur_rule_parse_duration(const char *text, size_t size, int64_t *ms);
bool aur_rule_ip_in_range(const struct rule_ip *inner, const struct rule_ip *outer);

// Decimal digits at *at, at least `least` and at most `most`, into *number; false if there are none
// or they pass UINT64_MAX.
bool aur_rule_digits(const char *text, size_t size, size_t *at, size_t least, size_t most,
                     uint64_t *number);

#endif
