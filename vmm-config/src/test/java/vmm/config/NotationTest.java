package vmm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations in the notation of {@code config.ml}. */
class NotationTest {
    @TempDir Path folder;

    private Loaded loaded(String text, Target target, Map<String, String> environment)
            throws IOException {
        Path file = Files.writeString(folder.resolve("config.ml"), text);
        return Loading.load(file, target, environment);
    }

    private String main(String text, Map<String, String> environment) throws IOException {
        return VectorsTest.main(
                loaded(text, Target.UNIX, environment).project(), Dialect.MIRAGE_2_5);
    }

    @ParameterizedTest
    @CsvSource({
        "console-unix, UNIX",
        "stack-xen, XEN",
        "stack-macosx, MACOSX",
        "mux-unix, UNIX",
        "www-unix, UNIX",
        "many-xen, XEN",
        "module-macosx, MACOSX",
        "own-xen, XEN",
        "open-unix, UNIX"
    })
    void load_givesTheOriginalsBytes_fromItsOwnConfiguration(String vector, Target target)
            throws IOException {
        Path from = VectorsTest.MIRAGE.resolve(vector);
        Loaded loaded = Loading.load(from.resolve("config.ml"), target, Map.of());
        VectorsTest.assertSame(loaded.project(), target, from);
    }

    @Test
    void load_understandsFunctionsPatternsAndTheEnvironment() throws IOException {
        String text =
                """
                open Mirage
                (* what is "asked" for, (* nested *) *)
                let net = try match Sys.getenv "NET" with
                  | "socket" -> `Socket
                  | _ -> `Direct
                  with Not_found -> `Direct
                let dhcp = try Sys.getenv "DHCP" <> "" with Not_found -> false
                let stack ?(id = "0") console = match net, dhcp with
                  | `Direct, true -> direct_stackv4_with_dhcp console (netif id)
                  | `Direct, false -> direct_stackv4_with_default_ipv4 console tap0
                  | `Socket, _ -> socket_stackv4 console [Ipaddr.V4.any]
                let libs = match get_mode () with `Xen -> [] | `Unix | `MacOSX -> ["own"]
                let () =
                  add_to_ocamlfind_libraries ([ "more" ] @ libs);
                  add_to_opam_packages [ "pack" ];
                  let main = foreign "U.Main" @@ console @-> stackv4 @-> job in
                  let c = default_console in
                  register "x" ((main $ c $ stack ~id:"7" c) :: [])
                """;
        assertThat(main(text, Map.of())).contains("Netif.connect \"tap0\"");
        assertThat(main(text, Map.of("DHCP", "1"))).contains("Netif.connect \"7\"", "`DHCP");
        assertThat(main(text, Map.of("NET", "socket")))
                .contains("Tcpip_stack_socket.Make(Console)");
        Project project = loaded(text, Target.XEN, Map.of()).project();
        assertThat(project.libraries()).containsExactly("more");
        assertThat(project.packages()).containsExactly("pack");
    }

    @Test
    void load_computesWithListsAndTexts() throws IOException {
        String text =
                """
                let even x = x mod 2 = 0
                let swap (a, b) = b, a
                let r = { address = "1"; netmask = "2" }
                let s = { r with netmask = "3" }
                let (^) a b = a ^ "+" ^ b
                exception Odd of string
                let odd = try raise (Odd "no") with Odd why -> why
                let names =
                  [ Printf.sprintf "%03d|%-3s|%S|%x|%b%%" 7 "a" "b" 255 (even 4 && 3 >= 2);
                    String.concat "," (List.mapi (fun i x -> string_of_int (i - x)) [3; -4]);
                    List.fold_right (^) ["x"; "y"] "z";
                    fst (swap ("p", "q")); List.assoc 2 (List.combine [1; 2] ["one"; "two"]);
                    s.address ^ s.netmask; odd; String.sub "hello" 1 3;
                    string_of_int (List.length (List.filter even (List.init 5 (( * ) 3)))) ]
                let main = foreign "M.Main" (console @-> job)
                let () = register "x" (List.map (fun n -> main $ custom_console n) names)
                """;
        assertThat(main(text, Map.of()).lines().filter(line -> line.contains(".connect")))
                .map(line -> line.replaceFirst("^ *Console.connect ", ""))
                .containsExactly(
                        "\"007|a  |\\\"b\\\"|ff|true%\"",
                        "\"-3,5\"",
                        "\"x+y+z\"",
                        "\"q\"",
                        "\"two\"",
                        "\"1+3\"",
                        "\"no\"",
                        "\"ell\"",
                        "\"3\"");
    }

    @Test
    void udp_isOfEitherVersion() throws IOException {
        String text =
                """
                let main = foreign "M.Main" (udp @-> job)
                let () = register "x" [ main $ DEVICE ]
                """;
        assertThat(main(text.replace("DEVICE", "direct_udp (default_ipv4 tap0)"), Map.of()))
                .contains("M.Main(Udp1)");
        assertThatThrownBy(() -> main(text.replace("DEVICE", "tap0"), Map.of()))
                .hasMessageContaining("this has type network but udp is wanted");
    }

    @Test
    void text_keepsItsEscapes() throws IOException {
        String text =
                "let () = register \"x\" [foreign \"U.Main\" (console @-> job) $ custom_console"
                        + " \"a\\\"\\\\n\\065 (*\"]";
        assertThat(main(text, Map.of())).contains("Console.connect \"a\\\"\\\\nA (*\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "let () = register \"x\" [foreign \"M\" (console @-> job) $ tap0]",
                "let () = register \"x\" [default_console]",
                "let () = register \"x\" [nothing]",
                "let () = failwith \"not today\"",
                "let () = match 1 with 2 -> ()",
                "let () = register \"x\" [",
                "let () = register 7 []",
                "module M = F(X)",
                "let f = fun x -> x + \"a\" let y = f 1",
                "let x = List.hd []",
                "let x = 1 / 0",
                "let x = Printf.sprintf \"%q\" 1",
                "let rec f = fun x -> f x let y = f 1",
                "let x = \"\\q\"",
                "let x = 99999999999"
            })
    void load_refusesInOneLine_whatIsWrong(String text) {
        assertThatThrownBy(() -> loaded(text, Target.UNIX, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("Error loading config: ");
    }

    @Test
    void load_namesTheTypes_whereAFunctorGetsAnother() {
        String text = "let () = register \"x\" [foreign \"M\" (console @-> job) $ tap0]";
        assertThatThrownBy(() -> loaded(text, Target.UNIX, Map.of()))
                .hasMessageContaining("network")
                .hasMessageContaining("console");
    }

    @Test
    void load_saysWhatIsMissing_asTheOriginal() {
        assertThatThrownBy(() -> Loading.load(folder.resolve("none.ml"), Target.UNIX, Map.of()))
                .hasMessageEndingWith("none.ml does not exist, stopping.");
        assertThatThrownBy(() -> Loading.register(Project.of("x"))).hasMessage("no config file");
    }

    @Test
    void project_isEmpty_whereNothingIsRegistered() throws IOException {
        Project project = loaded("let x = 1", Target.UNIX, Map.of()).project();
        assertThat(project.name()).isEqualTo("empty");
        assertThat(project.jobs()).isEqualTo(List.of());
    }
}
