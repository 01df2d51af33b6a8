package vmm.config;

import static vmm.config.Meaning.wrong;
import static vmm.config.Words.add;
import static vmm.config.Words.dev;
import static vmm.config.Words.number;
import static vmm.config.Words.text;
import static vmm.config.Words.texts;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import vmm.config.Meaning.Tag;
import vmm.config.Meaning.Tuple;
import vmm.config.Meaning.Twofold;
import vmm.config.Meaning.Waiting;

/** The words of {@code config.ml} that only release 4 has. */
final class Words4 {
    /** A package of opam's with its libraries, as {@code package "x" ~sublibs:["y"]}. */
    private record Package(String name, List<String> libraries) {}

    private Words4() {}

    /** Adds them to those that release 2.5 has, some of which get a second meaning. */
    static void addTo(Map<String, Object> words) {
        for (Typ<?> typ :
                List.<Typ<?>>of(
                        Devices4.KV_RW,
                        Devices4.TCPV4V6,
                        Devices4.HAPPY_EYEBALLS,
                        Devices4.DNS_CLIENT,
                        Devices4.MIMIC,
                        Services4.HTTP_CLIENT,
                        Services4.ALPN_CLIENT,
                        Services4.GIT_CLIENT,
                        Services4.SYSLOG)) {
            words.put(typ.toString(), typ);
        }
        words.put("stackv4v6", Mirage.STACKV4);
        words.computeIfPresent(
                "http_server", (_, word) -> new Twofold(Services4.HTTP_SERVER, (Waiting) word));
        programs(words);
        blocks(words);
        stores(words);
        generic(words);
        names(words);
        logs(words);
        web(words);
        git(words);
    }

    private static void programs(Map<String, Object> words) {
        words.put("noop", Devices4.noop());
        words.put("__POS__", Meaning.UNIT);
        add(words, "Runtime_arg.create", 1, (a, _) -> text(a.getFirst()));
        add(words, "Runtime_arg.v", 1, (a, _) -> text(a.getFirst()));
        add(words, "package", 1, (a, l) -> packaged(text(a.getFirst()), l));
        add(
                words,
                "main",
                2,
                (a, l) -> {
                    var packages = new ArrayList<String>();
                    var libraries = new ArrayList<>(texts(l.getOrDefault("local_libs", List.of())));
                    for (Object each : Prelude.items(l.getOrDefault("packages", List.of()))) {
                        if (!(each instanceof Package(var name, var own))) {
                            throw wrong("~packages wants packages, as package \"NAME\"");
                        }
                        packages.add(name);
                        libraries.addAll(own);
                    }
                    return Mirage.foreign(
                            text(a.getFirst()), Words.typ(a.get(1)), libraries, packages);
                });
    }

    private static Package packaged(String name, Map<String, Object> labels) {
        for (String label : labels.keySet()) {
            if (!List.of("sublibs", "libs").contains(label)) {
                throw wrong("package has no ~" + label + " here: use a .java file");
            }
        }
        List<String> parts = texts(labels.getOrDefault("sublibs", List.of()));
        var whole = parts.isEmpty() ? List.of(name) : List.of();
        var libraries = new ArrayList<>(texts(labels.getOrDefault("libs", whole)));
        parts.forEach(part -> libraries.add(name + "." + part));
        return new Package(name, libraries);
    }

    private static Dev<Kind.Stackv4> stack(Object value) {
        return dev(value, Mirage.STACKV4);
    }

    private static Dev<Kind.Tcp<Kind.V4V6>> tcp(Object value) {
        return dev(value, Devices4.TCPV4V6);
    }

    private static Dev<Kind.Mimic> mimic(Object value) {
        return dev(value, Devices4.MIMIC);
    }

    private static Dev<Kind.Block> block(Object value) {
        return dev(value, Mirage.BLOCK);
    }

    private static Optional<String> label(Map<String, Object> labels, String name) {
        return Optional.ofNullable(labels.get(name)).map(Words::text);
    }

    private static OptionalLong amount(Map<String, Object> labels, String name) {
        return switch (labels.get(name)) {
            case null -> OptionalLong.empty();
            case Long nanos -> OptionalLong.of(nanos);
            case Object value -> OptionalLong.of(number(value));
        };
    }

