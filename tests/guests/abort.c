/* Ends as a guest does that gave up: 255, which tenders take for an abort. */
#include "text.h"

MANIFEST(0);

static int guest_main(const char *words)
{
    sleep_ms(setting(words, "ms=", 0));
    say("ABORT: asked to");
    return 255;
}
