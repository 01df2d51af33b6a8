package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guided tour: its configurations are compiled and run, and print what stands there. */
class TourTest {
    private static final Pattern BLOCK =
            Pattern.compile(
                    "^```(java|yaml|console) ?(\\S*)\\n(.*?)^```$",
                    Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern COMMAND =
            Pattern.compile("\\$ vmm config (describe|dot) (\\S+)(?: -t (\\S+))?\\n");

    @TempDir Path folder;

    @Test
    void tour_printsWhatItSays() throws IOException {
        String tour = Files.readString(Path.of("../docs/config.md"));
        Matcher block = BLOCK.matcher(tour);
        int shown = 0;
        Path last = folder;
        while (block.find()) {
            String text = block.group(3);
            if (block.group(1).equals("console")) {
                shown(text);
                shown++;
            } else if (block.group(2).equals("apply")) {
                assertThat(load(last, Target.HVT).deployment().orElseThrow().yaml())
                        .isEqualTo(text);
                shown++;
            } else {
                last = Files.writeString(folder.resolve(block.group(2)), text);
            }
        }
        assertThat(shown).isGreaterThan(5);
    }

    private static Loaded load(Path file, Target target) throws IOException {
        return Loading.load(file, target, Map.of());
    }

    private void shown(String text) throws IOException {
        Matcher command = COMMAND.matcher(text);
        assertThat(command.lookingAt()).as(text).isTrue();
        String wanted = command.group(3);
        Target target = wanted == null ? Target.UNIX : Target.of(wanted);
        Project project = load(folder.resolve(command.group(2)), target).project();
        var machine = new Machine(folder, Map.of());
        String printed =
                command.group(1).equals("dot")
                        ? project.dot(target, machine)
                        : project.describe(target, Dialect.of(target), machine);
        assertThat(printed).isEqualTo(text.substring(command.end()));
    }
}
