/* What a guest that owns its tender may try: every line is an attempt and its error number.
 * prisoner SUPERVISOR OTHER-PID OTHER-FILE READABLE WRITABLE SOCKET OTHER-TAP OWN-TAP */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <netinet/in.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *name, long result)
{
    printf("%s %d\n", name, result < 0 ? errno : 0);
    fflush(stdout);
}

static int attach(const char *tap)
{
    struct ifreq request;
    int fd = open("/dev/net/tun", O_RDWR);
    if (fd < 0)
        return -1;
    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    strncpy(request.ifr_name, tap, IFNAMSIZ - 1);
    return ioctl(fd, TUNSETIFF, &request);
}

static void files(char **argv)
{
    char path[64];
    tell("allowed-read", open(argv[4], O_RDONLY));
    tell("allowed-write", open(argv[5], O_RDWR));
    tell("file-of-other", open(argv[3], O_RDONLY));
    tell("file-of-other-stat", access(argv[3], F_OK));
    tell("file-passwd", open("/etc/passwd", O_RDONLY));
    tell("file-shadow", open("/etc/shadow", O_RDONLY));
    tell("file-proc", open("/proc/self/status", O_RDONLY));
    tell("file-sys", open("/sys/kernel", O_RDONLY));
    tell("file-cgroup", open("/sys/fs/cgroup", O_RDONLY));
    snprintf(path, sizeof path, "/proc/%s/mem", argv[1]);
    tell("file-memory-of-supervisor", open(path, O_RDWR));
    tell("file-image-write", open(argv[4], O_RDWR));
    tell("file-image-unlink", unlink(argv[4]));
    tell("file-image-chmod", chmod(argv[4], 0777));
    tell("file-create", open("/new", O_RDWR | O_CREAT, 0600));
    tell("file-create-beside", open("/lib/new", O_RDWR | O_CREAT, 0600));
    tell("file-mkdir", mkdir("/new", 0700));
    tell("file-device", mknod("/new", S_IFCHR | 0600, 0x101));
    tell("file-fifo", mknod("/new", S_IFIFO | 0600, 0));
    tell("file-devmem", open("/dev/mem", O_RDWR));
    tell("file-shell", execl("/bin/sh", "sh", (char *)0));
    tell("file-handle", syscall(SYS_open_by_handle_at, 0, 0, 0));
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0 && lseek(fd, 0, SEEK_CUR) < 0)
            tell("inherited-descriptor", 0);
}

/* Its block file is allowed-write: 64 KiB. */
static void block(char **argv)
{
    int fd = open(argv[5], O_RDWR);
    off_t size = lseek(fd, 0, SEEK_END);
    struct rlimit files;
    /* It comes just after the start. */
    for (int i = 0; i < 20000; i++) {
        getrlimit(RLIMIT_FSIZE, &files);
        if (files.rlim_max != RLIM_INFINITY)
            break;
        usleep(1000);
    }
    signal(SIGXFSZ, SIG_IGN);
    tell("allowed-block-end", pwrite(fd, "x", 1, size - 1));
    tell("block-grow", pwrite(fd, "x", 1, size));
    tell("block-truncate", ftruncate(fd, 0));
    tell("block-extend", ftruncate(fd, 1 << 30));
    tell("block-truncate-by-name", truncate(argv[5], 1 << 30));
    tell("block-allocate", fallocate(fd, 0, 0, 1 << 26));
    tell("block-sync-all", syscall(SYS_sync));
    tell("block-sync-disk", syncfs(fd));
}

static void udp(const char *other_tap)
{
    struct sockaddr_in to = {AF_INET, htons(9), {htonl(INADDR_LOOPBACK)}};
    struct iovec bytes = {"x", 1};
    struct msghdr message = {&to, sizeof to, &bytes, 1};
    struct ifreq request;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    tell("allowed-udp-socket", fd);
    tell("udp-send", sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to));
    tell("udp-send-cut", sendto(fd, "x", 1, 0, (struct sockaddr *)&to, 12));
    tell("udp-message", sendmsg(fd, &message, 0));
    tell("udp-write", write(fd, "x", 1));
    tell("udp-connect", connect(fd, (struct sockaddr *)&to, sizeof to));
    tell("udp-bind", bind(fd, (struct sockaddr *)&to, sizeof to));
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, other_tap, IFNAMSIZ - 1);
    tell("tap-of-other-down", ioctl(fd, SIOCSIFFLAGS, &request));
}

