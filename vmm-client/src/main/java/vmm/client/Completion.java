package vmm.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import vmm.core.Name;
import vmm.wire.Command.BlockInfo;
import vmm.wire.Command.PolicyInfo;
import vmm.wire.Command.UnikernelInfo;

/** Completion in shells: the scripts ask vmm itself, which knows its options and what there is. */
final class Completion {
    /** What the scripts ask with: {@code vmm complete-words -- WORD...}. It is parsed by hand. */
    static final String WORDS = "complete-words";

    private static final String BASH =
            """
            # bash completion for vmm, albatross-client: `. <(vmm completion bash)`
            _vmm() {
                local word
                COMPREPLY=()
                while IFS= read -r word; do
                    if [ "$word" = :files ]; then
                        COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
                        compopt -o filenames 2>/dev/null
                    else
                        COMPREPLY+=("$word")
                    fi
                done < <("$1" complete-words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
                [ "${COMP_WORDBREAKS#*:}" = "$COMP_WORDBREAKS" ] || COMP_WORDBREAKS=${COMP_WORDBREAKS//:}
            }
            COMP_WORDBREAKS=${COMP_WORDBREAKS//:}
            complete -F _vmm vmm albatross-client
            """;

    private static final String ZSH =
            """
            #compdef vmm albatross-client
            # zsh completion: put this as _vmm into a folder of $fpath, or `. <(vmm completion zsh)`
            _vmm() {
                local -a found
                local line
                while IFS= read -r line; do
                    if [[ $line == :files ]]; then _files; else found+=("$line"); fi
                done < <("${words[1]}" complete-words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
                compadd -- "${found[@]}"
            }
            if [ "$funcstack[1]" = _vmm ]; then _vmm "$@"; else compdef _vmm vmm albatross-client; fi
            """;

    private static final String FISH =
            """
            # fish completion: save as ~/.config/fish/completions/vmm.fish
            function __vmm_words
                set -l words (commandline -opc) (commandline -ct)
                for word in ($words[1] complete-words -- $words[2..-1] 2>/dev/null)
                    if test "$word" = :files
                        __fish_complete_path (commandline -ct)
                    else
                        echo $word
                    end
                end
            end
            complete -c vmm -f -a '(__vmm_words)'
            complete -c albatross-client -f -a '(__vmm_words)'
            """;

    private Completion() {}

    @Command(name = "completion", description = "Print the completion script of a shell.")
    static final class Script implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(index = "0", paramLabel = "bash|zsh|fish")
        String shell = "";

        Script(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() throws ClientFailure {
            terminal.out().print(script(shell));
            return ExitCode.OK;
        }

        static String script(String shell) throws ClientFailure {
            return switch (shell) {
                case "bash" -> BASH;
                case "zsh" -> ZSH;
                case "fish" -> FISH;
                default -> throw ClientFailure.usage("'" + shell + "' is not bash, zsh or fish");
            };
        }
    }

    /** Prints what may stand in place of the last of {@code words}, which follow {@code --}. */
    static int print(Terminal terminal, List<String> words) {
        boolean marked = !words.isEmpty() && words.getFirst().equals("--");
        List<String> line = marked ? words.subList(1, words.size()) : words;
        String last = line.isEmpty() ? "" : line.getLast();
        candidates(terminal, line).stream()
                .filter(word -> word.startsWith(last) || word.equals(":files"))
                .forEach(terminal.out()::println);
        return ExitCode.OK;
    }

    /** Which live names complete a word. */
    enum Live {
        UNIKERNELS,
        BLOCKS,
        PATHS
    }

    /** Commands whose first word is a live name: to know that needs no model of their options. */
    static final Map<String, Live> FIRST =
            Map.ofEntries(
                    Map.entry("create", Live.UNIKERNELS),
                    Map.entry("restart", Live.UNIKERNELS),
                    Map.entry("destroy", Live.UNIKERNELS),
                    Map.entry("get", Live.UNIKERNELS),
                    Map.entry("console", Live.UNIKERNELS),
                    Map.entry("update", Live.UNIKERNELS),
                    Map.entry("extract-dump", Live.UNIKERNELS),
                    Map.entry("pause", Live.UNIKERNELS),
                    Map.entry("resume", Live.UNIKERNELS),
                    Map.entry("limits", Live.UNIKERNELS),
                    Map.entry("add-policy", Live.PATHS),
                    Map.entry("create-block", Live.BLOCKS),
                    Map.entry("set-block", Live.BLOCKS),
                    Map.entry("dump-block", Live.BLOCKS),
                    Map.entry("destroy-block", Live.BLOCKS));

