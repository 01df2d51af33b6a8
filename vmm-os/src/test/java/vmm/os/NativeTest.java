package vmm.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeTest {
    private static final int EBADF = 9;
    private static final int NO_DESCRIPTOR = 999_999;

    private static final long GETPID = Native.function("getpid");
    private static final long CLOSE = Native.function("close");
    private static final long LSEEK = Native.function("lseek");
    private static final long SNPRINTF = Native.function("snprintf");
    private static final long SYSTEM_CALL_CLOSE = Machine.isX86() ? 3 : 57;

    /** One way to call C; both must do the same. */
    private record Way(Call intCall, Call longCall, Call systemCall) {}

    private interface Call {
        long with(long what, long a, long b, long c, long d, long e, long f);
    }

    private static final Way DIRECT = new Way(Native::call, Native::callLong, Native::systemCall);
    private static final Way LINKED =
            new Way(LinkedCalls::intCall, LinkedCalls::longCall, LinkedCalls::systemCall);

    @Test
    void calls_giveResultsAndErrorNumbers_directlyAndLinked() {
        for (Way way : new Way[] {DIRECT, LINKED}) {
            assertThat(way.intCall.with(GETPID, 0, 0, 0, 0, 0, 0))
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(way.intCall.with(CLOSE, NO_DESCRIPTOR, 0, 0, 0, 0, 0)).isEqualTo(-EBADF);
            assertThat(way.longCall.with(LSEEK, NO_DESCRIPTOR, 0, 0, 0, 0, 0)).isEqualTo(-EBADF);
            assertThat(way.systemCall.with(SYSTEM_CALL_CLOSE, NO_DESCRIPTOR, 0, 0, 0, 0, 0))
                    .isEqualTo(-EBADF);
        }
    }

    /** A variadic function with all six: each argument arrives whole and at its place. */
    @Test
    void sixArguments_arriveWhole_directlyAndLinked() {
        for (Way way : new Way[] {DIRECT, LINKED}) {
            try (Memory memory = Memory.open()) {
                long text = memory.zeroed(256);
                long format = memory.text("%#lx %ld %#lx");
                long[] given = {0x123456789abcdef0L, -1, 0xfedcba9876543210L};
                int length =
                        (int)
                                way.intCall.with(
                                        SNPRINTF, text, 256, format, given[0], given[1], given[2]);
                assertThat(new String(memory.bytesAt(text, length), StandardCharsets.UTF_8))
                        .isEqualTo("0x123456789abcdef0 -1 0xfedcba9876543210");
            }
        }
    }

    @Test
    void longResultsWhoseLowerHalfIsMinusOne_areNoErrors() throws Exception {
        Path file = Files.createTempFile("vmm-native", ".test");
        int fd = Libc.open(file.toString(), Libc.O_RDWR, 0);
        try {
            for (Way way : new Way[] {DIRECT, LINKED}) {
                assertThat(way.longCall.with(LSEEK, fd, 0x1_ffff_ffffL, 0, 0, 0, 0))
                        .isEqualTo(0x1_ffff_ffffL);
            }
        } finally {
            Libc.close(fd);
            Files.delete(file);
        }
    }

    @Test
    void views_showTheSameMemory_fromItsStart() {
        ByteBuffer memory = ByteBuffer.allocateDirect(16).put(new byte[] {1, 2, 3}).position(2);
        long address = Native.address(memory);
        assertThat(LinkedCalls.addressOf(memory)).isEqualTo(address);
        for (ByteBuffer view :
                new ByteBuffer[] {Native.memory(address, 16), LinkedCalls.memoryAt(address, 16)}) {
            assertThat(view.capacity()).isEqualTo(16);
            assertThat(view.get(2)).isEqualTo((byte) 3);
        }
        assertThat(LinkedCalls.address("getpid")).isEqualTo(GETPID);
    }

    @Test
    void unknownFunctions_areNamed() {
        assertThatThrownBy(() -> Native.function("no_such_function"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("no_such_function");
    }

    /** What reads ELF files for a living finds nothing to complain of. */
    @Test
    void library_isWellFormed(@TempDir Path folder) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/readelf")), "readelf is missing");
        Path file = folder.resolve("native.so");
        NativeLibrary.main(new String[] {file.toString()});
        Process readelf =
                new ProcessBuilder("readelf", "-W", "-l", "-d", "-r", "-D", "-s", file.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(readelf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(readelf.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(readelf.exitValue()).isZero();
        assertThat(said)
                .doesNotContainIgnoringCase("warning")
                .doesNotContainIgnoringCase("error")
                .contains("Java_vmm_os_Native_intCall", "R_X86_64_GLOB_DAT", "dlsym");
    }
}
