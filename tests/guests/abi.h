/* What a guest needs of the Solo5 ABI, for the hvt and the spt tender, on x86_64 only.
   A guest defines guest_main() and one MANIFEST; everything else is here and in text.h. */
#ifndef ABI_H
#define ABI_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int s32;

#define TARGET_HVT 1
#define TARGET_SPT 2
#ifndef TARGET
#define TARGET TARGET_HVT
#endif
#ifndef ABI_VERSION
#define ABI_VERSION 2
#endif

#define RET_OK 0
#define RET_AGAIN 1
#define RET_EINVAL 2
#define RET_EUNSPEC 3
#define FOR_EVER (~0ul)

/* ---- notes ---- */

#define BLOCK_BASIC 1u
#define NET_BASIC 2u
#define RESERVED_FIRST (1u << 30)

struct device {
    char name[68];
    u32 type;
    union {
        struct { u64 capacity; u16 block_size; } block;
        struct { u8 mac[6]; u16 mtu; } net;
        u64 words[2];
    } u;
    s32 fd; /* spt only */
    u32 pad0;
    u8 attached;
    u8 pad1[7];
};
_Static_assert(sizeof(struct device) == 104, "manifest entry");

struct manifest {
    u32 version, entries;
    struct device device[];
};

/* COUNT devices follow; the first has handle 1. The four bytes of pad belong to the descriptor. */
#define MANIFEST(COUNT, ...)                                                                   \
    __attribute__((section(".note.solo5.manifest"), used, aligned(4))) static const struct {   \
        u32 namesz, descsz, type;                                                              \
        char owner[8];                                                                         \
        u32 pad, version, entries;                                                             \
        struct device device[1 + (COUNT)];                                                     \
    } __attribute__((packed)) manifest_note = {                                                \
        6, 12 + 104 * (1 + (COUNT)), 0x3154464d, "Solo5", 0, 1, 1 + (COUNT),                   \
        { { .name = "", .type = RESERVED_FIRST }, ##__VA_ARGS__ }                              \
    }

__attribute__((section(".note.solo5.abi"), used, aligned(4))) static const struct {
    u32 namesz, descsz, type;
    char owner[8];
    u32 target, version, reserved[2];
} abi_note = { 6, 16, 0x31494241, "Solo5", TARGET, ABI_VERSION, { 0, 0 } };

/* The host's kernel must not be able to execute a guest. */
__attribute__((section(".interp"), used)) static const char interp[] = "/nonexistent/guest/";

/* ABI 1 loads .bss only as the tail of a segment that has bytes in the file. */
__attribute__((section(".data"), used)) static u32 data_is_not_empty = 1;

/* ---- start ---- */

struct boot_info {
    u64 mem_size, kernel_end;
#if TARGET == TARGET_HVT
    u64 tsc_hz;
#endif
    const char *command_line;
    const struct manifest *manifest;
#if TARGET == TARGET_HVT
    u32 host_features, guest_features;
    u64 ring;
#else
    s32 epoll_fd, timer_fd;
#endif
};

static const struct boot_info *boot;
extern u8 text_start[], rodata_start[], end_of_image[];

static inline const struct device *device(u64 handle)
{
    return &boot->manifest->device[handle];
}

/* ---- calls ---- */

#if TARGET == TARGET_HVT

enum { WALLTIME = 1, PUTS, POLL, BLOCK_WRITE, BLOCK_READ, NET_WRITE, NET_READ, HALT };

struct walltime { u64 ns; };
struct puts { u64 data, len; };
struct poll { u64 timeout, ready; s32 ret; };
struct block { u64 handle, offset, data, len; s32 ret; };
struct net { u64 handle, data, len; s32 ret; };
struct halt { u64 cookie; s32 status; };

static inline void hypercall(int number, const volatile void *argument)
{
    __asm__ volatile("outl %0, %1"
                     : : "a"((u32)(u64)argument), "d"((u16)(0x500 + number)) : "memory");
}

static inline void console(const void *data, u64 len)
{
    volatile struct puts call = { (u64)data, len };
    hypercall(PUTS, &call);
}

static inline u64 wall_ns(void)
{
    volatile struct walltime call = { 0 };
    hypercall(WALLTIME, &call);
    return call.ns;
}

/* The handles that can be read, as bits; 0 when the time was over. */
static inline u64 poll_ns(u64 timeout)
{
    volatile struct poll call = { timeout, 0, 0 };
    hypercall(POLL, &call);
    return call.ret > 0 ? call.ready : 0;
}

static inline s32 block_call(int number, u64 handle, u64 offset, const void *data, u64 len)
{
    volatile struct block call = { handle, offset, (u64)data, len, -1 };
    hypercall(number, &call);
    return call.ret;
}

static inline s32 block_write(u64 handle, u64 offset, const void *data, u64 len)
{
    return block_call(BLOCK_WRITE, handle, offset, data, len);
}

static inline s32 block_read(u64 handle, u64 offset, void *data, u64 len)
{
    return block_call(BLOCK_READ, handle, offset, data, len);
}

static inline s32 net_write(u64 handle, const void *data, u64 len)
{
    volatile struct net call = { handle, (u64)data, len, -1 };
    hypercall(NET_WRITE, &call);
    return call.ret;
}

static inline s32 net_read(u64 handle, void *data, u64 *len)
{
    volatile struct net call = { handle, (u64)data, *len, -1 };
    hypercall(NET_READ, &call);
    *len = call.len;
    return call.ret;
}

__attribute__((noreturn)) static inline void halt(s32 status)
{
    volatile struct halt call = { 0, status };
    hypercall(HALT, &call);
    for (;;)
        ;
}

#else /* spt: the guest is a process whose system calls are filtered */

enum { SYS_READ = 0, SYS_WRITE = 1, SYS_PREAD = 17, SYS_PWRITE = 18,
       SYS_CLOCK_GETTIME = 228, SYS_EXIT_GROUP = 231, SYS_EPOLL_PWAIT = 281 };

static inline long sys(long number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register u64 r10 __asm__("r10") = d;
    register u64 r8 __asm__("r8") = e;
    register u64 r9 __asm__("r9") = f;
    long ret;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}

__attribute__((noreturn)) static inline void halt(s32 status)
{
    sys(SYS_EXIT_GROUP, (u64)status, 0, 0, 0, 0, 0);
    for (;;)
        ;
}

static inline void console(const void *data, u64 len)
{
    while (len > 0) {
        long n = sys(SYS_WRITE, 1, (u64)data, len, 0, 0, 0);
        if (n <= 0)
            halt(255);
        data = (const u8 *)data + n;
        len -= (u64)n;
    }
}

static inline u64 wall_ns(void)
{
    u64 now[2] = { 0, 0 };
    sys(SYS_CLOCK_GETTIME, 0, (u64)now, 0, 0, 0, 0);
    return now[0] * 1000000000ul + now[1];
}

/* epoll's own timeout will do: the timer descriptor is only for shorter times than 1 ms. */
static inline u64 poll_ns(u64 timeout)
{
    struct { u32 events; u64 data; } __attribute__((packed)) event[64];
    u64 ready = 0, ms = timeout / 1000000ul + (timeout % 1000000ul != 0);
    s32 wait = timeout == FOR_EVER ? -1 : ms > 0x7fffffff ? 0x7fffffff : (s32)ms;
    long n = sys(SYS_EPOLL_PWAIT, (u64)boot->epoll_fd, (u64)event, 64, (u64)wait, 0, 8);
    for (long i = 0; i < n; i++)
        if (event[i].data < 64)
            ready |= 1ul << event[i].data;
    return ready;
}

/* The filter kills what is out of range, so the guest has to look first. */
static inline int block_refused(u64 handle, u64 offset, u64 len)
{
    if (handle == 0 || handle >= boot->manifest->entries || device(handle)->type != BLOCK_BASIC)
        return 1;
    u64 sector = device(handle)->u.block.block_size, capacity = device(handle)->u.block.capacity;
    return len != sector || offset > capacity - sector;
}

static inline s32 block_write(u64 handle, u64 offset, const void *data, u64 len)
{
    if (block_refused(handle, offset, len))
        return RET_EINVAL;
    long n = sys(SYS_PWRITE, (u64)device(handle)->fd, (u64)data, len, offset, 0, 0);
    return n == (long)len ? RET_OK : RET_EUNSPEC;
}

static inline s32 block_read(u64 handle, u64 offset, void *data, u64 len)
{
    if (block_refused(handle, offset, len))
        return RET_EINVAL;
    long n = sys(SYS_PREAD, (u64)device(handle)->fd, (u64)data, len, offset, 0, 0);
    return n == (long)len ? RET_OK : RET_EUNSPEC;
}

static inline s32 net_write(u64 handle, const void *data, u64 len)
{
    long n = sys(SYS_WRITE, (u64)device(handle)->fd, (u64)data, len, 0, 0, 0);
    return n == (long)len ? RET_OK : RET_EUNSPEC;
}

static inline s32 net_read(u64 handle, void *data, u64 *len)
{
    long n = sys(SYS_READ, (u64)device(handle)->fd, (u64)data, *len, 0, 0, 0);
    if (n <= 0)
        return RET_AGAIN;
    *len = (u64)n;
    return RET_OK;
}

#endif

static inline void sleep_ms(u64 ms)
{
    u64 until = wall_ns() + ms * 1000000ul, now;
    while ((now = wall_ns()) < until)
        poll_ns(until - now);
}

__attribute__((noreturn)) static inline void sleep_for_ever(void)
{
    for (;;)
        poll_ns(FOR_EVER);
}

/* The status the guest ends with, 0 to 255. */
static int guest_main(const char *words);

__attribute__((used, noreturn)) void _start(const struct boot_info *info);

void _start(const struct boot_info *info)
{
    boot = info;
    halt(guest_main(info->command_line));
}

#endif
