/* What a hostile guest can try with a disk. */
#include "probe.h"

MANIFEST(1, { .name = "storage", .type = BLOCK_BASIC });

#define STORAGE 1ul

static u64 buffer[8192];

static u64 size(void)
{
    return device(STORAGE)->u.block.block_size;
}

static void handles(void)
{
    told("handle0", (u32)block_read(0, 0, buffer, size()));
    told("handle2", (u32)block_read(2, 0, buffer, size()));
    told("handle63", (u32)block_read(63, 0, buffer, size()));
    told("handle64", (u32)block_read(64, 0, buffer, size()));
    told("negative", (u32)block_read(FOR_EVER, 0, buffer, size()));
}

/* A tender that keeps 32 bits of the handle answers 0 here. */
static void wide(void)
{
    told("ret", (u32)block_read((1ul << 32) + STORAGE, 0, buffer, size()));
}

static void offsets(void)
{
    u64 capacity = device(STORAGE)->u.block.capacity;
    told("end", (u32)block_read(STORAGE, capacity, buffer, size()));
    told("beyond", (u32)block_read(STORAGE, capacity + 1, buffer, size()));
    told("across", (u32)block_read(STORAGE, capacity - size() + 1, buffer, size()));
    told("signed", (u32)block_read(STORAGE, 1ul << 63, buffer, size()));
    told("wrapped", (u32)block_read(STORAGE, -size(), buffer, size()));
    told("grow", (u32)block_write(STORAGE, capacity, buffer, size()));
}

static void odd(void)
{
    told("offset1", (u32)block_read(STORAGE, 1, buffer, size()));
    told("len7", (u32)block_read(STORAGE, 0, buffer, 7));
    told("len0", (u32)block_read(STORAGE, 0, buffer, 0));
}

static void neglen(void)
{
    told("ret", (u32)block_read(STORAGE, 0, buffer, FOR_EVER));
}

static void signlen(void)
{
    told("ret", (u32)block_read(STORAGE, 0, buffer, 1ul << 63));
}

static void badptr(void)
{
    told("ret", (u32)block_read(STORAGE, 0, (void *)0xffffffff0ul, size()));
}

static void wrapptr(void)
{
    told("ret", (u32)block_write(STORAGE, 0, (void *)-8ul, size()));
}

static void edge(void)
{
    told("ret", (u32)block_write(STORAGE, 0, (void *)(boot->mem_size - size()), size()));
}

static void cut(void)
{
    told("ret", (u32)block_read(STORAGE, 0, (void *)(boot->mem_size - size() + 8), size()));
}

static void readtext(void)
{
    told("ret", (u32)block_read(STORAGE, 0, text_start, size()));
}

static void readrodata(void)
{
    told("ret", (u32)block_read(STORAGE, 0, rodata_start, size()));
}

static void rostruct(void)
{
    static const struct block call = { STORAGE, 0, (u64)buffer, 512, 9 };
    hypercall(BLOCK_READ, &call);
    told("ret", *(const volatile u32 *)&call.ret);
}

/* The answer falls into the arguments of the call itself. */
static void overlap(void)
{
    static u64 call[64] = { STORAGE, 0, (u64)call, 512 };
    hypercall(BLOCK_READ, call);
    told("handle", call[0]);
    told("ret", *(volatile u32 *)&call[4]);
}

static void netcall(void)
{
    u64 len = size();
    told("ret", (u32)net_read(STORAGE, buffer, &len));
}

/* A page directory read from the disk maps what lies beyond the memory. */
static void pagetable(void)
{
    for (u64 i = 0; i < 512; i++)
        buffer[i] = i == 0 ? 0x8003 : i << 21 | 0x83;
    for (u64 at = 0; at < 4096; at += size())
        block_write(STORAGE, at, (u8 *)buffer + at, size());
    for (u64 at = 0; at < 4096; at += size())
        told("ret", (u32)block_read(STORAGE, at, (u8 *)0x4000 + at, size()));
    __asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
    told("value", *(volatile u64 *)(boot->mem_size + 0x200000));
}

#define P(NAME) { #NAME, NAME }
PROBES(P(handles), P(wide), P(offsets), P(odd), P(neglen), P(signlen), P(badptr), P(wrapptr),
       P(edge), P(cut), P(readtext), P(readrodata), P(rostruct), P(overlap), P(netcall),
       P(pagetable))
