/* Runs the probes named on the command line, in the order of the table. */
#ifndef PROBE_H
#define PROBE_H

#include "text.h"

struct probe {
    const char *name;
    void (*run)(void);
};

static inline void told(const char *what, u64 value)
{
    text("  ");
    text(what);
    put('=');
    hex(value);
    end_line();
}

/* A tender that must stop the guest leaves "probe NAME" as the last line. */
static inline int run_probes(const struct probe *probes, u64 count, const char *words)
{
    for (u64 i = 0; i < count; i++) {
        if (!flag(words, probes[i].name))
            continue;
        text("probe ");
        say(probes[i].name);
        probes[i].run();
        text("survived ");
        say(probes[i].name);
    }
    return (int)setting(words, "exit=", 0);
}

#define PROBES(...)                                                                   \
    static int guest_main(const char *words)                                          \
    {                                                                                 \
        static const struct probe probes[] = { __VA_ARGS__ };                         \
        return run_probes(probes, sizeof probes / sizeof probes[0], words);           \
    }

#endif
