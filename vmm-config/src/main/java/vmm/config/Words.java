package vmm.config;

import static vmm.config.Meaning.wrong;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What the words of {@code config.ml} mean; types are checked as it goes. */
final class Words {
    private Words() {}

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Object arrow(Object left, Object right) {
        return ((Typ) typ(left)).to((Typ) typ(right));
    }

    static Typ<?> typ(Object value) {
        return switch (value) {
            case Typ<?> typ -> typ;
            case Meaning.Twofold(var typ, _) -> typ;
            default -> throw wrong("a type is wanted");
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Object apply(Object left, Object right) {
        if (!(left instanceof Fun functor)) {
            throw wrong(
                    left instanceof Dev<?>(_, var typ)
                            ? "this has type " + typ + ", it is no functor"
                            : "only a functor can be applied with $");
        }
        if (!(right instanceof Implementation impl)) {
            throw wrong("a functor is applied to a device");
        }
        Typ<?> wanted = functor.argument();
        Optional<String> why = wanted.problem(impl);
        if (why.isPresent()) {
            throw wrong(why.get());
        }
        return functor.$(impl);
    }

    @SuppressWarnings("unchecked")
    static <K> Dev<K> dev(Object value, Typ<Dev<K>> typ) {
        if (!(value instanceof Dev<?> device)) {
            throw wrong("a " + typ + " is wanted");
        }
        Optional<String> why = typ.problem(device);
        if (why.isPresent()) {
            throw wrong(why.get());
        }
        return (Dev<K>) device;
    }

    static String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw wrong("a text is wanted, not " + value);
    }

    static int number(Object value) {
        if (value instanceof Integer number) {
            return number;
        }
        throw wrong("a number is wanted, not " + value);
    }

    static List<String> texts(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(Words::text).toList();
        }
        throw wrong("a list is wanted");
    }

    static Map<String, Object> all(Target target) {
        var words = new LinkedHashMap<String, Object>();
        types(words);
        basics(words);
        storage(words);
        nets(words);
        stacks(words);
        conduits(words, target);
        ChoiceWords.add(words);
        Words4.addTo(words);
        return words;
    }

    private static void types(Map<String, Object> words) {
        for (Typ<?> typ :
                List.<Typ<?>>of(
                        Mirage.TIME,
                        Mirage.CLOCK,
                        Mirage.RANDOM,
                        Mirage.CONSOLE,
                        Mirage.IO_PAGE,
                        Mirage.BLOCK,
                        Mirage.KV_RO,
                        Mirage.FS,
                        Mirage.NETWORK,
                        Mirage.ETHERNET,
                        Mirage.IPV4,
                        Mirage.IPV6,
                        Mirage.UDPV4,
                        Mirage.UDPV6,
                        Mirage.TCPV4,
                        Mirage.TCPV6,
                        Mirage.STACKV4,
                        Mirage.RESOLVER,
                        Mirage.VCHAN,
                        Mirage.CONDUIT_TLS,
                        Mirage.CONDUIT,
                        Mirage.HTTP,
                        Typ.either("udp", Mirage.UDPV4, Mirage.UDPV6),
                        Typ.either("tcp", Mirage.TCPV4, Mirage.TCPV6),
                        Mirage.JOB)) {
            words.put(typ.toString(), typ);
        }
    }

    static void add(Map<String, Object> words, String name, int arity, Meaning.Body meaning) {
        words.put(name, new Meaning.Waiting(new Meaning.Word(name, arity, 0, meaning)));
    }

    private static void basics(Map<String, Object> words) {
        words.put("default_time", Mirage.defaultTime());
        words.put("default_clock", Mirage.defaultClock());
        words.put("default_random", Mirage.defaultRandom());
        words.put("default_console", Mirage.defaultConsole());
        words.put("default_io_page", Mirage.defaultIoPage());
        words.put("tls_none", Mirage.tlsNone());
        add(words, "custom_console", 1, (a, _) -> Mirage.customConsole(text(a.getFirst())));
        add(
                words,
                "foreign",
                2,
                (a, l) ->
                        Mirage.foreign(
                                text(a.getFirst()),
                                typ(a.get(1)),
                                texts(l.getOrDefault("libraries", List.of())),
                                texts(l.getOrDefault("packages", List.of()))));
        add(
                words,
                "register",
                2,
                (a, l) -> {
                    if (!(a.get(1) instanceof List<?> jobs)) {
                        throw wrong("register wants a list of jobs");
                    }
                    var devices = jobs.stream().map(job -> dev(job, Mirage.JOB)).toList();
                    Project project = Project.of(text(a.getFirst())).withJobs(devices);
                    Loading.register(
                            l.get("tracing") instanceof Tracing tracing
                                    ? project.withTracing(tracing)
                                    : project);
                    return Meaning.UNIT;
                });
        add(
                words,
                "add_to_opam_packages",
                1,
                (a, _) -> {
                    Loading.needPackages(texts(a.getFirst()));
                    return Meaning.UNIT;
                });
        add(
                words,
                "add_to_ocamlfind_libraries",
                1,
                (a, _) -> {
                    Loading.needLibraries(texts(a.getFirst()));
                    return Meaning.UNIT;
                });
        add(
                words,
                "mprof_trace",
                1,
                (_, l) -> Mirage.mprofTrace(number(l.getOrDefault("size", ""))));
    }