    private static <K> Dev<K> grouped(Map<String, Object> labels, Dev<K> device) {
        return label(labels, "group").map(g -> Devices4.inGroup(g, device)).orElse(device);
    }

    private static void blocks(Map<String, Object> words) {
        add(
                words,
                "block_of_xenstore_id",
                1,
                (a, _) -> Devices4.blockOfXenstoreId(text(a.getFirst())));
        add(words, "ramdisk", 1, (a, _) -> Devices4.ramdisk(text(a.getFirst())));
        add(
                words,
                "ccm_block",
                2,
                (a, l) -> {
                    if (l.containsKey("nonce_len")) {
                        throw wrong("ccm_block has no ~nonce_len here: leave it out");
                    }
                    return Devices4.ccmBlock(text(a.getFirst()), block(a.get(1)));
                });
    }

    private static void stores(Map<String, Object> words) {
        add(words, "tar_kv_ro", 1, (a, _) -> Devices4.tarKvRo(block(a.getFirst())));
        add(words, "tar_kv_rw", 1, (a, _) -> Devices4.tarKvRw(block(a.getFirst())));
        add(words, "fat_ro", 1, (a, _) -> Mirage.kvRoOfFs(Mirage.fat(block(a.getFirst()))));
        add(words, "direct_kv_rw", 1, (a, _) -> Devices4.directKvRw(text(a.getFirst())));
        add(words, "kv_rw_mem", 1, (_, _) -> Devices4.kvRwMem());
        add(
                words,
                "chamelon",
                1,
                (a, l) ->
                        Devices4.chamelon(
                                text(l.getOrDefault("program_block_size", "")),
                                block(a.getFirst())));
        add(words, "docteur", 1, (a, l) -> docteur(Docteur.of(text(a.getFirst())), l));
    }

    private static Dev<Kind.KvRo> docteur(Docteur usual, Map<String, Object> labels) {
        boolean light = labels.get("mode") instanceof Tag(var name, _) && name.equals("Light");
        return Devices4.docteur(
                new Docteur(
                        usual.remote(),
                        light ? Docteur.Mode.LIGHT : usual.mode(),
                        label(labels, "name").orElse(usual.disk()),
                        label(labels, "output").orElse(usual.image()),
                        label(labels, "analyze").orElse(usual.analyze()),
                        label(labels, "branch"),
                        texts(labels.getOrDefault("extra_deps", List.of()))));
    }

    private static void generic(Map<String, Object> words) {
        words.put("default_network", Generic4.defaultNetwork());
        words.put("ethif", words.getOrDefault("etif", Meaning.UNIT));
        add(
                words,
                "generic_block",
                1,
                (a, l) -> Generic4.genericBlock(group(l), text(a.getFirst())));
        add(
                words,
                "generic_kv_ro",
                1,
                (a, l) -> Generic4.genericKvRo(group(l), text(a.getFirst())));
        add(
                words,
                "generic_stackv4v6",
                1,
                (a, l) -> {
                    if (l.containsKey("ipv6_network") || l.containsKey("ipv6_gateway")) {
                        throw wrong(
                                "a stack's IPv6 addresses are told when it boots: leave them out");
                    }
                    return Generic4.genericStackv4v6(
                            group(l),
                            label(l, "ipv4_network")
                                    .map(
                                            network ->
                                                    Ipv4Config.of(
                                                            network, label(l, "ipv4_gateway"))),
                            dev(a.getFirst(), Mirage.NETWORK));
                });
    }

    private static String group(Map<String, Object> labels) {
        return label(labels, "group").orElse("");
    }

