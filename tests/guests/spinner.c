/* Takes all the processor time it is given, for ever. */
#include "text.h"

MANIFEST(0);

__attribute__((noreturn)) static void spin(void)
{
    for (volatile u64 turns = 0;; turns++)
        ;
}

static int guest_main(const char *words)
{
    (void)words;
    say("spinning");
    spin();
}
