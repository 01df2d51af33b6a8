package vmm.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.StateFile;
import vmm.wire.Success;
import vmm.wire.der.WireCodec;

/** From an albatross database to ours, and back. */
class StateTransferTest {
    private static final Name UNIKERNEL = Name.parse("foo:ticker");
    private static final Policy POLICY =
            Policy.of(List.of(0L), 2, 128, OptionalLong.of(10), List.of());

    @TempDir Path db;
    @AutoClose private Suite suite;

    @BeforeEach
    void require() {
        Suite.needsKvm();
    }

    private static Arguments arguments() {
        return new Arguments(
                FailBehaviour.QUIT,
                OptionalLong.empty(),
                false,
                new TreeSet<>(List.of(0L)),
                32,
                List.of(),
                List.of(),
                Optional.of(List.of("ms=20")),
                1,
                Optional.empty());
    }

    private static byte[] image() throws IOException, InterruptedException {
        return Files.readAllBytes(Guests.guest("ticker.hvt"));
    }

    private static StateFile state() throws IOException, InterruptedException {
        var zlib = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(zlib)) {
            out.write(image());
        }
        var config =
                new UnikernelConfig(Typ.SOLO5, true, Bytes.of(zlib.toByteArray()), arguments());
        return new StateFile(
                List.of(new Success.Named<>(UNIKERNEL, config)),
                List.of(new Success.Named<>(Name.parse("foo:"), POLICY)));
    }

    @Test
    void firstStart_importsWhatAlbatrossKept_andStartsIt() throws Exception {
        byte[] theirs = WireCodec.encodeState(state(), Form.State.V4);
        Files.write(db.resolve("state"), theirs);
        suite = Suite.start(List.of(), db);
        Suite.await("the unikernel", () -> suite.tenders().size() == 1);
        assertThat(suite.vmm("policy", "-p", "foo").out()).contains("128");
        assertThat(db.resolve("state")).hasBinaryContent(theirs);
        suite.vmm("destroy", UNIKERNEL.toString());
        suite.stop("vmmd");
        suite.startDaemon("vmmd");
        assertThat(suite.vmm("info").out()).as("imported once").doesNotContain("ticker");
    }

    @Test
    void export_givesAlbatrossWhatRuns_inTheFormOfItsRelease() throws Exception {
        suite = Suite.start(List.of(), db);
        suite.vmm("add-policy", "foo", "--mem", "128", "--cpu", "0", "--size", "10", "2");
        String guest = Guests.guest("ticker.hvt").toString();
        assertThat(
                        suite.vmm("create", "foo:ticker", guest, "--arg", "ms=20", "--no-add-name")
                                .exit())
                .isZero();
        suite.stop("vmmd");
        Suite.Result exported =
                suite.program(
                        "vmmd", "export-state", "--dbdir", db.toString(), "--release", "2.6.1");
        assertThat(exported.exit()).as(exported.err()).isZero();
        byte[] bytes = Files.readAllBytes(db.resolve("state"));
        assertThat(bytes[0]).as("v5 of the state").isEqualTo((byte) 0xa5);
        assertThat(WireCodec.decodeState(Bytes.of(bytes)))
                .isInstanceOfSatisfying(
                        Decoded.Of.class,
                        of ->
                                assertThat(((StateFile) of.value()).policies())
                                        .contains(new Success.Named<>(Name.parse("foo:"), POLICY)));
        Suite.Result twice = suite.program("vmmd", "export-state", "--dbdir", db.toString());
        assertThat(twice.exit()).isEqualTo(1);
        assertThat(twice.err()).contains("already");
        Path other = db.resolveSibling(db.getFileName() + "-other");
        Suite.Result imported =
                suite.program(
                        "vmmd",
                        "import-state",
                        "--dbdir",
                        other.toString(),
                        "--file",
                        db.resolve("state").toString());
        assertThat(imported.out()).contains("1 unikernels");
        try (var images = Files.list(other.resolve("images"))) {
            assertThat(images.findFirst().orElseThrow()).hasBinaryContent(image());
        }
        for (Path file : List.of(other.resolve("images"), other)) {
            try (var all = Files.list(file)) {
                for (Path one : all.toList()) {
                    Files.deleteIfExists(one);
                }
            }
            Files.delete(file);
        }
    }

    /** BEHAVIOUR 14.7: a damaged state ends the start with exit 0. */
    @Test
    void damagedState_isSaid_andNothingIsEmptied() throws Exception {
        byte[] theirs = WireCodec.encodeState(state(), Form.State.V6);
        byte[] torn = java.util.Arrays.copyOf(theirs, theirs.length / 2);
        Files.write(db.resolve("state"), torn);
        suite = Suite.withoutDaemons(db);
        Suite.Result vain = suite.startInVain("vmmd");
        assertThat(vain.exit()).isEqualTo(1);
        assertThat(vain.err()).contains("no state of albatross").doesNotContain("\tat ");
        assertThat(db.resolve("state")).hasBinaryContent(torn);
        assertThat(db.resolve("state.vmmd")).doesNotExist();
    }
}
