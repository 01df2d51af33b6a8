package vmm.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vmm.daemon.Listener;
import vmm.daemon.Logging;
import vmm.daemon.Options;
import vmm.daemon.Options.Option;
import vmm.daemon.Stopping;
import vmm.daemon.metrics.CertificateExpiry;
import vmm.daemon.metrics.Metrics;
import vmm.daemon.metrics.MetricsEndpoint;
import vmm.os.UnixStream;

/** The program vmm-tls-endpoint. */
public final class TlsEndpointMain {
    private static final int PORT = 1025;

    /** Known clients and unknown ones, which have closer bounds of their own. */
    private static final int CONNECTIONS_MAX = 65_536;

    private static final List<Option> OWN =
            List.of(
                    Option.of("--ip", "ADDRESS", "address to listen on (default ::, all)"),
                    Option.of("--port", "N", "TCP port to listen on (default 1025)"),
                    Option.of("--listen", "PATH", "Unix socket for a relay, in place of TCP"),
                    Option.flag("--inetd", "the connection, or the socket, is descriptor 0"),
                    Option.flag("--syslog", "log to syslog, as with --inetd"),
                    Option.of("--crls", "DIR", "revocation lists *.crl (default: the CA's folder)"),
                    Option.of(
                            "--crls-seen",
                            "DIR",
                            "the newest lists seen (default /var/lib/albatross/crls)"),
                    Option.of("--handshake-seconds", "N", "until a handshake is over (default 10)"),
                    Option.of("--max-per-address", "N", "connections of one address (2048)"));

    private TlsEndpointMain() {}

    public static void main(String... arguments) throws InterruptedException {
        try {
            var own = new ArrayList<>(OWN);
            own.addAll(MetricsEndpoint.OPTIONS);
            Options options =
                    Options.parse("vmm-tls-endpoint", own, List.of("CA", "CERT", "KEY"), arguments);
            Logging.configure(options.verbosity());
            if (options.has("--inetd") || options.has("--syslog")) {
                Logging.toSyslog("vmm-tls-endpoint");
            }
            run(options);
        } catch (Options.Ended ended) {
            ended.exit();
        } catch (IOException e) {
            Log.LOG.fatal("cannot start: {}", e.getMessage());
            System.exit(1);
        }
    }

    private static void run(Options options)
            throws IOException, InterruptedException, Options.Ended {
        if (options.has("--inetd")) {
            Inetd.serve(options);
            return;
        }
        var metrics = new Metrics("vmm-tls-endpoint");
        var parts = Parts.of(options, false, new Counts(Optional.of(metrics)));
        Stopping stopping = Stopping.onSignal();
        CertificateExpiry.tell(
                metrics, List.of(Path.of(options.operand(0)), Path.of(options.operand(1))));
        metrics.gauge("vmm.tls.sessions", "Connections that are open.", parts.sessions()::size);
        try (MetricsEndpoint _ = MetricsEndpoint.start(options, metrics);
                Listener listener = listener(options)) {
            listener.start(parts.endpoint()::serve, CONNECTIONS_MAX);
            Log.LOG.info(
                    "listening on {}", options.value("--listen").orElse("port " + listener.port()));
            Thread.ofPlatform().daemon().name("warm-up").start(parts.endpoint()::warmUp);
            stopping.await();
        }
        stopping.finished();
    }

    private record Parts(Endpoint endpoint, Sessions sessions) {
        /**
         * @param forOne for one connection, on a thread of the kernel
         */
        static Parts of(Options options, boolean forOne, Counts counts)
                throws IOException, Options.Ended {
            var crypto = new Crypto(forOne);
            Path ca = Path.of(options.operand(0)).toAbsolutePath();
            List<Shown> trusted = Pem.certificates(crypto, ca);
            if (trusted.size() != 1) {
                throw new IOException(
                        ca
                                + " must hold the one CA, not "
                                + trusted.size()
                                + ": take out the others");
            }
            warnOf(ca, trusted.getFirst());
            if (!trusted.getFirst().isAuthority()) {
                Log.LOG.warn("{} is no CA's certificate: is it the right file?", ca);
            }
            Path own = Path.of(options.operand(1));
            List<Shown> chain = Pem.certificates(crypto, own);
            Identity identity = Identity.read(crypto, own, chain, Path.of(options.operand(2)));
            warnOf(own, chain.getFirst());
            Path folder = lists(options, ca);
            Path seen = Path.of(options.value("--crls-seen").orElse("/var/lib/albatross/crls"));
            var revocations = new Revocations(folder, Optional.of(seen));
            var chains = new Chains(trusted.getFirst(), revocations, Clock.systemUTC());
            revocations.refresh();
            var sessions =
                    new Sessions(
                            (int) positive(options, "--max-per-address", Sessions.PER_ADDRESS_MAX),
                            chains,
                            revocations,
                            counts);
            sessions.startWatch();
            long seconds =
                    positive(options, "--handshake-seconds", Endpoint.HANDSHAKE_MAX.toSeconds());
            Path sockets = options.tmpdir().resolve("util");
            Relay.problem(sockets).ifPresent(problem -> Log.LOG.warn(problem));
            return new Parts(
                    new Endpoint(
                            crypto,
                            identity,
                            chains,
                            sessions,
                            counts,
                            Duration.ofSeconds(seconds),
                            sockets,
                            forOne
                                    ? UnixStream::connect
                                    : path -> SocketChannel.open(UnixDomainSocketAddress.of(path))),
                    sessions);
        }

