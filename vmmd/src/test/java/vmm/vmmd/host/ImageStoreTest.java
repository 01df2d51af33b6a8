package vmm.vmmd.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import vmm.core.Bytes;

@Timeout(60)
class ImageStoreTest {
    @TempDir Path folder;

    private ImageStore store;

    @BeforeEach
    void open() throws IOException {
        store = new ImageStore(folder);
    }

    private static byte[] content(int length) {
        var content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1 << 20, (3 << 20) + 7})
    void store_keepsAnImageOnce_underItsDigest_howeverLarge(int length) throws Exception {
        byte[] content = content(length);
        Bytes digest = Bytes.of(MessageDigest.getInstance("SHA-256").digest(content));
        assertThat(store.store(false, Bytes.of(content))).isEqualTo(digest);
        assertThat(store.path(digest)).hasBinaryContent(content);
        assertThat(store.store(false, Bytes.of(content))).isEqualTo(digest);
        var packed = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(packed)) {
            out.write(content);
        }
        assertThat(store.store(true, Bytes.of(packed.toByteArray()))).isEqualTo(digest);
        assertThat(files()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 2 << 20})
    void store_writesOver_whatIsDamaged(int length) throws Exception {
        byte[] content = content(length);
        Bytes digest = store.store(false, Bytes.of(content));
        byte[] damaged = content.clone();
        damaged[3] ^= 1;
        Files.delete(store.path(digest));
        Files.write(store.path(digest), damaged);
        var next = new ImageStore(folder);
        assertThat(next.isIntact(digest)).isFalse();
        next.store(false, Bytes.of(content));
        assertThat(next.isIntact(digest)).isTrue();
        assertThat(next.path(digest)).hasBinaryContent(content);
        assertThat(files()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 2 << 20})
    void store_leavesNothing_whereItFails(int length) throws Exception {
        Files.delete(folder);
        assertThatThrownBy(() -> store.store(false, Bytes.of(content(length))))
                .isInstanceOf(IOException.class);
        assertThat(folder).doesNotExist();
        Files.createDirectory(folder);
    }

    @Test
    void store_leavesNothing_ofWhatIsNoZlib() throws Exception {
        assertThatThrownBy(() -> store.store(true, Bytes.of(content(2 << 20))))
                .isInstanceOf(IOException.class);
        assertThat(files()).isZero();
    }
}
