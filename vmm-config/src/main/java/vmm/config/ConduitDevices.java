package vmm.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** Vchan, conduits, resolvers, HTTP. */
final class ConduitDevices {
    private ConduitDevices() {}

    /**
     * A way to other domains.
     *
     * @param xen through xenstore; otherwise in memory
     */
    record Vchan(boolean xen, String uuid) implements Numbered {
        @Override
        public String variable(Generation g) {
            return g.named(this, xen ? "xen" : "in_memory", "vchan");
        }

        @Override
        public List<String> packages(Generation g) {
            if (!xen) {
                return List.of("mirage-conduit");
            }
            return g.target() == Target.XEN
                    ? List.of("vchan", "mirage-xen", "xen-evtchn", "xen-gnt")
                    : List.of("vchan", "xen-evtchn", "xen-gnt");
        }

        @Override
        public List<String> libraries(Generation g) {
            if (!xen) {
                return List.of("conduit.mirage");
            }
            return List.of(g.target() == Target.XEN ? "conduit.mirage-xen" : "vchan");
        }

        @Override
        public void configure(Generation g) {
            String there = g.target() == Target.XEN ? "Conduit_xenstore" : "Vchan_lwt_unix.M";
            g.line("module " + module(g) + " = " + (xen ? there : "Conduit_localhost"));
            g.blank();
            g.line("let " + variable(g) + " = " + module(g) + ".register " + Ocaml.quoted(uuid));
            g.blank();
        }
    }

    record TlsNone() implements Configurable {
        @Override
        public String variable(Generation g) {
            return "tls_none";
        }

        @Override
        public String module(Generation g) {
            return "Tls_none";
        }

        @Override
        public void configure(Generation g) {
            g.line("module Tls_none = Conduit_mirage.No_TLS");
            g.line("let tls_none = return (`Ok ())");
            g.blank();
        }
    }

    record Conduit(Node stack, Node vchan, Node tls) implements Numbered {
        @Override
        public List<Node> children() {
            return List.of(stack, vchan, tls);
        }

        @Override
        public String variable(Generation g) {
            String key = g.variable(tls);
            key = g.variable(vchan) + "_" + key;
            return g.named(this, "conduit" + g.variable(stack) + "_" + key, "conduit");
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of("conduit", "mirage-types", "vchan");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("conduit.mirage");
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            String stackV = g.variable(stack);
            String vchanV = g.variable(vchan);
            String tlsV = g.variable(tls);
            g.line(
                    "module %s = Conduit_mirage.Make(%s)(%s)(%s)"
                            .formatted(module(g), g.module(stack), g.module(vchan), g.module(tls)));
            g.blank();
            g.line("let " + name + " () =");
            g.line("  " + stackV + " () >>= function");
            g.line("  | `Error _  -> " + Generation.failure(stackV));
            g.line("  | `Ok " + stackV + " ->");
            g.line("  " + vchanV + " >>= fun " + vchanV + " ->");
            g.line("  " + tlsV + " >>= function");
            g.line("  | `Error _  -> " + Generation.failure(tlsV));
            g.line("  | `Ok () ->");
            g.line(
                    "  %s.init ~peer:%s ~stack:%s () >>= fun %s ->"
                            .formatted(module(g), vchanV, stackV, name));
            g.line("  return (`Ok " + name + ")");
            g.blank();
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Conduit(each.apply(stack), each.apply(vchan), each.apply(tls));
        }
    }

    /** The resolver of the host. */
    record ResolverUnix() implements Numbered {
        @Override
        public String variable(Generation g) {
            return g.named(this, "resolver_unix", "resolver");
        }

        @Override
        public List<String> packages(Generation g) {
            if (g.target() == Target.XEN) {
                throw new ConfigException("Resolver_unix not supported on Xen");
            }
            return List.of("mirage-conduit");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("conduit.mirage", "conduit.lwt-unix");
        }

        @Override
        public void configure(Generation g) {
            g.line("module " + module(g) + " = Resolver_lwt");
            g.line("let " + variable(g) + " () =");
            g.line("  return (`Ok Resolver_lwt_unix.system)");
            g.blank();
        }
    }

    /** A resolver that asks name servers itself. */
    record ResolverDns(Node stack, Optional<String> server, OptionalInt port)
            implements Configurable {
        @Override
        public List<Node> children() {
            return List.of(stack);
        }

        @Override
        public List<Object> settings(Target target) {
            return List.of(server, port);
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, "resolver" + g.variable(stack), "resolver");
        }

        @Override
        public String module(Generation g) {
            return Ocaml.capitalized(variable(g)) + "_res";
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of("dns", "tcpip");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of("dns.mirage");
        }

        @Override
        public void configure(Generation g) {
            String core = Ocaml.capitalized(variable(g));
            String stackV = g.variable(stack);
            g.line("module " + module(g) + " = Resolver_lwt");
            g.line(
                    "module %s_dns = Dns_resolver_mirage.Make(OS.Time)(%s)"
                            .formatted(core, g.module(stack)));
            g.line("module %1$s = Resolver_mirage.Make(%1$s_dns)".formatted(core));
            g.blank();
            String ns = server.map(s -> "Ipaddr.V4.of_string " + Ocaml.quoted(s)).orElse("None");
            g.line("let " + variable(g) + " () =");
            g.line("  " + stackV + " () >>= function");
            g.line("  | `Error _  -> " + Generation.failure(stackV));
            g.line("  | `Ok " + stackV + " ->");
            g.line("  let ns = " + ns + " in");
            g.line(
                    "  let ns_port = "
                            + (port.isPresent() ? "Some " + port.getAsInt() : "None")
                            + " in");
            g.line("  let res = " + core + ".init ?ns ?ns_port ~stack:" + stackV + " () in");
            g.line("  return (`Ok res)");
            g.blank();
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new ResolverDns(each.apply(stack), server, port);
        }
    }

    /** An HTTP server. */
    record Http(ServerMode mode, Node conduit) implements Numbered {
        @Override
        public List<Node> children() {
            return List.of(conduit);
        }

        @Override
        public List<Object> settings(Target target) {
            return List.of(mode);
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, "http" + g.variable(conduit), "http");
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of("mirage-http");
        }

        @Override
        public List<String> libraries(Generation g) {
            return packages(g);
        }

        @Override
        public void configure(Generation g) {
            String conduitV = g.variable(conduit);
            g.line(
                    "module %s = Cohttp_mirage.Server(%s.Flow)"
                            .formatted(module(g), g.module(conduit)));
            g.blank();
            g.line("let " + variable(g) + " () =");
            g.line("  " + conduitV + " () >>= function");
            g.line("  | `Error _  -> " + Generation.failure(conduitV));
            g.line("  | `Ok " + conduitV + " ->");
            g.line("  let listen spec =");
            g.line("    let ctx = " + conduitV + " in");
            g.line("    let mode = " + expression() + " in");
            g.line(
                    "    %s.serve ~ctx ~mode (%s.listen spec)"
                            .formatted(g.module(conduit), module(g)));
            g.line("  in");
            g.line("  return (`Ok listen)");
            g.blank();
        }

        private String expression() {
            return switch (mode) {
                case ServerMode.Tcp(int port) -> "`TCP (`Port " + port + ")";
                case ServerMode.Vchan _ ->
                        throw new ConfigException("Vchan not supported yet in server");
            };
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Http(mode, each.apply(conduit));
        }
    }
}
