package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static vmm.config.Mirage.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs as large and as deep as they come; bench/ measures. */
class SizeTest {
    private static final int DEPTH = 100_000;
    private static final int SHARED = 2_000;
    private static final VectorsTest.Desk DESK = new VectorsTest.Desk("/r");
    private static final Fun<Dev<Kind.KvRo>, Dev<Kind.Job>> MAIN = foreign("M.Main", KV_RO.to(JOB));

    private static Dev<Kind.KvRo> chain(int depth) {
        var join = foreign("Join.Make", KV_RO.to(BLOCK.to(KV_RO)));
        Dev<Kind.KvRo> chain = kvRoOfFs(fat(blockOfFile("start")));
        for (int i = 0; i < depth; i++) {
            chain = join.$(chain).$(blockOfFile("b" + i));
        }
        return chain;
    }

    private static String last(List<Artefact> files, String path) {
        return files.stream()
                .filter(file -> file.path().equals(path))
                .findFirst()
                .orElseThrow()
                .text();
    }

    @Test
    void chain_isWritten_howeverDeep() {
        Project deep = Project.of("deep", MAIN.$(chain(DEPTH)));
        String last = "b" + (DEPTH - 1);
        assertThat(last(deep.configure(Target.UNIX, Dialect.MIRAGE_2_5, DESK), "main.ml"))
                .contains("Block.connect \"" + last + "\"");
    }

    @Test
    void twoEqualChains_areWrittenOnce() {
        Project two = Project.of("two", MAIN.$(chain(SHARED)), MAIN.$(chain(SHARED)));
        String main = last(two.configure(Target.UNIX, Dialect.MIRAGE_2_5, DESK), "main.ml");
        assertThat(main).containsOnlyOnce("Block.connect \"b7\"");
        assertThat(last(two.configure(Target.XEN, Dialect.MIRAGE_4, DESK), "mirage/main.ml"))
                .containsOnlyOnce("Block.connect \"268439808\"");
        assertThat(two.dot(Target.UNIX, DESK)).contains("b7");
        assertThat(two.describe(Target.UNIX, Dialect.MIRAGE_2_5, DESK)).contains("two");
    }

    /** A device of a user's that is made of another one twice. */
    record Pair(Node left, Node right) implements Configurable {
        @Override
        public List<Node> children() {
            return List.of(left, right);
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Pair(each.apply(left), each.apply(right));
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, g.variable(left) + g.variable(right), "pair");
        }

        @Override
        public String module(Generation g) {
            return "Pair";
        }

        @Override
        public void configure(Generation g) {
            g.line("let " + variable(g) + " = " + g.variable(left) + ", " + g.variable(right));
        }
    }

    @Test
    void shared_isWrittenOnce_whereEveryDeviceIsUsedTwice() {
        Dev<Kind.KvRo> top = crunch("t");
        for (int i = 0; i < SHARED; i++) {
            top = implementation(KV_RO, new Pair(top.node(), top.node()));
        }
        String main =
                last(
                        Project.of("shared", MAIN.$(top))
                                .configure(Target.UNIX, Dialect.MIRAGE_2_5, DESK),
                        "main.ml");
        assertThat(main).contains("let pair2000 = pair1999, pair1999\n");
        var join = foreign("Join.Make", KV_RO.to(KV_RO.to(KV_RO)));
        Dev<Kind.KvRo> joined = crunch("t");
        for (int i = 0; i < SHARED; i++) {
            joined = join.$(joined).$(joined);
        }
        assertThat(
                        last(
                                Project.of("x", MAIN.$(joined))
                                        .configure(Target.HVT, Dialect.MIRAGE_4, DESK),
                                "mirage/main.ml"))
                .contains("Join.Make(Join_make__");
    }

    @Test
    void expression_isRead_howeverLong_andRefused_whereItIsNestedTooDeep(@TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("config.ml");
        String types = "console @-> ".repeat(DEPTH / 100);
        String devices = " $ default_console".repeat(DEPTH / 100);
        Files.writeString(
                file,
                "let () = register \"x\" [ foreign \"M\" (" + types + "job)" + devices + " ]");
        Project wide = Loading.load(file, Target.HVT, Map.of()).project();
        assertThat(wide.configure(Target.HVT, DESK)).isNotEmpty();
        Files.writeString(file, "let x = " + "(".repeat(DEPTH / 5) + "1" + ")".repeat(DEPTH / 5));
        assertThatThrownBy(() -> Loading.load(file, Target.HVT, Map.of()))
                .hasMessageContaining("nested too deep");
    }
}