static void network(char **argv)
{
    int fds[2];
    tell("socket-unix", socket(AF_UNIX, SOCK_STREAM, 0));
    tell("socket-inet", socket(AF_INET, SOCK_STREAM, 0));
    tell("socket-inet6", socket(AF_INET6, SOCK_DGRAM, 0));
    tell("allowed-netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    tell("socket-netlink-other", socket(AF_NETLINK, SOCK_RAW, 15));
    udp(argv[7]);
    tell("socket-packet", socket(AF_PACKET, SOCK_RAW, 0));
    tell("socket-pair", socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    tell("socket-file", open(argv[6], O_RDWR));
    tell("tap-of-other", attach(argv[7]));
    tell("tap-new", attach("stolen0"));
    if (argv[8][0])
        tell("allowed-tap", attach(argv[8]));
}

static void processes(char **argv)
{
    int supervisor = atoi(argv[1]), other = atoi(argv[2]);
    char bytes[8];
    struct iovec here = {bytes, sizeof bytes}, there = {(void *)0x400000, sizeof bytes};
    struct rlimit limit = {1, 1};
    tell("kill-supervisor", kill(supervisor, 0));
    tell("kill-other", kill(other, SIGKILL));
    tell("kill-init", kill(1, SIGKILL));
    tell("kill-group", kill(-other, SIGKILL));
    tell("kill-pidfd", syscall(SYS_pidfd_open, other, 0));
    tell("ptrace-other", ptrace(PTRACE_ATTACH, other, 0, 0));
    tell("ptrace-supervisor", ptrace(PTRACE_SEIZE, supervisor, 0, 0));
    tell("memory-of-other", process_vm_readv(other, &here, 1, &there, 1, 0));
    tell("memory-of-supervisor", process_vm_writev(supervisor, &here, 1, &there, 1, 0));
    tell("priority-of-other", setpriority(PRIO_PROCESS, other, 10));
    tell("priority-up", setpriority(PRIO_PROCESS, 0, -5));
    tell("limit-of-other", prlimit(other, RLIMIT_NOFILE, &limit, 0));
    tell("shm", shmget(IPC_PRIVATE, 4096, IPC_CREAT));
    tell("kcmp", syscall(SYS_kcmp, supervisor, other, 0, 0, 0));
}

static int nothing(void *unused) { return unused != 0; }

static void privileges(void)
{
    static char stack[65536];
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2], all[2];
    memset(all, 0xff, sizeof all);
    memset(data, 0xff, sizeof data);
    syscall(SYS_capget, &header, data);
    for (int half = 0; half < 2; half++)
        if (data[half].effective | data[half].permitted | data[half].inheritable)
            tell("capability-left", 0);
    for (int cap = 0; cap <= 40; cap++)
        if (prctl(PR_CAPBSET_READ, cap) > 0)
            tell("capability-in-bounds", 0);
    tell("capability-all", syscall(SYS_capset, &header, all));
    tell("capability-ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 12, 0, 0));
    tell("become-root", setuid(0));
    tell("become-root-group", setgid(0));
    tell("become-neighbour", setuid(getuid() + 1));
    tell("groups", syscall(SYS_setgroups, 1, "\0\0\0\0"));
    tell("mount", mount("none", "/", "tmpfs", 0, 0));
    tell("mount-remount", mount("none", "/", 0, MS_REMOUNT | MS_BIND, 0));
    tell("mount-new", syscall(SYS_fsopen, "tmpfs", 0));
    tell("mount-tree", syscall(SYS_open_tree, -100, "/", 1));
    tell("umount", umount2("/", MNT_DETACH));
    tell("chroot", chroot("/"));
    tell("pivot-root", syscall(SYS_pivot_root, ".", "."));
    tell("namespace-user", unshare(CLONE_NEWUSER));
    tell("namespace-mount", unshare(CLONE_NEWNS));
    tell("namespace-net", unshare(CLONE_NEWNET));
    tell("namespace-clone", clone(nothing, stack + sizeof stack, CLONE_NEWUSER | SIGCHLD, 0));
    tell("namespace-clone3", syscall(SYS_clone3, 0, 0));
    tell("namespace-enter", setns(0, 0));
    tell("no-new-privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? (errno = EPERM, -1) : 0);
}

static void kernel(void)
{
    struct timespec now = {1, 0};
    struct rlimit core = {1, 1};
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    tell("processors", sched_setaffinity(0, sizeof all, &all));
    tell("bpf", syscall(SYS_bpf, 0, 0, 0));
    tell("perf", syscall(SYS_perf_event_open, 0, 0, -1, -1, 0));
    tell("keys", syscall(SYS_add_key, "user", "k", "v", 1, -2));
    tell("keyring", syscall(SYS_keyctl, 0, -3, 1));
    tell("io-uring", syscall(SYS_io_uring_setup, 1, 0));
    tell("userfaultfd", syscall(SYS_userfaultfd, 0));
    tell("module", syscall(SYS_init_module, 0, 0, ""));
    tell("kexec", syscall(SYS_kexec_load, 0, 0, 0, 0));
    tell("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));
    tell("swap", syscall(SYS_swapoff, "/"));
    tell("clock", clock_settime(CLOCK_REALTIME, &now));
    tell("ports", syscall(SYS_iopl, 3));
    tell("log", syscall(SYS_syslog, 3, 0, 0));
    tell("host-name", sethostname("x", 1));
    tell("allowed-personality", personality(0xffffffff));
    tell("personality", personality(READ_IMPLIES_EXEC));
    tell("x32", syscall(0x40000000 | SYS_getpid));
    getrlimit(RLIMIT_CORE, &core);
    tell("core-file", core.rlim_cur == 0 && core.rlim_max == 0 ? (errno = EPERM, -1) : 0);
}

static void forks(void)
{
    int count = 0;
    pid_t child;
    while (count < 100 && (child = fork()) >= 0) {
        if (child == 0) {
            pause();
            _exit(0);
        }
        count++;
    }
    printf("forks %d\n", count);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 9)
        return 64;
    files(argv);
    block(argv);
    network(argv);
    processes(argv);
    privileges();
    kernel();
    forks();
    tell("end", -1);
    return 0;
}