        /** Where the lists are, or will be. */
        private static Path lists(Options options, Path ca) throws Options.Ended {
            Optional<String> given = options.value("--crls");
            Path folder = Path.of(given.orElse(String.valueOf(ca.getParent())));
            if (given.isEmpty()) {
                return folder;
            }
            if (Files.notExists(folder)) {
                Log.LOG.warn("there is no folder {} yet: nothing is revoked", folder);
            } else if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
                throw Options.wrongValue(
                        "--crls", folder + " is no folder that the endpoint's user can read");
            }
            return folder;
        }

        private static long positive(Options options, String name, long otherwise)
                throws Options.Ended {
            long number = options.number(name, otherwise);
            if (number == 0) {
                throw Options.wrongValue(name, "0 would let nobody in");
            }
            return number;
        }

        private static void warnOf(Path file, Shown certificate) {
            Shown.Lifetime lifetime = certificate.lifetime();
            if (!lifetime.includes(Instant.now())) {
                Log.LOG.warn(
                        "{} is not valid now (but from {} to {}): no client will connect until"
                                + " another one is made by vmm generate, unless the clock is wrong",
                        file,
                        lifetime.first(),
                        lifetime.last());
            }
        }
    }

    private static Listener listener(Options options) throws IOException, Options.Ended {
        Optional<String> path = options.value("--listen");
        if (options.socketActivation()) {
            if (options.value("--port").isPresent() || path.isPresent()) {
                throw Options.wrongValue(
                        "--systemd-socket-activation", "not together with --port or --listen");
            }
            return Listener.activated(Path.of("tls.sock"));
        }
        if (path.isPresent()) {
            return Listener.open(Path.of(path.get()));
        }
        int port = (int) options.number("--port", PORT);
        if (port > 65_535) {
            throw Options.wrongValue("--port", "ports go up to 65535");
        }
        return Listener.openTcp(address(options.value("--ip").orElse("::"), port));
    }

    private static InetSocketAddress address(String ip, int port) throws Options.Ended {
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
        } catch (IllegalArgumentException e) {
            throw Options.wrongValue("--ip", "'" + ip + "' is no address");
        }
    }

    /** The way through inetd: a connection, or a socket to accept on, as descriptor 0. */
    private static final class Inetd {
        /** How long a process that inetd waits for stays without work. */
        private static final Duration IDLE_MAX = Duration.ofSeconds(60);

        private Inetd() {}

        static void serve(Options options) throws IOException, Options.Ended {
            Channel given = System.inheritedChannel();
            var nobody = new Counts(Optional.empty());
            if (given instanceof SocketChannel client) {
                try (client) {
                    Parts.of(options, true, nobody).endpoint().serve(client);
                }
            } else if (given instanceof ServerSocketChannel socket) {
                acceptUntilIdle(socket, Parts.of(options, false, nobody).endpoint());
            } else {
                throw new IOException("--inetd: descriptor 0 is no stream socket");
            }
            System.exit(0);
        }

        private static void acceptUntilIdle(ServerSocketChannel socket, Endpoint endpoint)
                throws IOException {
            var busy = new java.util.concurrent.atomic.AtomicInteger();
            var last = new java.util.concurrent.atomic.AtomicLong(System.nanoTime());
            Thread.ofPlatform()
                    .daemon()
                    .name("idle")
                    .start(
                            () -> {
                                while (busy.get() > 0
                                        || System.nanoTime() - last.get() < IDLE_MAX.toNanos()) {
                                    java.util.concurrent.locks.LockSupport.parkNanos(
                                            IDLE_MAX.toNanos() / 60);
                                }
                                System.exit(0);
                            });
            while (true) {
                SocketChannel client = socket.accept();
                busy.incrementAndGet();
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (client) {
                                        endpoint.serve(client);
                                    } catch (IOException e) {
                                        Log.LOG.debug("connection ended: {}", e.getMessage());
                                    } finally {
                                        last.set(System.nanoTime());
                                        busy.decrementAndGet();
                                    }
                                });
            }
        }
    }
}
