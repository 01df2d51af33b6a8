package vmm.vmmd.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.vmmd.core.Effect.Record;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.vmmd.core.Unikernel.RunId;
import vmm.vmmd.core.Unikernel.Spec;

/** The log on real files, whole, torn and damaged. */
class StateLogTest {
    private static final StateLog.Content NOTHING = new StateLog.Content(List.of(), List.of());

    @TempDir Path folder;

    @Test
    void read_givesWhatWasAppended_afterForgetting() throws IOException {
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(put("foo:a", "x"), put("foo:b", "y")));
            log.append(List.of(new Record.Forget(Name.parse("foo:a"))));
        }
        assertThat(StateLog.read(file()).unikernels())
                .containsExactly(new Input.Stored(Name.parse("foo:b"), spec("y")));
    }

    @Test
    void whatIsReplaced_comesBack_untilTheNextRecord() throws IOException {
        Name name = Name.parse("foo:a");
        var old = new RunId(4711, 1_700_000_000_123L);
        var stored = new Input.Stored(name, spec("x"), Optional.of(old));
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(new Record.Put(name, spec("x"), Optional.of(old))));
            assertThat(StateLog.read(file()).unikernels()).containsExactly(stored);
        }
        try (StateLog log = StateLog.start(file(), StateLog.read(file()))) {
            assertThat(StateLog.read(file()).unikernels()).containsExactly(stored);
            log.append(List.of(put("foo:a", "y")));
        }
        assertThat(StateLog.read(file()).unikernels())
                .containsExactly(new Input.Stored(name, spec("y")));
    }

    @Test
    void limits_comeBack_alsoThoseOfALogWithoutDisks() throws IOException {
        Name name = Name.parse("foo:a");
        Spec limited = spec("x").withLimits(new Limits(250, 1 << 20, 60, 5, 3));
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(new Record.Put(name, limited)));
        }
        assertThat(StateLog.read(file()).unikernels())
                .containsExactly(new Input.Stored(name, limited));
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(put("foo:a", "x")));
        }
        byte[] old =
                ByteBuffer.allocate(1 + (3 * Long.BYTES) + 5)
                        .put((byte) 1)
                        .putLong(250)
                        .putLong(1 << 20)
                        .putLong(60)
                        .put("foo:a".getBytes(StandardCharsets.UTF_8))
                        .array();
        var crc = new CRC32();
        crc.update(old);
        var record = ByteBuffer.allocate(8 + old.length).putInt(old.length);
        Files.write(
                file(),
                record.putInt((int) crc.getValue()).put(old).array(),
                StandardOpenOption.APPEND);
        assertThat(StateLog.read(file()).unikernels())
                .containsExactly(
                        new Input.Stored(
                                name, spec("x").withLimits(new Limits(250, 1 << 20, 60, 0, 0))));
    }

    @Test
    void read_givesEverythingBefore_whenTheLastRecordIsTornAnywhere() throws IOException {
        long before;
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(put("foo:a", "x")));
            before = Files.size(file());
            log.append(List.of(put("foo:b", "y")));
        }
        byte[] all = Files.readAllBytes(file());
        for (int end = (int) before; end < all.length; end++) {
            Files.write(file(), java.util.Arrays.copyOf(all, end));
            assertThat(StateLog.read(file()).unikernels()).as("cut at %d", end).hasSize(1);
        }
    }

    @Test
    void append_refusesAndKeepsTheRest_whenARecordIsLargerThanCanBeRead() throws IOException {
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(put("foo:a", "x")));
            assertThatThrownBy(() -> log.append(List.of(put("foo:big", "x".repeat(2 << 20)))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("too long");
            log.append(List.of(put("foo:b", "y")));
        }
        assertThat(StateLog.read(file()).unikernels()).hasSize(2);
    }

    @Test
    void read_recoversFromTheLogBefore_andSaysSo_whereBytesAreFlipped() throws IOException {
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(put("foo:a", "x")));
        }
        try (StateLog log = StateLog.start(file(), StateLog.read(file()))) {
            log.append(List.of(put("foo:b", "y")));
        }
        byte[] all = Files.readAllBytes(file());
        for (int at = 0; at < all.length; at++) {
            byte[] flipped = all.clone();
            flipped[at] ^= 0x10;
            Files.write(file(), flipped);
            StateLog.Content content = StateLog.read(file());
            assertThat(content.unikernels())
                    .as("flipped at %d", at)
                    .contains(new Input.Stored(Name.parse("foo:a"), spec("x")));
        }
    }

    @Test
    void append_keepsTheLogShort_whateverComesAndGoes() throws IOException {
        long longest = 0;
        try (StateLog log = StateLog.start(file(), NOTHING)) {
            log.append(List.of(put("foo:stays", "x")));
            for (int i = 0; i < 60; i++) {
                log.append(List.of(put("foo:a", "x".repeat(400_000))));
                log.append(List.of(new Record.Forget(Name.parse("foo:a"))));
                longest = Math.max(longest, Files.size(file()));
            }
            log.append(List.of(put("foo:last", "y")));
        }
        assertThat(longest).isLessThan(5L << 20);
        assertThat(StateLog.read(file()).unikernels())
                .containsExactly(
                        new Input.Stored(Name.parse("foo:last"), spec("y")),
                        new Input.Stored(Name.parse("foo:stays"), spec("x")));
    }

    private Path file() {
        return folder.resolve("state.vmmd");
    }

    private static Record put(String name, String argument) {
        return new Record.Put(Name.parse(name), spec(argument));
    }

    private static Spec spec(String argument) {
        var arguments =
                new Arguments(
                        FailBehaviour.QUIT,
                        OptionalLong.empty(),
                        true,
                        new TreeSet<>(List.of(0L)),
                        32,
                        List.of(),
                        List.of(),
                        Optional.of(List.of(argument)),
                        1,
                        Optional.empty());
        return new Spec(Typ.SOLO5, Bytes.of(new byte[32]), arguments);
    }
}
