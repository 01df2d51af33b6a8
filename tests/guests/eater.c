/* Touches mb= MiB of its memory, step= at a time with ms= between, and keeps them. */
#include "text.h"

MANIFEST(0);

#define MIB 1048576ul
#define STACK_BYTES 65536ul

static void touch(u64 from, u64 to)
{
    for (u64 page = from; page < to; page += 4096)
        *(volatile u64 *)page = page;
}

static int guest_main(const char *words)
{
    u64 heap = (u64)end_of_image;
    u64 most = (boot->mem_size - STACK_BYTES - heap) / MIB;
    u64 mb = setting(words, "mb=", most), step = setting(words, "step=", 1);
    u64 ms = setting(words, "ms=", 0);
    if (mb > most)
        mb = most;
    if (step == 0)
        step = 1;
    for (u64 done = 0; done < mb;) {
        u64 next = mb - done < step ? mb : done + step;
        touch(heap + done * MIB, heap + next * MIB);
        done = next;
        text("touched ");
        number(done);
        say(" MiB");
        if (ms > 0)
            sleep_ms(ms);
    }
    text("holding ");
    number(mb);
    say(" MiB");
    if (flag(words, "leave"))
        return (int)setting(words, "exit=", 0);
    sleep_for_ever();
}