    private static void storage(Map<String, Object> words) {
        add(words, "block_of_file", 1, (a, _) -> Mirage.blockOfFile(text(a.getFirst())));
        add(words, "crunch", 1, (a, _) -> Mirage.crunch(text(a.getFirst())));
        add(words, "direct_kv_ro", 1, (a, _) -> Mirage.directKvRo(text(a.getFirst())));
        add(
                words,
                "fat",
                1,
                (a, l) ->
                        Mirage.fat(
                                dev(
                                        l.getOrDefault("io_page", Mirage.defaultIoPage()),
                                        Mirage.IO_PAGE),
                                dev(a.getFirst(), Mirage.BLOCK)));
        add(
                words,
                "fat_of_files",
                1,
                (_, l) -> {
                    String glob = text(l.getOrDefault("regexp", "*"));
                    Object folder = l.get("dir");
                    return folder == null
                            ? Mirage.fatOfFiles(glob)
                            : Mirage.fatOfFiles(text(folder), glob);
                });
        add(words, "kv_ro_of_fs", 1, (a, _) -> Mirage.kvRoOfFs(dev(a.getFirst(), Mirage.FS)));
    }

    private static void nets(Map<String, Object> words) {
        words.put("tap0", Mirage.tap0());
        add(words, "netif", 1, (a, _) -> Mirage.netif(text(a.getFirst())));
        add(words, "etif", 1, (a, _) -> Mirage.etif(dev(a.getFirst(), Mirage.NETWORK)));
        add(
                words,
                "default_ipv4",
                1,
                (a, _) -> Mirage.defaultIpv4(dev(a.getFirst(), Mirage.NETWORK)));
        add(
                words,
                "create_ipv4",
                2,
                (a, l) ->
                        Mirage.createIpv4(
                                clock(l),
                                time(l),
                                dev(a.getFirst(), Mirage.NETWORK),
                                v4(a.get(1))));
        add(
                words,
                "create_ipv6",
                2,
                (a, l) ->
                        Mirage.createIpv6(
                                time(l),
                                clock(l),
                                dev(a.getFirst(), Mirage.NETWORK),
                                v6(a.get(1))));
        add(
                words,
                "direct_udp",
                1,
                (a, _) ->
                        isV6(a.getFirst())
                                ? Mirage.directUdp(dev(a.getFirst(), Mirage.IPV6))
                                : Mirage.directUdp(dev(a.getFirst(), Mirage.IPV4)));
        add(
                words,
                "direct_tcp",
                1,
                (a, l) ->
                        isV6(a.getFirst())
                                ? Mirage.directTcp(
                                        clock(l),
                                        random(l),
                                        time(l),
                                        dev(a.getFirst(), Mirage.IPV6))
                                : Mirage.directTcp(
                                        clock(l),
                                        random(l),
                                        time(l),
                                        dev(a.getFirst(), Mirage.IPV4)));
        add(words, "socket_udpv4", 1, (a, _) -> Mirage.socketUdpv4(maybe(a.getFirst())));
        add(words, "socket_tcpv4", 1, (a, _) -> Mirage.socketTcpv4(maybe(a.getFirst())));
    }

    private static boolean isV6(Object ip) {
        return ip instanceof Dev<?>(_, var typ) && typ.toString().equals("ipv6");
    }

    private static Optional<String> maybe(Object value) {
        return value instanceof Optional<?> some ? some.map(Words::text) : Optional.of(text(value));
    }

    private static Dev<Kind.Clock> clock(Map<String, Object> labels) {
        return dev(labels.getOrDefault("clock", Mirage.defaultClock()), Mirage.CLOCK);
    }