    /** What may stand in place of the last of {@code words}; {@code :files} stands for files. */
    static List<String> candidates(Terminal terminal, List<String> words) {
        if (words.size() <= 1) {
            return ClientMain.verbNames();
        }
        List<String> after = words.subList(1, words.size());
        Live first = FIRST.get(words.getFirst());
        var common = new SharedOptions();
        if (first != null
                && !after.getLast().startsWith("-")
                && common.takePlain(after.subList(0, after.size() - 1))) {
            return live(new Desk(terminal, common), first);
        }
        return ofModel(terminal, words);
    }

    /** The same, from what the parser knows of the command. */
    static List<String> ofModel(Terminal terminal, List<String> words) {
        return ClientMain.verb(terminal, words.getFirst())
                .map(verb -> new Place(terminal, verb, words.subList(1, words.size())).candidates())
                .orElse(List.of());
    }

    /** What there is now; nothing where vmmd cannot be asked. */
    private static List<String> live(Desk desk, Live names) {
        var ask =
                switch (names) {
                    case UNIKERNELS -> new UnikernelInfo(desk.common().release.info());
                    case BLOCKS -> new BlockInfo();
                    case PATHS -> new PolicyInfo();
                };
        try {
            return Desk.names(desk.fetch("vmmd", Name.ROOT, ask)).map(Name::toString).toList();
        } catch (ClientFailure _) {
            return List.of();
        }
    }

    /** Where the cursor is, after a command. */
    private record Place(Terminal terminal, CommandSpec verb, List<String> words) {
        List<String> candidates() {
            String last = words.getLast();
            var before = new ArrayList<ArgSpec>();
            OptionSpec open = null;
            int positional = 0;
            for (String word : words.subList(0, words.size() - 1)) {
                if (open != null) {
                    open = null;
                } else if (word.startsWith("-")) {
                    OptionSpec option = verb.findOption(word);
                    open = option != null && option.arity().min() > 0 ? option : null;
                    before.add(option);
                } else {
                    positional++;
                }
            }
            if (open != null) {
                return values(open);
            }
            if (last.startsWith("-")) {
                return verb.options().stream()
                        .filter(option -> !option.hidden() && !before.contains(option))
                        .flatMap(option -> Stream.of(option.names()))
                        .toList();
            }
            for (var parameter : verb.positionalParameters()) {
                if (parameter.index().contains(positional)) {
                    return values(parameter);
                }
            }
            return List.of();
        }

        private List<String> values(ArgSpec of) {
            String label = of.paramLabel();
            Class<?> type = of.auxiliaryTypes()[0];
            if (of.completionCandidates() != null) {
                var all = new ArrayList<String>();
                of.completionCandidates().forEach(all::add);
                return all;
            }
            if (type.equals(java.nio.file.Path.class)) {
                return List.of(":files");
            }
            if (label.contains("|")) {
                return List.of(label.split("\\|", -1));
            }
            var desk = new Desk(terminal, options());
            if (type.equals(vmm.core.Path.class)) {
                return live(desk, Live.PATHS);
            }
            boolean block = verb.name().endsWith("block");
            return type.equals(Name.class)
                    ? live(desk, block ? Live.BLOCKS : Live.UNIKERNELS)
                    : List.of();
        }

        /** Where to ask, as far as it was said on the line. */
        private SharedOptions options() {
            var common = new SharedOptions();
            given("--tmpdir", text -> common.tmpdir = java.nio.file.Path.of(text));
            given("--socket", text -> common.socket = text);
            return common;
        }

        private void given(String option, Consumer<String> taker) {
            int at = words.indexOf(option);
            if (at >= 0 && at < words.size() - 2) {
                taker.accept(words.get(at + 1));
            }
        }
    }
}
