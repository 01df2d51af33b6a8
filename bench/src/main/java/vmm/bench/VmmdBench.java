package vmm.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/** Whole-process figures of a vmmd that runs already: {@code VmmdBench SOCKET WHAT [IMAGE]…}. */
public final class VmmdBench {
    private static final int REQUESTS = 40_000;

    private final UnixDomainSocketAddress address;

    private VmmdBench(String socket) {
        address = UnixDomainSocketAddress.of(socket);
    }

    /**
     * Runs one measurement.
     *
     * @param arguments socket; {@code requests}, {@code policies}, {@code create IMAGE N PARALLEL}
     *     or {@code grow IMAGE N}
     */
    public static void main(String... arguments) throws Exception {
        var bench = new VmmdBench(arguments[0]);
        switch (arguments[1]) {
            case "requests" -> {
                bench.requests(1, REQUESTS / 4);
                bench.requests(1, REQUESTS);
                bench.requests(64, REQUESTS);
                bench.requests(64, REQUESTS * 2);
            }
            case "policies" -> bench.policies();
            case "create" ->
                    bench.create(
                            Path.of(arguments[2]),
                            Integer.parseInt(arguments[3]),
                            Integer.parseInt(arguments[4]));
            case "grow" -> bench.grow(Path.of(arguments[2]), Integer.parseInt(arguments[3]));
            default -> throw new IllegalArgumentException(arguments[1]);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String form, Object... values) {
        System.out.printf(form + "%n", values);
    }

    private Message ask(Message message) throws IOException {
        try (var channel = SocketChannel.open(address)) {
            new FrameWriter(channel).send(message);
            try (var frame = new FrameReader(channel).next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
                if (frame == null
                        || !(WireCodec.decode(Bytes.of(frame.bytes().toArray()))
                                instanceof Decoded.Of<Message>(var answer))) {
                    throw new IOException("no answer");
                }
                return answer;
            }
        }
    }

    private void demand(Message message) throws IOException {
        if (ask(message).payload() instanceof Message.Payload.Failed(var why)) {
            throw new IOException(why);
        }
    }

    /** The client's own work is kept small: raw bytes, and only their length is looked at. */
    private void requests(int parallel, int count) throws Exception {
        ByteBuffer frame =
                FrameWriter.frame(Message.asking(Header.of(Name.ROOT), new Command.PolicyInfo()));
        var left = new AtomicInteger(count);
        long start = System.nanoTime();
        inParallel(
                parallel,
                () -> {
                    var in = ByteBuffer.allocateDirect(64 * 1024);
                    while (left.getAndDecrement() > 0) {
                        try (var channel = SocketChannel.open(address)) {
                            channel.write(frame.duplicate());
                            in.clear();
                            while (in.position() < 4 || in.position() < 4 + in.getInt(0)) {
                                if (channel.read(in) < 0) {
                                    throw new IOException("closed");
                                }
                            }
                        }
                    }
                });
        double seconds = (System.nanoTime() - start) / 1e9;
        say("policy-info, %d at a time: %,.0f a second", parallel, count / seconds);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            var all = new ArrayList<Future<?>>();
            for (int i = 0; i < threads; i++) {
                all.add(
                        pool.submit(
                                () -> {
                                    work.run();
                                    return true;
                                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private void policies() throws IOException {
        var policy = Policy.of(List.of(0L), 1, 32, OptionalLong.empty(), List.of());
        for (int i = 0; i < 1000; i++) {
            demand(
                    Message.asking(
                            Header.of(Name.parse("tenant" + i + ":")),
                            new Command.PolicyAdd(policy)));
        }
        var asked = Message.asking(Header.of(Name.ROOT), new Command.PolicyInfo());
        for (int round = 0; round < 5; round++) {
            long[] times = new long[200];
            for (int i = 0; i < times.length; i++) {
                long start = System.nanoTime();
                demand(asked);
                times[i] = System.nanoTime() - start;
            }
            say("1,000 policies: median %.2f ms", median(times) / 1e6);
        }
        for (int i = 0; i < 1000; i++) {
            demand(
                    Message.asking(
                            Header.of(Name.parse("tenant" + i + ":")), new Command.PolicyRemove()));
        }
    }

    private static double median(long[] times) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Message creating(String name, Bytes image) {
        var arguments =
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        false,
                        new TreeSet<>(List.of(0L)),
                        16,
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        1,
                        Optional.empty());
        return Message.asking(
                Header.of(Name.parse(name)),
                new Command.Create(
                        false,
                        Form.Config.V5,
                        new UnikernelConfig(Typ.SOLO5, false, image, arguments)));
    }

    private void create(Path file, int count, int parallel) throws Exception {
        Bytes image = Bytes.of(Files.readAllBytes(file));
        var next = new AtomicInteger();
        for (int round = 0; round < 3; round++) {
            int first = next.get();
            long[] times = new long[count];
            long start = System.nanoTime();
            inParallel(
                    parallel,
                    () -> {
                        for (int i = next.getAndIncrement();
                                i < first + count;
                                i = next.getAndIncrement()) {
                            long begin = System.nanoTime();
                            demand(creating("bench:u" + i, image));
                            times[i - first] = System.nanoTime() - begin;
                        }
                    });
            next.set(first + count);
            double seconds = (System.nanoTime() - start) / 1e9;
            say(
                    "create, %d at a time: median %.1f ms, %.0f a second",
                    parallel, median(times) / 1e6, count / seconds);
        }
    }

    /** The time of each create while more and more run; then all are destroyed. */
    private void grow(Path file, int count) throws Exception {
        Bytes image = Bytes.of(Files.readAllBytes(file));
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            demand(creating("bench:g" + i, image));
            times[i] = System.nanoTime() - begin;
        }
        int part = Math.min(20, count / 4);
        double few = median(Arrays.copyOfRange(times, 1, 1 + part));
        double many = median(Arrays.copyOfRange(times, count - part, count));
        say(
                "create, first %.1f ms; the next %d: median %.1f ms; the last %d of %d: %.1f ms,"
                        + " ratio %.2f",
                times[0] / 1e6, part, few / 1e6, part, count, many / 1e6, many / few);
    }
}
