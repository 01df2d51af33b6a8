/* Answers ARP, ICMP echo and UDP port 7 on its one or two devices. */
#include "text.h"

#ifndef DEVICES
#define DEVICES 1
#endif

#if DEVICES == 1
MANIFEST(1, { .name = "service", .type = NET_BASIC });
#else
MANIFEST(2, { .name = "service", .type = NET_BASIC }, { .name = "private", .type = NET_BASIC });
#endif

#define FRAME_BYTES_MAX 16384u
#define ARP_BYTES 42u

/* Fields of a frame lie at any address. */
typedef u16 field16 __attribute__((aligned(1)));
typedef u32 field32 __attribute__((aligned(1)));

static u8 frame[FRAME_BYTES_MAX];
static u32 address[DEVICES + 1]; /* in network order, by handle */
static u64 answered;

static u16 be16(u16 v)
{
    return (u16)(v << 8 | v >> 8);
}

static field16 *at16(u32 offset)
{
    return (field16 *)(frame + offset);
}

static field32 *at32(u32 offset)
{
    return (field32 *)(frame + offset);
}

static void copy_mac(u8 *to, const u8 *from)
{
    *(field32 *)to = *(const field32 *)from;
    *(field16 *)(to + 4) = *(const field16 *)(from + 4);
}

static void swap32(field32 *a, field32 *b)
{
    u32 keep = *a;
    *a = *b;
    *b = keep;
}

static u32 ipv4(const char *s)
{
    u32 value = 0;
    for (int i = 0; i < 4; i++) {
        value |= ((u32)decimal(&s) & 255) << (8 * i);
        if (*s == '.')
            s++;
    }
    return value;
}

static void address_frame_back(u64 handle)
{
    copy_mac(frame, frame + 6);
    copy_mac(frame + 6, device(handle)->u.net.mac);
}

static void announce(u64 handle)
{
    static const u8 head[22] = { 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0,
                                 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
    for (u32 i = 0; i < sizeof head; i++)
        frame[i] = head[i];
    copy_mac(frame + 6, device(handle)->u.net.mac);
    copy_mac(frame + 22, device(handle)->u.net.mac);
    *at32(28) = address[handle];
    copy_mac(frame + 32, head + 6);
    *at32(38) = address[handle];
    net_write(handle, frame, ARP_BYTES);
}

static const char *answer_arp(u64 handle, u64 len)
{
    if (len < ARP_BYTES || *at16(20) != be16(1) || *at32(38) != address[handle])
        return 0;
    address_frame_back(handle);
    *at16(20) = be16(2);
    copy_mac(frame + 32, frame + 22);
    *at32(38) = *at32(28);
    copy_mac(frame + 22, device(handle)->u.net.mac);
    *at32(28) = address[handle];
    net_write(handle, frame, ARP_BYTES);
    return "arp";
}

/* Swapped addresses and ports leave a checksum as it is; type 8 to 0 adds 0x0800 to it. */
static const char *answer_ip(u64 handle, u64 len)
{
    u32 body = 14 + (frame[14] & 15u) * 4;
    const char *what;
    if (len < body + 8 || frame[14] >> 4 != 4 || body < 34 || *at32(30) != address[handle]
        || (*at16(20) & be16(0x3fff)) != 0)
        return 0;
    if (frame[23] == 1 && frame[body] == 8) {
        u32 sum = be16(*at16(body + 2)) + 0x0800u;
        *at16(body + 2) = be16((u16)((sum & 0xffff) + (sum >> 16)));
        frame[body] = 0;
        what = "echo";
    } else if (frame[23] == 17 && *at16(body + 2) == be16(7)) {
        *at16(body + 2) = *at16(body);
        *at16(body) = be16(7);
        what = "udp";
    } else {
        return 0;
    }
    swap32(at32(26), at32(30));
    address_frame_back(handle);
    net_write(handle, frame, len);
    return what;
}

static const char *answer(u64 handle, u64 len)
{
    if (len < 34)
        return 0;
    if (*at16(12) == be16(0x0806))
        return answer_arp(handle, len);
    return *at16(12) == be16(0x0800) ? answer_ip(handle, len) : 0;
}

static void serve(u64 handle, int verbose)
{
    u64 len = sizeof frame;
    if (net_read(handle, frame, &len) != RET_OK)
        return;
    const char *what = answer(handle, len);
    if (!what)
        return;
    answered++;
    if (verbose) {
        text(device(handle)->name);
        text(": answered ");
        say(what);
    }
}

static void introduce(u64 handle)
{
    text("ready: ");
    text(device(handle)->name);
    text(" mac ");
    for (int i = 0; i < 6; i++) {
        if (i > 0)
            put(':');
        digits(device(handle)->u.net.mac[i], 16, 2);
    }
    text(" ip ");
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            put('.');
        number(address[handle] >> (8 * i) & 255);
    }
    text(" mtu ");
    number(device(handle)->u.net.mtu);
    end_line();
}

static int guest_main(const char *words)
{
    static const char *const keys[] = { "", "ip=", "ip2=" };
    static const char *const otherwise[] = { "", "10.0.0.2", "10.1.0.2" };
    u64 count = setting(words, "count=", 0);
    int verbose = flag(words, "verbose");
    for (u64 h = 1; h <= DEVICES; h++) {
        const char *given = word(words, keys[h]);
        address[h] = ipv4(given ? given : otherwise[h]);
        announce(h);
        introduce(h);
    }
    while (count == 0 || answered < count) {
        u64 ready = poll_ns(FOR_EVER);
        for (u64 h = 1; h <= DEVICES; h++)
            if (ready >> h & 1)
                serve(h, verbose);
    }
    text("answered ");
    number(answered);
    end_line();
    return (int)setting(words, "exit=", 0);
}