    private static void names(Map<String, Object> words) {
        add(words, "tcpv4v6_of_stackv4v6", 1, (a, _) -> Devices4.tcpOfStack(stack(a.getFirst())));
        add(
                words,
                "generic_happy_eyeballs",
                1,
                (a, l) -> {
                    var patience = new EnumMap<Devices4.Patience, Long>(Devices4.Patience.class);
                    for (Devices4.Patience each : Devices4.Patience.values()) {
                        amount(l, each.name().toLowerCase(Locale.ROOT))
                                .ifPresent(value -> patience.put(each, value));
                    }
                    return grouped(l, Devices4.happyEyeballs(stack(a.getFirst()), patience));
                });
        add(
                words,
                "generic_dns_client",
                2,
                (a, l) ->
                        grouped(
                                l,
                                Devices4.dnsClient(
                                        stack(a.getFirst()),
                                        dev(a.get(1), Devices4.HAPPY_EYEBALLS),
                                        texts(l.getOrDefault("nameservers", List.of())),
                                        amount(l, "timeout"),
                                        amount(l, "cache_size"))));
        add(
                words,
                "mimic_happy_eyeballs",
                3,
                (a, _) ->
                        Devices4.mimicHappyEyeballs(
                                stack(a.getFirst()),
                                dev(a.get(1), Devices4.HAPPY_EYEBALLS),
                                dev(a.get(2), Devices4.DNS_CLIENT)));
    }

    private static void logs(Map<String, Object> words) {
        add(words, "syslog_udp", 1, (a, l) -> grouped(l, Services4.syslogUdp(stack(a.getFirst()))));
        add(words, "syslog_tcp", 1, (a, l) -> grouped(l, Services4.syslogTcp(stack(a.getFirst()))));
        add(
                words,
                "syslog_tls",
                2,
                (a, l) ->
                        grouped(
                                l,
                                Services4.syslogTls(
                                        stack(a.getFirst()), dev(a.get(1), Mirage.KV_RO))));
        add(
                words,
                "monitoring",
                1,
                (a, l) -> grouped(l, Services4.monitoring(stack(a.getFirst()))));
    }

    private static void web(Map<String, Object> words) {
        add(words, "cohttp_server", 1, (a, _) -> Services4.cohttpServer(conduit(a.getFirst())));
        add(words, "httpaf_server", 1, (a, _) -> Services4.httpafServer(conduit(a.getFirst())));
        add(
                words,
                "cohttp_client",
                2,
                (a, _) ->
                        Services4.cohttpClient(
                                dev(a.getFirst(), Mirage.RESOLVER), conduit(a.get(1))));
        add(
                words,
                "paf_server",
                1,
                (a, l) -> Services4.pafServer(text(l.getOrDefault("port", "")), tcp(a.getFirst())));
        add(
                words,
                "paf_client",
                2,
                (a, _) -> Services4.pafClient(tcp(a.getFirst()), mimic(a.get(1))));
    }

    private static Dev<Kind.Conduit> conduit(Object value) {
        return dev(value, Mirage.CONDUIT);
    }

    private static void git(Map<String, Object> words) {
        add(
                words,
                "merge_git_clients",
                2,
                (a, _) ->
                        Services4.mergeGitClients(
                                dev(a.getFirst(), Services4.GIT_CLIENT),
                                dev(a.get(1), Services4.GIT_CLIENT)));
        add(words, "git_tcp", 2, (a, _) -> Services4.gitTcp(tcp(a.getFirst()), mimic(a.get(1))));
        add(
                words,
                "git_ssh",
                2,
                (a, l) ->
                        grouped(
                                l,
                                Services4.gitSsh(
                                        label(l, "key"),
                                        label(l, "password"),
                                        label(l, "authenticator"),
                                        tcp(a.getFirst()),
                                        mimic(a.get(1)))));
        add(
                words,
                "git_http",
                2,
                (a, l) ->
                        grouped(
                                l,
                                Services4.gitHttp(
                                        label(l, "authenticator"),
                                        headers(l.getOrDefault("headers", List.of())),
                                        tcp(a.getFirst()),
                                        mimic(a.get(1)))));
    }

    private static Map<String, String> headers(Object list) {
        var headers = new LinkedHashMap<String, String>();
        for (Object each : Prelude.items(list)) {
            if (!(each instanceof Tuple(var pair)) || pair.size() != 2) {
                throw wrong("a header is a pair of texts, as (\"NAME\", \"VALUE\")");
            }
            headers.put(text(pair.getFirst()), text(pair.get(1)));
        }
        return headers;
    }
}
