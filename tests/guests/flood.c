/* Prints lines of len= characters as fast as it can, count= times or for ever. */
#include "text.h"

MANIFEST(0);

#define LEN_MAX 262144u
#define COUNTER 10u

static char row[LEN_MAX + 1];

static void count_up(u64 len)
{
    for (u64 i = len < COUNTER ? len : COUNTER; i-- > 0;) {
        if (row[i] != '9') {
            row[i]++;
            return;
        }
        row[i] = '0';
    }
}

/* raw: every byte but the line feed, to try readers that expect text. */
static char filler(u64 i, int raw)
{
    if (!raw)
        return (char)('a' + i % 26);
    return (char)(i % 255 < 10 ? i % 255 : i % 255 + 1);
}

static int guest_main(const char *words)
{
    u64 len = setting(words, "len=", 80), count = setting(words, "count=", 0);
    u64 wait = setting(words, "ms=", 0);
    int raw = flag(words, "raw"), no_lf = flag(words, "nolf");
    if (len > LEN_MAX)
        len = LEN_MAX;
    for (u64 i = 0; i < len; i++)
        row[i] = i < COUNTER ? '0' : filler(i - COUNTER, raw);
    row[len] = '\n';
    for (u64 n = 0; count == 0 || n < count; n++) {
        count_up(len);
        console(row, no_lf ? len : len + 1);
        if (wait > 0)
            sleep_ms(wait);
    }
    return (int)setting(words, "exit=", 0);
}
