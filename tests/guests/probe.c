/* What a hostile guest can try without a device. */
#include "probe.h"

MANIFEST(0);

static void rtext(void)
{
    told("byte", *(volatile u8 *)text_start);
}

static void wtext(void)
{
    *(volatile u8 *)text_start = 0x90;
}

static void wrodata(void)
{
    *(volatile u8 *)rodata_start = 1;
}

static void fault(void)
{
    __asm__ volatile("movq $1, 8" : : : "memory");
}

static void wboot(void)
{
    *(volatile u8 *)(u64)boot->command_line = 'X';
}

static void beyond(void)
{
    told("value", *(volatile u64 *)(boot->mem_size + 4096));
}

static void xdata(void)
{
    static volatile u8 ret[1];
    ret[0] = 0xc3;
    ((void (*)(void))(u64)ret)();
}

static void ud2(void)
{
    __asm__ volatile("ud2");
}

static void hlt(void)
{
    __asm__ volatile("hlt");
}

#if TARGET == TARGET_SPT

static void badsys(void)
{
    told("getpid", (u64)sys(39, 0, 0, 0, 0, 0, 0));
}

static void badfd(void)
{
    told("ret", (u64)sys(SYS_WRITE, 2, (u64)boot->command_line, 1, 0, 0, 0));
}

#define P(NAME) { #NAME, NAME }
PROBES(P(rtext), P(wtext), P(wrodata), P(fault), P(wboot), P(beyond), P(xdata), P(ud2), P(hlt),
       P(badsys), P(badfd))

#else

static void out32(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static void triple(void)
{
    struct { u16 limit; u64 base; } __attribute__((packed)) idt = { 0, 0 };
    __asm__ volatile("lidt %0; ud2" : : "m"(idt));
}

static void badport(void)
{
    out32(0x3f8, 0);
}

static void outb(void)
{
    __asm__ volatile("outb %0, %1" : : "a"((u8)65), "d"((u16)0x3f8));
}

static void outw(void)
{
    __asm__ volatile("outw %0, %1" : : "a"((u16)0x1000), "d"((u16)0x502));
}

static void outs(void)
{
    static const u32 three[3] = { 1, 2, 3 };
    const u32 *from = three;
    u64 count = 3;
    __asm__ volatile("rep outsl" : "+S"(from), "+c"(count) : "d"((u16)0x502) : "memory");
}

static void inport(void)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "d"((u16)0x502));
    told("value", value);
}

static void badhc0(void)
{
    hypercall(0, boot);
}

static void badhc9(void)
{
    hypercall(9, boot);
}

static void kick(void)
{
    out32(0x600, 0);
}

static void badblk(void)
{
    told("ret", (u32)block_read(1, 0, line, 512));
}

static void badnet(void)
{
    told("ret", (u32)net_write(1, line, 60));
}

static void badptr(void)
{
    console((void *)0xffffffff0ul, 16);
}

static void wrapptr(void)
{
    console((void *)-8ul, 16);
}

static void wraplen(void)
{
    console(text_start, -(u64)text_start);
}

static void hugelen(void)
{
    console(text_start, boot->mem_size);
}

static void neglen(void)
{
    console(text_start, FOR_EVER);
}

static void ringptr(void)
{
    console((void *)boot->mem_size, 8);
}

static void nolen(void)
{
    console((void *)0x100000, 0);
}

static void edge(void)
{
    console((void *)(boot->mem_size - 4), 4);
}

static void inside(void)
{
    console((void *)(boot->mem_size - 4), 3);
}

static void lowmem(void)
{
    console((void *)0x1000, 24);
}

static void badstruct(void)
{
    out32(0x500 + PUTS, 0xfffffff0u);
}

static void cutstruct(void)
{
    out32(0x500 + WALLTIME, (u32)boot->mem_size - 4);
}

static void odd(void)
{
    static u8 space[24];
    hypercall(WALLTIME, space + 3);
    told("high", *(volatile u32 *)(space + 7));
}

static void timetext(void)
{
    hypercall(WALLTIME, text_start);
}

static void polltext(void)
{
    static const struct poll call = { 0, 0, 7 };
    hypercall(POLL, &call);
    told("ret", *(const volatile u32 *)&call.ret);
}

static void timeboot(void)
{
    hypercall(WALLTIME, boot->command_line);
    told("written", *(const volatile u64 *)boot->command_line);
}

static void pagetable(void)
{
    hypercall(WALLTIME, (void *)0x7ff8);
}

static void badhalt(void)
{
    out32(0x500 + HALT, 0xfffffff0u);
}

static void badcookie(void)
{
    volatile struct halt call = { 0xfffffffffffffff0ul, 7 };
    hypercall(HALT, &call);
}

static void bighalt(void)
{
    halt(0x12a);
}

static void forever(void)
{
    poll_ns(FOR_EVER);
}

static void sse(void)
{
    static const float four[4] __attribute__((aligned(16))) = { 2, 5, 3, 8 };
    __asm__ volatile("movaps %0, %%xmm1" : : "m"(four));
    say("  movaps");
    __asm__ volatile("mulps %xmm1, %xmm1");
    say("  mulps");
}

static void cpuid(void)
{
    u32 a = 0, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    told("leaves", a);
    told("vendor", (u64)d << 32 | b);
}

static void regs(void)
{
    struct { u16 limit; u64 base; } __attribute__((packed)) gdt, idt;
    u64 cr0, cr3, cr4, flags;
    u32 efer, high, cs, ss;
    __asm__ volatile("mov %%cr0, %0; mov %%cr3, %1; mov %%cr4, %2"
                     : "=r"(cr0), "=r"(cr3), "=r"(cr4));
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    __asm__ volatile("rdmsr" : "=a"(efer), "=d"(high) : "c"(0xc0000080));
    __asm__ volatile("mov %%cs, %0; mov %%ss, %1" : "=r"(cs), "=r"(ss));
    __asm__ volatile("sgdt %0; sidt %1" : "=m"(gdt), "=m"(idt));
    told("cr0", cr0);
    told("cr3", cr3);
    told("cr4", cr4);
    told("efer", efer);
    told("cs", cs);
    told("ss", ss);
    told("gdt", gdt.base);
    told("gdt_limit", gdt.limit);
    told("idt", idt.base);
    told("idt_limit", idt.limit);
    told("boot", (u64)boot);
    told("manifest", (u64)boot->manifest);
    told("command_line", (u64)boot->command_line);
    told("mem_size", boot->mem_size);
    told("kernel_end", boot->kernel_end);
    told("tsc_hz", boot->tsc_hz);
    told("host_features", boot->host_features);
    told("ring", boot->ring);
}

#define P(NAME) { #NAME, NAME }
PROBES(P(regs), P(cpuid), P(sse), P(rtext), P(wtext), P(wrodata), P(fault), P(wboot), P(beyond),
       P(xdata), P(ud2), P(triple), P(hlt), P(badport), P(outb), P(outw), P(outs), P(inport),
       P(badhc0), P(badhc9), P(kick), P(badblk), P(badnet), P(badptr), P(wrapptr), P(wraplen),
       P(hugelen), P(neglen), P(ringptr), P(nolen), P(edge), P(inside), P(lowmem), P(badstruct),
       P(cutstruct), P(odd), P(timetext), P(polltext), P(timeboot), P(pagetable), P(badhalt),
       P(badcookie), P(bighalt), P(forever))

#endif
