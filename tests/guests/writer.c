/* Writes every sector of the device "storage" once, says so, and sleeps. */
#include "text.h"

MANIFEST(1, { .name = "storage", .type = BLOCK_BASIC });

#define STORAGE 1ul
#define SECTOR_MAX 32768u

static u64 buffer[SECTOR_MAX / 8];

static int guest_main(const char *words)
{
    u64 capacity = device(STORAGE)->u.block.capacity, size = device(STORAGE)->u.block.block_size;
    sleep_ms(setting(words, "ms=", 0));
    for (u64 at = 0; at + size <= capacity; at += size) {
        buffer[0] = at + 1;
        if (block_write(STORAGE, at, buffer, size) != RET_OK) {
            say("FAILURE");
            return 2;
        }
    }
    text("wrote ");
    number(capacity);
    text(" bytes");
    end_line();
    for (;;)
        sleep_ms(1000);
}
