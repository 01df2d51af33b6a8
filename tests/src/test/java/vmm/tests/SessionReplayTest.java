package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import vmm.core.Arguments;
import vmm.core.BlockDevice;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.NetDevice;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;
import vmm.wire.channel.FrameReader;
import vmm.wire.channel.FrameWriter;
import vmm.wire.der.WireCodec;

/**
 * What a real client and endpoint of albatross 2.7.2 sent, sent again to our daemons: the answers
 * must mean the same. The images are those of our own guests.
 */
class SessionReplayTest {
    /** Here 2.7.2 tells the memory of before, though a restart had given another (BEHAVIOUR 6). */
    private static final int MEMORY_FORGOTTEN = 19;

    private static final Header STATS = Header.of(Name.ROOT);

    /** One frame, or the end of a direction. */
    private record Event(String step, String link, int conn, boolean asks, Optional<Bytes> bytes) {}

    private Network network;
    private Suite suite;
    private SocketChannel stats;
    private final LinkedBlockingQueue<Message> told = new LinkedBlockingQueue<>();
    private final Map<Integer, List<Event>> connections = new LinkedHashMap<>();
    private byte[] lastSet = new byte[0];

    @BeforeEach
    void start() throws IOException {
        Suite.needsKvm();
        assumeTrue(Network.isPossible(), "network namespaces cannot be made here (root, iproute2)");
        network = Network.withBridge("service0");
        suite = Suite.start(network.prefix());
        read();
    }

