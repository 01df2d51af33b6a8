package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import vmm.config.Numbered.Tcpip;

/** Whole network stacks of version 4. */
final class StackDevices {
    private StackDevices() {}

    /** Begins the function that connects a stack. */
    private static void begin(Generation g, String name, Node console) {
        g.line("let " + name + " () =");
        g.line("  " + g.variable(console) + " () >>= function");
        g.line("  | `Error _    -> " + Generation.failure(g.variable(console)));
        g.line("  | `Ok console ->");
    }

    private static void configuration(Generation g, String name, String interfaces, String mode) {
        g.line("  let config = {");
        g.line("    V1_LWT.name = " + Ocaml.quoted(name) + ";");
        g.line("    console; " + interfaces + ";");
        g.line("    mode = " + mode + ";");
        g.line("  } in");
    }

    private static void part(Generation g, String module, String of, String state) {
        g.line("  " + module + ".connect " + of + " >>= function");
        g.line("  | `Error _ -> " + Generation.failure(module));
        g.line("  | `Ok " + state + " ->");
    }

    /**
     * A stack on a network interface.
     *
     * @param config empty: by DHCP
     */
    record Direct(
            Node clock,
            Node time,
            Node console,
            Node network,
            Node random,
            Optional<IpConfig> config)
            implements Tcpip {
        @Override
        public List<Node> children() {
            return List.of(clock, time, console, network, random);
        }

        @Override
        public List<Object> settings(Target target) {
            return List.of(config);
        }

        @Override
        public String variable(Generation g) {
            var key = new StringBuilder(config.map(IpConfig::meta).orElse("dhcp"));
            for (Node child : children().reversed()) {
                key.insert(0, g.variable(child));
            }
            return g.named(this, "stackv4" + key, "stackv4");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("tcpip.stack-direct", "mirage.runtime");
        }

        @Override
        public void configure(Generation g) {
            modules(g);
            connect(g);
        }

        private void modules(Generation g) {
            String stack = module(g);
            String clockM = g.module(clock);
            String timeM = g.module(time);
            String randomM = g.module(random);
            String networkM = g.module(network);
            g.line("module %s_E = Ethif.Make(%s)".formatted(stack, networkM));
            g.line("module %1$s_I = Ipv4.Make(%1$s_E)(%2$s)(%3$s)".formatted(stack, clockM, timeM));
            g.line("module %1$s_U = Udp.Make (%1$s_I)".formatted(stack));
            g.line(
                    "module %1$s_T = Tcp.Flow.Make(%1$s_I)(%2$s)(%3$s)(%4$s)"
                            .formatted(stack, timeM, clockM, randomM));
            g.line(
                    "module %1$s = Tcpip_stack_direct.Make(%2$s)(%3$s)(%4$s)(%5$s)(%1$s_E)(%1$s_I)(%1$s_U)(%1$s_T)"
                            .formatted(stack, g.module(console), timeM, randomM, networkM));
            g.blank();
        }

        private void connect(Generation g) {
            String name = variable(g);
            String stack = module(g);
            begin(g, name, console);
            g.line("  " + g.variable(network) + " () >>= function");
            g.line("  | `Error e      ->");
            g.line(
                    "    fail (Failure (Mirage_runtime.string_of_network_init_error "
                            + Ocaml.quoted(g.variable(network))
                            + " e))");
            g.line("  | `Ok interface ->");
            String mode = config.map(c -> "`IPv4 " + c.meta()).orElse("`DHCP");
            configuration(g, name, "interface", mode);
            part(g, stack + "_E", "interface", "ethif");
            part(g, stack + "_I", "ethif", "ipv4");
            part(g, stack + "_U", "ipv4", "udpv4");
            part(g, stack + "_T", "ipv4", "tcpv4");
            g.line("  " + stack + ".connect config ethif ipv4 udpv4 tcpv4");
            g.blank();
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Direct(
                    each.apply(clock),
                    each.apply(time),
                    each.apply(console),
                    each.apply(network),
                    each.apply(random),
                    config);
        }
    }

    /** A stack through the host's sockets. */
    record Socket(Node console, List<String> addresses) implements Tcpip {
        Socket {
            addresses = List.copyOf(addresses);
        }

        @Override
        public List<Node> children() {
            return List.of(console);
        }

        @Override
        public List<Object> settings(Target target) {
            return List.of(addresses);
        }

        private String meta() {
            return IpConfig.all("Ipaddr.V4.of_string_exn ", addresses);
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, "stackv4" + g.variable(console) + meta(), "stackv4");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("tcpip.stack-socket");
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            g.line("module " + module(g) + " = Tcpip_stack_socket.Make(" + g.module(console) + ")");
            g.blank();
            begin(g, name, console);
            configuration(g, name, "interface = [" + meta() + "]", "()");
            part(g, "Udpv4_socket", "None", "udpv4");
            part(g, "Tcpv4_socket", "None", "tcpv4");
            g.line("  " + module(g) + ".connect config udpv4 tcpv4");
            g.blank();
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Socket(each.apply(console), addresses);
        }
    }
}
