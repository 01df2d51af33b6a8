/* Writes a pattern to the device "storage", reads it back, tries its ends and what lies beyond. */
#include "text.h"

MANIFEST(1, { .name = "storage", .type = BLOCK_BASIC });

#define STORAGE 1ul
#define SECTOR_MAX 32768u

static u64 buffer[2 * SECTOR_MAX / 8];
static u32 failures;

static void expect(const char *what, s32 got, s32 wanted)
{
    text(got == wanted ? "ok   " : "FAIL ");
    text(what);
    if (got != wanted) {
        failures++;
        text(": ");
        number((u64)(u32)got);
        text(" instead of ");
        number((u64)(u32)wanted);
    }
    end_line();
}

static u64 pattern(u64 seed, u64 sector, u64 i)
{
    return (seed + 1) * 0x9e3779b97f4a7c15ul + (sector << 16) + i;
}

static void fill(u64 seed, u64 sector, u64 words)
{
    for (u64 i = 0; i < words; i++)
        buffer[i] = pattern(seed, sector, i);
}

static s32 differences(u64 seed, u64 sector, u64 words)
{
    s32 n = 0;
    for (u64 i = 0; i < words; i++)
        n += buffer[i] != pattern(seed, sector, i);
    return n;
}

static void write_sector(u64 seed, u64 sector, u64 size)
{
    fill(seed, sector, size / 8);
    expect("write", block_write(STORAGE, sector * size, buffer, size), RET_OK);
}

static void check_sector(u64 seed, u64 sector, u64 size)
{
    for (u64 i = 0; i < size / 8; i++)
        buffer[i] = 0;
    expect("read", block_read(STORAGE, sector * size, buffer, size), RET_OK);
    expect("same bytes", differences(seed, sector, size / 8), 0);
}

static void beyond(u64 capacity, u64 size)
{
    expect("write at the end refused",
           block_write(STORAGE, capacity, buffer, size), RET_EINVAL);
    expect("read at the end refused",
           block_read(STORAGE, capacity, buffer, size), RET_EINVAL);
    expect("write across the end refused",
           block_write(STORAGE, capacity - size, buffer, 2 * size), RET_EINVAL);
    expect("read across the end refused",
           block_read(STORAGE, capacity - size, buffer, 2 * size), RET_EINVAL);
    expect("offset near 2^64 refused",
           block_read(STORAGE, -size, buffer, size), RET_EINVAL);
    expect("handle 0 refused", block_read(0, 0, buffer, size), RET_EINVAL);
    expect("handle 2 refused", block_read(2, 0, buffer, size), RET_EINVAL);
}

static int guest_main(const char *words)
{
    u64 capacity = device(STORAGE)->u.block.capacity, size = device(STORAGE)->u.block.block_size;
    u64 sectors = capacity / size, seed = setting(words, "seed=", 0);
    u64 step = flag(words, "full") || sectors < 4 ? 1 : sectors / 3;
    sleep_ms(setting(words, "ms=", 0));
    text("storage: ");
    number(capacity);
    text(" bytes in sectors of ");
    number(size);
    end_line();
    if (!flag(words, "check")) {
        for (u64 s = 0; s < sectors; s += step)
            write_sector(seed, s, size);
        write_sector(seed, sectors - 1, size);
    }
    for (u64 s = 0; s < sectors; s += step)
        check_sector(seed, s, size);
    check_sector(seed, sectors - 1, size);
    beyond(capacity, size);
    say(failures == 0 ? "SUCCESS" : "FAILURE");
    return failures == 0 ? 0 : 2;
}