    @AfterEach
    void stop() throws IOException {
        if (stats != null) {
            stats.close();
        }
        if (suite != null) {
            suite.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private void read() throws IOException {
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(
                                        Objects.requireNonNull(
                                                getClass()
                                                        .getResourceAsStream(
                                                                "/session-2.7.2.jsonl.gz"))),
                                StandardCharsets.UTF_8))) {
            var mapper = JsonMapper.builder().build();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode frame = mapper.readTree(line);
                if (!frame.has("eof")) {
                    var event =
                            new Event(
                                    frame.get("step").asString(),
                                    frame.get("link").asString(),
                                    frame.get("conn").asInt(),
                                    frame.get("dir").asString().equals(">"),
                                    Optional.ofNullable(frame.get("hex"))
                                            .map(hex -> Bytes.ofHex(hex.asString())));
                    connections.computeIfAbsent(event.conn(), _ -> new ArrayList<>()).add(event);
                }
            }
        }
    }

    @Test
    void realSession_meansTheSame_toOurDaemons() throws Exception {
        beStats();
        int replayed = 0;
        for (List<Event> events : connections.values()) {
            String link = events.getFirst().link();
            if (link.endsWith("->vmmd") && !link.startsWith("stats")) {
                replay(events, suite.socket("vmmd"));
                replayed++;
            } else if (link.endsWith("->console") && !link.startsWith("vmmd")) {
                console(events);
                replayed++;
            }
        }
        assertThat(replayed).as("connections").isEqualTo(39);
        assertThat(told)
                .extracting(m -> m.header().name().toString() + " " + kind(m))
                .containsExactlyElementsOf(tellings());
        assertThat(suite.tenders()).isEmpty();
    }

    /** vmm-stats's side of its connection to vmmd, as the session has it. */
    private void beStats() throws IOException {
        stats = SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("vmmd")));
        var writer = new FrameWriter(stats);
        var reader = new FrameReader(stats);
        writer.send(Message.asking(STATS, new Command.StatsInitial()));
        assertThat(receive(reader).payload()).isEqualTo(new Payload.Done(new Success.Empty()));
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                while (true) {
                                    Message next = receive(reader);
                                    told.add(next);
                                    writer.send(Message.done(next.header(), "added"));
                                }
                            } catch (IOException | AssertionError closed) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    private List<String> tellings() {
        return connections.values().stream()
                .flatMap(List::stream)
                .filter(e -> e.link().equals("stats->vmmd") && !e.asks())
                .map(e -> decode(e.bytes().orElseThrow()))
                .filter(m -> m.payload() instanceof Payload.Asked)
                .map(m -> m.header().name().toString() + " " + kind(m))
                .toList();
    }

    private static String kind(Message message) {
        return switch (message.payload()) {
            case Payload.Asked(Command.StatsAdd(_, _, var taps)) -> "add " + taps.size();
            case Payload.Asked(Command.StatsRemove()) -> "remove";
            default -> throw new AssertionError(message);
        };
    }

    private void replay(List<Event> events, Path socket) throws Exception {
        awaitEndBefore(events);
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            var writer = new FrameWriter(channel);
            var reader = new FrameReader(channel);
            var content = new ByteArrayOutputStream();
            List<Event> asked = events.stream().filter(Event::asks).toList();
            List<Event> answered = events.stream().filter(e -> !e.asks()).toList();
            boolean chunks = false;
            boolean compressed = false;
            int answers = 0;
            for (Event event : asked) {
                if (chunks) {
                    Bytes chunk = event.bytes().orElse(Bytes.EMPTY);
                    if (chunk.isEmpty()) {
                        writer.sendEnd();
                    } else {
                        writer.sendChunk(chunk);
                        content.write(chunk.toArray());
                    }
                    continue;
                }
                Message message = asked(event);
                writer.send(message);
                if (message.payload() instanceof Payload.Asked(Command.BlockSet(var zlib))) {
                    chunks = true;
                    compressed = zlib;
                } else if (message.payload() instanceof Payload.Asked(Command.PolicyAdd _)
                        && asked.size() > 1) {
                    same(answered.get(answers++), receive(reader));
                }
            }
            for (; answers < answered.size(); answers++) {
                Event expected = answered.get(answers);
                if (isBlockData(expected)) {
                    break;
                }
                same(expected, receive(reader));
            }
            if (chunks) {
                lastSet =
                        compressed
                                ? Meaning.inflated(content.toByteArray())
                                : content.toByteArray();
            }
            if (answers < answered.size()) {
                sameContent(reader);
            }
        }
    }

    /** The guest with the block device had ended before this was asked. */
    private void awaitEndBefore(List<Event> events) {
        boolean again =
                events.getFirst().conn() == 28
                        && events.getFirst().step().startsWith("destroy-block");
        if (again) {
            Suite.await("the end of foo:blk", () -> !suite.vmm("info").out().contains("blk"));
        }
    }

    private Message asked(Event event) throws IOException, InterruptedException {
        if (event.bytes().isEmpty()) {
            return create(event);
        }
        Message message = decode(event.bytes().get());
        return switch (message.payload()) {
            case Payload.Asked(Command.Create(var force, var form, var config)) -> {
                byte[] image = Files.readAllBytes(Guests.guest("net.hvt"));
                var ours =
                        new UnikernelConfig(
                                config.typ(), false, Bytes.of(image), renamed(config.arguments()));
                yield Message.asking(message.header(), new Command.Create(force, form, ours));
            }
            case Payload.Asked(Command.Restart(var form, var arguments)) ->
                    Message.asking(
                            message.header(),
                            new Command.Restart(form, arguments.map(SessionReplayTest::renamed)));
            default -> message;
        };
    }

    /** Our guest calls its device otherwise. */
    private static Arguments renamed(Arguments a) {
        List<NetDevice> networks =
                a.networks().stream()
                        .map(n -> new NetDevice("service", Optional.of(n.hostBridge()), n.mac()))
                        .toList();
        return new Arguments(
                a.fail(),
                a.startup(),
                a.addName(),
                a.cpuids(),
                a.memoryMiB(),
                a.blocks(),
                networks,
                a.argv(),
                a.cpus(),
                a.linuxBootPartition());
    }

    /** The record has only the head of a frame with an image: its command line tells the rest. */
    private static Message create(Event event) throws IOException, InterruptedException {
        List<String> words = List.of(event.step().split(" ", -1));
        String name = words.get(words.indexOf("@R@") - 1);
        boolean net = words.contains("--net");
        boolean block = words.contains("--block");
        String guest = net ? "net" : block ? "disk" : "hello";
        int argument = words.indexOf("--arg");
        var arguments =
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        false,
                        new TreeSet<>(List.of(0L)),
                        32,
                        block
                                ? List.of(
                                        new BlockDevice(
                                                "storage", Optional.empty(), OptionalLong.empty()))
                                : List.of(),
                        net
                                ? List.of(
                                        new NetDevice(
                                                "service",
                                                Optional.of("service0"),
                                                Optional.empty()))
                                : List.of(),
                        Optional.of(
                                block
                                        ? List.of("ms=2000")
                                        : argument < 0
                                                ? List.of()
                                                : List.of(words.get(argument + 1))),
                        1,
                        Optional.empty());
        byte[] image = Files.readAllBytes(Guests.guest(guest + ".hvt"));
        var config = new UnikernelConfig(Typ.SOLO5, false, Bytes.of(image), arguments);
        return Message.asking(
                Header.of(Name.parse(name)),
                new Command.Create(words.contains("-f"), Form.Config.V5, config));
    }

    private void same(Event expected, Message got) {
        String meant = expected.bytes().map(b -> Meaning.of(decode(b))).orElse("an image");
        if (expected.conn() == MEMORY_FORGOTTEN) {
            meant = meant.replace("[0]32", "[0]64");
        }
        assertThat(Meaning.of(got))
                .as(expected.step() + "\n" + suite.logOf("vmmd"))
                .isEqualTo(meant);
    }

    private boolean isBlockData(Event event) {
        return event.bytes().isPresent()
                && decode(event.bytes().get()).payload() instanceof Payload.Told(var data)
                && (data instanceof Data.Chunk || data instanceof Data.End);
    }

    private void sameContent(FrameReader reader) throws Exception {
        var dumped = new ByteArrayOutputStream();
        while (receive(reader).payload() instanceof Payload.Told(Data.Chunk(var bytes))) {
            dumped.write(bytes.toArray());
        }
        byte[] wanted = java.util.Arrays.copyOf(lastSet, 1 << 20);
        byte[] got = Meaning.inflated(dumped.toByteArray());
        assertThat(got).hasSameSizeAs(wanted);
        assertThat(java.util.Arrays.mismatch(got, wanted)).as("first difference").isEqualTo(-1);
    }

    /** Subscribed, and something of what the guest printed. */
    private void console(List<Event> events) throws IOException {
        Message asking =
                events.stream()
                        .filter(Event::asks)
                        .map(e -> decode(e.bytes().orElseThrow()))
                        .findFirst()
                        .orElseThrow();
        try (var channel =
                SocketChannel.open(UnixDomainSocketAddress.of(suite.socket("console")))) {
            new FrameWriter(channel).send(asking);
            var reader = new FrameReader(channel);
            assertThat(Meaning.of(receive(reader)))
                    .isEqualTo(Meaning.of(Message.done(asking.header(), "subscribed")));
            Message line = receive(reader);
            assertThat(line.header()).isEqualTo(asking.header());
            assertThat(line.payload()).isInstanceOf(Payload.Told.class);
        }
    }

    private static Message receive(FrameReader reader) throws IOException {
        try (var frame = reader.next(FrameReader.IMAGE_FRAME_BYTES_MAX)) {
            if (frame == null) {
                throw new AssertionError("the connection was closed");
            }
            return decode(Bytes.of(frame.bytes().toArray()));
        }
    }

    private static Message decode(Bytes bytes) {
        return switch (WireCodec.decode(bytes)) {
            case Decoded.Of<Message>(var message) -> message;
            case Decoded.Malformed<Message> bad -> throw new AssertionError(bad);
        };
    }
}
