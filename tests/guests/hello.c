/* Greets, repeats its command line, waits ms=, ends with exit=. */
#include "text.h"

MANIFEST(0);

static int guest_main(const char *words)
{
    say("Hello from a guest");
    text("command line: [");
    text(words);
    say("]");
    text("memory: ");
    number(boot->mem_size);
    text(" bytes, time: ");
    number(wall_ns() / 1000000000ul);
    end_line();
    sleep_ms(setting(words, "ms=", 0));
    return (int)setting(words, "exit=", 0);
}
