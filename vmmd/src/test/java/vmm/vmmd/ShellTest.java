package vmm.vmmd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ShellTest {
    @Test
    void failuresOfFiles_sayWhat_andNotOnlyWhere() {
        assertThat(Shell.why(new AccessDeniedException("/db/images/x")))
                .isEqualTo("/db/images/x: permission denied");
        assertThat(Shell.why(new NoSuchFileException("/db")))
                .isEqualTo("/db: no such file or folder");
        assertThat(Shell.why(new FileSystemException("/db", null, "No space left on device")))
                .isEqualTo("/db: No space left on device");
        assertThat(Shell.why(new IOException("plain"))).isEqualTo("plain");
    }
}