    private static Dev<Kind.Time> time(Map<String, Object> labels) {
        return dev(labels.getOrDefault("time", Mirage.defaultTime()), Mirage.TIME);
    }

    private static Dev<Kind.Random> random(Map<String, Object> labels) {
        return dev(labels.getOrDefault("random", Mirage.defaultRandom()), Mirage.RANDOM);
    }

    private static Object field(Object record, String name) {
        Object value = record instanceof Map<?, ?> fields ? fields.get(name) : null;
        if (value == null) {
            throw wrong("a record with " + name + " is wanted");
        }
        return value;
    }

    private static Ipv4Config v4(Object record) {
        return new Ipv4Config(
                text(field(record, "address")),
                text(field(record, "netmask")),
                texts(field(record, "gateways")));
    }

    private static Ipv6Config v6(Object record) {
        return new Ipv6Config(
                text(field(record, "address")),
                texts(field(record, "netmask")),
                texts(field(record, "gateways")));
    }

    private static void stacks(Map<String, Object> words) {
        add(words, "direct_stackv4_with_dhcp", 2, (a, l) -> stack(a, l, StackMode.DHCP));
        add(words, "direct_stackv4_with_default_ipv4", 2, (a, l) -> stack(a, l, StackMode.DEFAULT));
        add(
                words,
                "direct_stackv4_with_static_ipv4",
                3,
                (a, l) -> stack(a, l, new StackMode.Static(v4(a.get(2)))));
        add(
                words,
                "socket_stackv4",
                2,
                (a, _) -> Mirage.socketStackv4(dev(a.getFirst(), Mirage.CONSOLE), texts(a.get(1))));
    }

    private static Dev<Kind.Stackv4> stack(List<Object> a, Map<String, Object> l, StackMode mode) {
        return Mirage.directStackv4(
                clock(l),
                random(l),
                time(l),
                dev(a.getFirst(), Mirage.CONSOLE),
                dev(a.get(1), Mirage.NETWORK),
                mode);
    }

    private static void conduits(Map<String, Object> words, Target target) {
        add(words, "vchan_localhost", 1, (_, l) -> Mirage.vchanLocalhost(uuid(l)));
        add(words, "vchan_xen", 1, (_, l) -> Mirage.vchanXen(uuid(l)));
        add(words, "vchan_default", 1, (_, l) -> Mirage.vchanDefault(target, uuid(l)));
        add(words, "conduit_direct", 1, (a, l) -> conduit(dev(a.getFirst(), Mirage.STACKV4), l));
        words.put("resolver_unix_system", Mirage.resolverUnixSystem());
        add(
                words,
                "resolver_dns",
                1,
                (a, l) ->
                        Mirage.resolverDns(
                                dev(a.getFirst(), Mirage.STACKV4),
                                l.containsKey("ns") ? maybe(l.get("ns")) : Optional.empty(),
                                l.containsKey("ns_port")
                                        ? OptionalInt.of(number(l.get("ns_port")))
                                        : OptionalInt.empty()));
        add(
                words,
                "http_server",
                2,
                (a, _) -> Mirage.httpServer(mode(a.getFirst()), dev(a.get(1), Mirage.CONDUIT)));
    }

    private static Dev<Kind.Conduit> conduit(Dev<Kind.Stackv4> stack, Map<String, Object> labels) {
        if (labels.get("tls") instanceof Boolean secret) {
            var plain = Mirage.conduitDirect(stack);
            return secret ? Services4.conduitTls(plain) : plain;
        }
        return Mirage.conduitDirect(
                dev(labels.getOrDefault("vchan", Mirage.vchanLocalhost("localhost")), Mirage.VCHAN),
                dev(labels.getOrDefault("tls", Mirage.tlsNone()), Mirage.CONDUIT_TLS),
                stack);
    }

    private static String uuid(Map<String, Object> labels) {
        return text(labels.getOrDefault("uuid", "localhost"));
    }

    private static ServerMode mode(Object value) {
        return switch (value) {
            case Meaning.Tag(var name, var argument)
                    when name.equals("TCP")
                            && argument.orElse("") instanceof Meaning.Tag(var inner, var port)
                            && inner.equals("Port") ->
                    new ServerMode.Tcp(number(port.orElse("")));
            case Meaning.Tag(var name, var names) when name.equals("Vchan") ->
                    new ServerMode.Vchan(texts(names.orElse(List.of())));
            default -> throw wrong("a server is `TCP (`Port N)");
        };
    }
}
