/* Printing a line with one call, and reading the words of the command line. */
#ifndef TEXT_H
#define TEXT_H

#include "abi.h"

static char line[9216];
static u32 line_len;

static inline void flush(void)
{
    if (line_len > 0)
        console(line, line_len);
    line_len = 0;
}

static inline void put(char c)
{
    if (line_len == sizeof line)
        flush();
    line[line_len++] = c;
}

static inline void text(const char *s)
{
    while (*s)
        put(*s++);
}

static inline void digits(u64 value, u32 base, u32 width)
{
    char reversed[64];
    u32 n = 0;
    do {
        reversed[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0 || n < width);
    while (n > 0)
        put(reversed[--n]);
}

static inline void number(u64 value)
{
    digits(value, 10, 1);
}

static inline void hex(u64 value)
{
    text("0x");
    digits(value, 16, 1);
}

static inline void end_line(void)
{
    put('\n');
    flush();
}

static inline void say(const char *s)
{
    text(s);
    end_line();
}

/* What follows the word that begins with KEY, or 0: "ms=" finds 10 in "count=3 ms=10". */
static inline const char *word(const char *words, const char *key)
{
    for (int at_start = 1; *words; at_start = *words++ == ' ') {
        if (!at_start)
            continue;
        const char *a = words, *b = key;
        while (*b && *a == *b)
            a++, b++;
        if (!*b)
            return a;
    }
    return 0;
}

/* A word that stands alone. */
static inline int flag(const char *words, const char *key)
{
    const char *after = word(words, key);
    return after && (*after == 0 || *after == ' ');
}

static inline u64 decimal(const char **s)
{
    u64 value = 0;
    while (**s >= '0' && **s <= '9')
        value = value * 10 + (u64)(*(*s)++ - '0');
    return value;
}

static inline u64 setting(const char *words, const char *key, u64 otherwise)
{
    const char *s = word(words, key);
    return s ? decimal(&s) : otherwise;
}

#endif
