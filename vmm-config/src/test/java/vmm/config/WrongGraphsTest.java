package vmm.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong graphs do not compile, and the compiler names the kinds. */
class WrongGraphsTest {
    @TempDir Path out;

    private String said(String statements) throws IOException {
        var source =
                new SimpleJavaFileObject(
                        URI.create("string:///G.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignored) {
                        return "import static vmm.config.Mirage.*; import vmm.config.*;"
                                + " class G { void g() { "
                                + statements
                                + " } }";
                    }
                };
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, UTF_8)) {
            String path = System.getProperty("java.class.path");
            var options = List.of("-d", out.toString(), "-proc:none", "-cp", path);
            boolean fine =
                    compiler.getTask(said, files, null, options, null, List.of(source)).call();
            assertThat(said.toString().isBlank()).isEqualTo(fine);
        }
        return said.toString();
    }

    @Test
    void rightGraph_compiles() throws IOException {
        assertThat(
                        said(
                                "var m = foreign(\"M\", CONSOLE.to(NETWORK.to(JOB)));"
                                        + " Project.of(\"x\", m.$(defaultConsole()).$(tap0()));"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "foreign(\"M\", CONSOLE.to(JOB)).$(tap0()); | Network | Console",
                "foreign(\"M\", CONSOLE.to(NETWORK.to(JOB))).$(tap0()).$(defaultConsole());"
                        + " | Network | Console",
                "Project.of(\"x\", defaultConsole()); | Console | Job",
                "var m = foreign(\"M\", CONSOLE.to(NETWORK.to(JOB)));"
                        + " Project.of(\"x\", m.$(defaultConsole())); | Fun | Job",
                "Dev<Kind.Udp<Kind.V4>> u = directUdp(createIpv6(tap0(), ipv6Config(\"::1\","
                        + " java.util.List.of()))); | V6 | V4",
                "fat(tap0()); | Network | Block",
                "foreign(\"M\", JOB).$(tap0()); | $ | Job",
                "Project.of(\"x\").plan().net(blockOfFile(\"d\"), bridge(\"b\"));"
                        + " | Block | Network",
                "Project.of(\"x\").plan().net(tap0(), volume(\"v\")); | Volume | Bridge",
                "Project.of(\"x\").plan().set(Key.number(\"n\", \"\"), \"text\"); | String | Long"
            })
    void wrongGraph_doesNotCompile(String statements, String given, String wanted)
            throws IOException {
        assertThat(said(statements)).contains("error:").contains(given).contains(wanted);
    }
}
