/* What a hostile guest can try with a network interface. */
#include "probe.h"

MANIFEST(1, { .name = "service", .type = NET_BASIC });

#define SERVICE 1ul

/* To everybody, from an address nobody has, with an experimental type. */
static u8 frame[65536] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };

static u32 write_frame(u64 len)
{
    return (u32)net_write(SERVICE, frame, len);
}

static u32 read_into(u64 handle, void *data, u64 len)
{
    return (u32)net_read(handle, data, &len);
}

static void wait_for_frame(void)
{
    told("ready", poll_ns(10000000000ul));
}

static void good(void)
{
    told("ret", write_frame(60));
}

static void burst(void)
{
    for (int i = 0; i < 1000; i++)
        write_frame(1514);
}

static void handles(void)
{
    told("write0", (u32)net_write(0, frame, 60));
    told("write2", (u32)net_write(2, frame, 60));
    told("write64", (u32)net_write(64, frame, 60));
    told("read0", read_into(0, frame + 1024, 2048));
    told("read2", read_into(2, frame + 1024, 2048));
}

/* A tender that keeps 32 bits of the handle answers 0 here. */
static void wide(void)
{
    told("ret", (u32)net_write((1ul << 32) + SERVICE, frame, 60));
}

static void nothing(void)
{
    told("ret", read_into(SERVICE, frame + 1024, 2048));
}

/* A frame longer than the buffer is cut, and nothing behind it is touched. */
static void cut(void)
{
    static u8 small[32];
    small[16] = 0xa5;
    wait_for_frame();
    u64 len = 16;
    told("ret", (u32)net_read(SERVICE, small, &len));
    told("len", len);
    told("guard", small[16]);
}

static void blkcall(void)
{
    told("ret", (u32)block_read(SERVICE, 0, frame + 1024, 512));
}

static void shortframe(void)
{
    told("ret", write_frame(13));
}

static void empty(void)
{
    told("ret", write_frame(0));
}

static void longframe(void)
{
    told("ret", write_frame(sizeof frame));
}

static void neglen(void)
{
    told("ret", write_frame(FOR_EVER));
}

static void badptr(void)
{
    told("ret", (u32)net_write(SERVICE, (void *)0xffffffff0ul, 60));
}

static void readptr(void)
{
    told("ret", read_into(SERVICE, (void *)0xffffffff0ul, 2048));
}

static void readlen(void)
{
    told("ret", read_into(SERVICE, frame, FOR_EVER));
}

static void readtext(void)
{
    u64 before = *(volatile u64 *)text_start, len = 2048;
    wait_for_frame();
    told("ret", (u32)net_read(SERVICE, text_start, &len));
    told("len", len);
    told("changed", before != *(volatile u64 *)text_start);
}

static void rostruct(void)
{
    static const struct net call = { SERVICE, (u64)frame, 60, 9 };
    hypercall(NET_WRITE, &call);
    told("ret", *(const volatile u32 *)&call.ret);
}

#define P(NAME) { #NAME, NAME }
PROBES(P(good), P(burst), P(handles), P(wide), P(nothing), P(cut), P(blkcall), P(shortframe),
       P(empty), P(longframe), P(neglen), P(badptr), P(readptr), P(readlen), P(readtext),
       P(rostruct))
