/* Prints a counted line every ms=, count= times or for ever. */
#include "text.h"

MANIFEST(0);

static int guest_main(const char *words)
{
    u64 ms = setting(words, "ms=", 1000), count = setting(words, "count=", 0);
    for (u64 n = 1; count == 0 || n <= count; n++) {
        if (n > 1)
            sleep_ms(ms);
        text("tick ");
        number(n);
        end_line();
    }
    return (int)setting(words, "exit=", 0);
}
