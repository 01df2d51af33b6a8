package vmm.wire.der;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes what a fuzzer starts from, {@code DIR/TARGET/NUMBER}: all small vectors. */
public final class Corpus {
    private static final int BYTES_MAX = 2048;

    private Corpus() {}

    public static void main(String[] args) throws IOException {
        int number = 0;
        for (String release : List.of("2.5.0", "2.7.2")) {
            for (Vectors.Vector vector : Vectors.of(release)) {
                byte[] bytes = vector.bytes().toArray();
                if (bytes.length > BYTES_MAX) {
                    continue;
                }
                String target =
                        switch (vector.type()) {
                            case "wire" -> "MessageFuzz";
                            case "cert" -> "CertificateFuzz";
                            default -> "StateFuzz";
                        };
                number++;
                write(Path.of(args[0], target, Integer.toString(number)), bytes);
                if (bytes.length < 128) {
                    byte[] frame = new byte[bytes.length + 4];
                    ByteBuffer.wrap(frame).putInt(bytes.length).put(bytes);
                    write(Path.of(args[0], "FrameFuzz", Integer.toString(number)), frame);
                }
            }
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
