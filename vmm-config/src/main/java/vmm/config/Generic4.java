package vmm.config;

import static vmm.config.Mirage.matchImpl;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words of release 4 for devices that are chosen when the graph is configured: by the target,
 * and by what is said of their keys.
 */
public final class Generic4 {
    /** Where a stack's packets go, and where its addresses are from. */
    private enum Way {
        HOST,
        DHCP,
        STATIC
    }

    private static final String ANY = "any";
    private static final Ipv4Config STATIC = new Ipv4Config("10.0.0.2", "255.255.255.0", List.of());

    private Generic4() {}

    /** The interface that a target has where nothing else is said. */
    public static Dev<Kind.Network> defaultNetwork() {
        Value<String> name =
                Value.TARGET.map(t -> t.isUnix() ? "tap0" : t.isSolo5() ? "service" : "0");
        var networks = Map.of("tap0", Mirage.tap0(), "service", Mirage.netif("service"));
        return matchImpl(name, networks, Mirage.netif("0"));
    }

    /** A disk; the key {@code block} says which: of a file, of Xen's store, or in memory. */
    public static Dev<Kind.Block> genericBlock(String group, String name) {
        Key<String> key =
                Key.oneOf(key(group, "block"), "what the disk is", "xenstore", "file", "ramdisk")
                        .orElse("ramdisk");
        return genericBlock(Value.of(key), name);
    }

    /** The same where another value says which. */
    public static Dev<Kind.Block> genericBlock(Value<String> which, String name) {
        var disks =
                Map.of(
                        "xenstore", Devices4.blockOfXenstoreId(name),
                        "file", Mirage.blockOfFile(name));
        return matchImpl(which, disks, Devices4.ramdisk(name));
    }

    /** The files of a folder; the key {@code kv-ro} says how: crunch or direct. */
    public static Dev<Kind.KvRo> genericKvRo(String group, String folder) {
        Key<String> key =
                Key.oneOf(key(group, "kv-ro"), "how files are read", "crunch", "direct")
                        .orElse("crunch");
        return genericKvRo(Value.of(key), folder);
    }

    /** The same where another value says how. */
    public static Dev<Kind.KvRo> genericKvRo(Value<String> how, String folder) {
        return matchImpl(how, Map.of("crunch", Mirage.crunch(folder)), Mirage.directKvRo(folder));
    }

    /** A stack that the keys {@code net} and {@code no-dhcp} say more of. */
    public static Dev<Kind.Stackv4> genericStackv4v6(Dev<Kind.Network> network) {
        return genericStackv4v6("", Optional.empty(), network);
    }

    /**
     * A stack whose keys are in a group.
     *
     * @param addresses those that it has without DHCP
     */
    public static Dev<Kind.Stackv4> genericStackv4v6(
            String group, Optional<Ipv4Config> addresses, Dev<Kind.Network> network) {
        Value<String> net =
                Value.of(
                        Key.oneOf(
                                        key(group, "net"),
                                        "whose network stack",
                                        "host",
                                        "socket",
                                        "direct",
                                        "ocaml",
                                        ANY)
                                .orElse(ANY));
        Value<Boolean> noDhcp =
                Value.of(Key.flag(key(group, "no-dhcp"), "without DHCP").orElse(false));
        Value<Way> way =
                noDhcp.with(
                                Value.TARGET.with(net, Generic4::withDhcp),
                                (no, with) -> no ? Optional.<Way>empty() : Optional.of(with))
                        .with(Value.TARGET.with(net, Generic4::withoutDhcp), Optional::orElse);
        var console = Mirage.defaultConsole();
        var stacks =
                Map.of(
                        Way.HOST, Mirage.socketStackv4(console, List.of()),
                        Way.DHCP, Mirage.directStackv4WithDhcp(console, network));
        return matchImpl(
                way,
                stacks,
                Mirage.directStackv4WithStaticIpv4(console, network, addresses.orElse(STATIC)));
    }

    private static Way withDhcp(Target target, String net) {
        return isHosts(target, net) ? Way.HOST : Way.DHCP;
    }

    private static Way withoutDhcp(Target target, String net) {
        return isHosts(target, net) || (target.isUnix() && net.equals(ANY)) ? Way.HOST : Way.STATIC;
    }

    private static boolean isHosts(Target target, String net) {
        return target != Target.QUBES && List.of("host", "socket").contains(net);
    }

    private static String key(String group, String name) {
        return group.isEmpty() ? name : group + "-" + name;
    }
}
