/*
 * Clients of vmm-tls-endpoint on the loopback interface that cost little themselves.
 *
 *   tls-load PORT CA LEAF KEY ask AT_A_TIME SECONDS   connections, each with a reply
 *   tls-load PORT CA LEAF KEY upload MIB              a create and its image
 *   tls-load PORT CA LEAF KEY await                   one, until the server ends it
 *   tls-load PORT hold CONNECTIONS                    silent ones, until the server has closed all
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 256, HELD_MAX = 60000, PIECE_BYTES = 1 << 16, SAMPLES_MAX = 1 << 16 };

static struct sockaddr_in server;
static SSL_CTX *tls;
static double until;

struct asker {
    pthread_t thread;
    long answered;
    double *seconds;
};

static void die(const char *what)
{
    fprintf(stderr, "tls-load: %s: %s\n", what, errno ? strerror(errno) : "");
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int connected(void)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static SSL *greeted(int fd)
{
    SSL *ssl = SSL_new(tls);
    if (!ssl || !SSL_set_fd(ssl, fd) || SSL_connect(ssl) != 1)
        die("handshake");
    return ssl;
}

static void read_fully(SSL *ssl, unsigned char *to, int length)
{
    for (int at = 0, n; at < length; at += n)
        if ((n = SSL_read(ssl, to + at, length - at)) <= 0)
            die("no whole reply");
}

static void write_fully(SSL *ssl, const unsigned char *from, int length)
{
    for (int at = 0, n; at < length; at += n)
        if ((n = SSL_write(ssl, from + at, length - at)) <= 0)
            die("write");
}

/* A reply is four bytes of length, most significant first, and so many bytes. */
static int reply(SSL *ssl, unsigned char *to, int most)
{
    unsigned char head[4];
    read_fully(ssl, head, 4);
    long length = (long)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
    if (length > most)
        die("reply too long");
    read_fully(ssl, to, (int)length);
    return (int)length;
}

static void end(SSL *ssl, int fd)
{
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

static void *ask(void *argument)
{
    struct asker *asker = argument;
    unsigned char *answer = malloc(PIECE_BYTES);
    double start;
    while ((start = now()) < until) {
        int fd = connected();
        SSL *ssl = greeted(fd);
        reply(ssl, answer, PIECE_BYTES);
        end(ssl, fd);
        if (asker->answered < SAMPLES_MAX)
            asker->seconds[asker->answered] = now() - start;
        asker->answered++;
    }
    free(answer);
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ask_many(int threads, double seconds)
{
    static struct asker askers[THREADS_MAX];
    double *all = malloc(sizeof *all * SAMPLES_MAX * threads), start = now();
    long answered = 0, samples = 0;
    until = start + seconds;
    for (int i = 0; i < threads; i++) {
        askers[i].seconds = malloc(sizeof *all * SAMPLES_MAX);
        if (pthread_create(&askers[i].thread, NULL, ask, &askers[i]))
            die("thread");
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(askers[i].thread, NULL);
        long kept = askers[i].answered < SAMPLES_MAX ? askers[i].answered : SAMPLES_MAX;
        memcpy(all + samples, askers[i].seconds, sizeof *all * kept);
        samples += kept;
        answered += askers[i].answered;
    }
    double took = now() - start;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec
                 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    qsort(all, samples, sizeof *all, by_size);
    printf("%d at a time: %.0f connections/s, median %.2f ms, 99%% %.2f ms, client CPU %.2f ms each\n",
           threads, answered / took, all[samples / 2] * 1e3, all[samples * 99 / 100] * 1e3,
           cpu * 1e3 / answered);
}

static void upload(long mib)
{
    static unsigned char piece[4 + PIECE_BYTES], answer[PIECE_BYTES];
    int fd = connected();
    SSL *ssl = greeted(fd);
    piece[1] = PIECE_BYTES >> 16;
    double start = now();
    for (long left = mib << 20; left > 0; left -= PIECE_BYTES)
        write_fully(ssl, piece, sizeof piece);
    write_fully(ssl, (const unsigned char[4]){0}, 4);
    double sent = now();
    int length = reply(ssl, answer, sizeof answer);
    double took = now() - start;
    printf("%ld MiB: %.0f MB/s until sent, %.0f MB/s until the reply of %d bytes\n", mib,
           mib * 1.048576 / (sent - start), mib * 1.048576 / took, length);
    end(ssl, fd);
}

static void await_end(void)
{
    static unsigned char any[PIECE_BYTES];
    SSL *ssl = greeted(connected());
    while (SSL_read(ssl, any, sizeof any) > 0)
        ;
}

static void hold(int connections)
{
    static struct pollfd held[HELD_MAX];
    double start = now(), first = 0;
    for (int i = 0; i < connections; i++)
        held[i] = (struct pollfd){.fd = connected(), .events = POLLIN};
    printf("%d connections are open\n", connections);
    fflush(stdout);
    for (int open = connections; open > 0;) {
        if (poll(held, connections, -1) < 0)
            die("poll");
        for (int i = 0; i < connections; i++)
            if (held[i].fd >= 0 && held[i].revents) {
                first = first ? first : now();
                close(held[i].fd);
                held[i].fd = -1;
                open--;
            }
    }
    printf("closed by the server after %.1f to %.1f s\n", first - start, now() - start);
}

int main(int argc, char **argv)
{
    if (argc != 4 && (argc < 6 || argc > 8)) {
        fprintf(stderr, "usage: see the top of tls-load.c\n");
        return 2;
    }
    server.sin_family = AF_INET;
    server.sin_port = htons(atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc == 4) {
        hold(atoi(argv[3]) < HELD_MAX ? atoi(argv[3]) : HELD_MAX);
        return 0;
    }
    tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    errno = 0;
    if (SSL_CTX_load_verify_locations(tls, argv[2], NULL) != 1
        || SSL_CTX_use_certificate_chain_file(tls, argv[3]) != 1
        || SSL_CTX_use_PrivateKey_file(tls, argv[4], SSL_FILETYPE_PEM) != 1)
        die("certificates");
    if (argc == 6)
        await_end();
    else if (argc == 7)
        upload(atol(argv[6]));
    else
        ask_many(atoi(argv[6]) < THREADS_MAX ? atoi(argv[6]) : THREADS_MAX, atof(argv[7]));
    return 0;
}
