package vmm.config;

import java.util.List;

/** Devices that need no other: time, clock, random, io-page, console. */
final class BasicDevices {
    private BasicDevices() {}

    record Time() implements Configurable, Ambient {
        @Override
        public String variable(Generation g) {
            return "time";
        }

        @Override
        public String module(Generation g) {
            return "OS.Time";
        }
    }

    record IoPage() implements Configurable, Ambient {
        @Override
        public String variable(Generation g) {
            return "io_page";
        }

        @Override
        public String module(Generation g) {
            return "Io_page";
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of("io-page");
        }

        @Override
        public List<String> libraries(Generation g) {
            return g.target() == Target.XEN
                    ? List.of("io-page")
                    : List.of("io-page", "io-page.unix");
        }
    }

    record Clock() implements Configurable, Ambient {
        @Override
        public String variable(Generation g) {
            return "clock";
        }

        @Override
        public String module(Generation g) {
            return "Clock";
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of(g.target() == Target.XEN ? "mirage-clock-xen" : "mirage-clock-unix");
        }

        @Override
        public List<String> libraries(Generation g) {
            return packages(g);
        }

        @Override
        public void configure(Generation g) {
            g.line("let clock () = return (`Ok ())");
            g.blank();
        }
    }

    record Random() implements Configurable, Ambient {
        @Override
        public String variable(Generation g) {
            return "random";
        }

        @Override
        public String module(Generation g) {
            return "Random";
        }

        @Override
        public void configure(Generation g) {
            g.line("let random () = return (`Ok ())");
            g.blank();
        }
    }

    /**
     * A console.
     *
     * @param id which one; "0" is what everybody has
     */
    record Console(String id) implements Configurable {
        @Override
        public String variable(Generation g) {
            return g.named(this, "console" + id, "console");
        }

        @Override
        public String module(Generation g) {
            return "Console";
        }

        @Override
        public List<String> packages(Generation g) {
            return g.target() == Target.XEN
                    ? List.of("mirage-console", "xenstore", "mirage-xen", "xen-gnt", "xen-evtchn")
                    : List.of("mirage-console", "mirage-unix");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of(g.target() == Target.XEN ? "mirage-console.xen" : "mirage-console.unix");
        }

        @Override
        public void configure(Generation g) {
            String module = g.target() == Target.XEN ? "Console_xen" : "Console_unix";
            if (g.defines("Console")) {
                g.line("module Console = " + module);
                g.blank();
            }
            g.line("let " + variable(g) + " () =");
            g.line("  Console.connect " + Ocaml.quoted(id));
            g.blank();
        }
    }
}
