package vmm.config;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The words of configurations: types, devices, {@link #foreign}.
 *
 * <p>Meant for {@code import static vmm.config.Mirage.*}.
 */
public final class Mirage {
    public static final Typ<Dev<Kind.Time>> TIME = Typ.of("time");
    public static final Typ<Dev<Kind.Clock>> CLOCK = Typ.of("clock");
    public static final Typ<Dev<Kind.Random>> RANDOM = Typ.of("random");
    public static final Typ<Dev<Kind.Console>> CONSOLE = Typ.of("console");
    public static final Typ<Dev<Kind.IoPage>> IO_PAGE = Typ.of("io_page");
    public static final Typ<Dev<Kind.Block>> BLOCK = Typ.of("block");
    public static final Typ<Dev<Kind.KvRo>> KV_RO = Typ.of("kv_ro");
    public static final Typ<Dev<Kind.Fs>> FS = Typ.of("fs");
    public static final Typ<Dev<Kind.Network>> NETWORK = Typ.of("network");
    public static final Typ<Dev<Kind.Ethernet>> ETHERNET = Typ.of("ethernet");
    public static final Typ<Dev<Kind.Ip<Kind.V4>>> IPV4 = Typ.of("ipv4");
    public static final Typ<Dev<Kind.Ip<Kind.V6>>> IPV6 = Typ.of("ipv6");
    public static final Typ<Dev<Kind.Udp<Kind.V4>>> UDPV4 = Typ.of("udpv4");
    public static final Typ<Dev<Kind.Udp<Kind.V6>>> UDPV6 = Typ.of("udpv6");
    public static final Typ<Dev<Kind.Tcp<Kind.V4>>> TCPV4 = Typ.of("tcpv4");
    public static final Typ<Dev<Kind.Tcp<Kind.V6>>> TCPV6 = Typ.of("tcpv6");
    public static final Typ<Dev<Kind.Stackv4>> STACKV4 = Typ.of("stackv4");
    public static final Typ<Dev<Kind.Resolver>> RESOLVER = Typ.of("resolver");
    public static final Typ<Dev<Kind.Vchan>> VCHAN = Typ.of("vchan");
    public static final Typ<Dev<Kind.ConduitTls>> CONDUIT_TLS = Typ.of("conduit_tls");
    public static final Typ<Dev<Kind.Conduit>> CONDUIT = Typ.of("conduit");
    public static final Typ<Dev<Kind.Http>> HTTP = Typ.of("http");
    public static final Typ<Dev<Kind.Job>> JOB = Typ.of("job");

    /** The functor that reads FAT as keys and values. */
    static final Node.Foreign FAT_KV_RO =
            new Node.Foreign(
                    "Fat.KV_RO.Make", List.of("fat-filesystem"), List.of("fat-filesystem"));

    private Mirage() {}

    /** A functor of the user's, of this type. */
    public static <T extends Implementation> T foreign(
            String module, Typ<T> typ, String... packages) {
        return foreign(module, typ, List.of(), List.of(packages));
    }

    /** A functor of the user's that needs these libraries of findlib and packages of opam. */
    public static <T extends Implementation> T foreign(
            String module, Typ<T> typ, List<String> libraries, List<String> packages) {
        return typ.wrap(new Node.Foreign(module, libraries, packages));
    }

    /** A device of the user's. */
    public static <K> Dev<K> implementation(Typ<Dev<K>> typ, Configurable device) {
        return typ.wrap(new Node.Base(device));
    }

    /** {@code yes} where {@code condition} is true when the graph is configured. */
    public static <T extends Implementation> T ifImpl(Value<Boolean> condition, T yes, T no) {
        return matchImpl(condition, Map.of(true, yes), no);
    }

    /** The branch of what {@code value} is when the graph is configured. */
    public static <V, T extends Implementation> T matchImpl(
            Value<V> value, Map<V, T> branches, T otherwise) {
        var nodes = new LinkedHashMap<V, Node>();
        branches.entrySet().stream()
                .sorted(Comparator.comparing(branch -> String.valueOf(branch.getKey())))
                .forEach(branch -> nodes.put(branch.getKey(), branch.getValue().node()));
        return rewrapped(otherwise, new Node.Choice(value, nodes, otherwise.node()));
    }

    /** The node with the type of {@code like}. */
    @SuppressWarnings("unchecked")
    static <T extends Implementation> T rewrapped(T like, Node node) {
        return (T)
                switch (like) {
                    case Dev<?> device -> wrapped(device, node);
                    case Fun<?, ?> functor -> wrapped(functor, node);
                };
    }

    private static <K> Dev<K> wrapped(Dev<K> device, Node node) {
        return device.typ().wrap(node);
    }

    private static <A extends Implementation, R extends Implementation> Fun<A, R> wrapped(
            Fun<A, R> functor, Node node) {
        return functor.typ().wrap(node);
    }

    /** The type of a device. */
    public static <K> Typ<Dev<K>> typ(Dev<K> device) {
        return device.typ();
    }

    /** The type of a functor. */
    public static <A extends Implementation, R extends Implementation> Typ<Fun<A, R>> typ(
            Fun<A, R> functor) {
        return functor.typ();
    }

    public static Dev<Kind.Time> defaultTime() {
        return implementation(TIME, new BasicDevices.Time());
    }

    public static Dev<Kind.Clock> defaultClock() {
        return implementation(CLOCK, new BasicDevices.Clock());
    }

    public static Dev<Kind.Random> defaultRandom() {
        return implementation(RANDOM, new BasicDevices.Random());
    }

    public static Dev<Kind.Console> defaultConsole() {
        return customConsole("0");
    }

    public static Dev<Kind.Console> customConsole(String id) {
        return implementation(CONSOLE, new BasicDevices.Console(id));
    }

    public static Dev<Kind.IoPage> defaultIoPage() {
        return implementation(IO_PAGE, new BasicDevices.IoPage());
    }

    public static Dev<Kind.Block> blockOfFile(String file) {
        return implementation(BLOCK, new StorageDevices.Block(file));
    }

    /** A block device that a tender attaches under this name. */
    public static Dev<Kind.Block> blockOfFile(DeviceName name) {
        return blockOfFile(name.text());
    }

    public static Dev<Kind.KvRo> crunch(String folder) {
        return implementation(KV_RO, new StorageDevices.Crunch(folder));
    }

    public static Dev<Kind.KvRo> directKvRo(String folder) {
        return implementation(
                KV_RO, new StorageDevices.DirectKvRo(new StorageDevices.Crunch(folder)));
    }

    public static Dev<Kind.Fs> fat(Dev<Kind.Block> block) {
        return fat(defaultIoPage(), block);
    }

    public static Dev<Kind.Fs> fat(Dev<Kind.IoPage> ioPage, Dev<Kind.Block> block) {
        return implementation(FS, new StorageDevices.Fat(ioPage.node(), block.node()));
    }

    /** A file system made of all files beside the configuration. */
    public static Dev<Kind.Fs> fatOfFiles() {
        return implementation(FS, new StorageDevices.FatOfFiles(Optional.empty(), "*"));
    }

    /** A file system made of the files in {@code folder} that {@code glob} names. */
    public static Dev<Kind.Fs> fatOfFiles(String folder, String glob) {
        return implementation(FS, new StorageDevices.FatOfFiles(Optional.of(folder), glob));
    }

    /** A file system made of the files beside the configuration that {@code glob} names. */
    public static Dev<Kind.Fs> fatOfFiles(String glob) {
        return implementation(FS, new StorageDevices.FatOfFiles(Optional.empty(), glob));
    }

    public static Dev<Kind.KvRo> kvRoOfFs(Dev<Kind.Fs> fs) {
        return FS.to(KV_RO).wrap(FAT_KV_RO).$(fs);
    }

    public static Dev<Kind.Network> tap0() {
        return netif("tap0");
    }

    public static Dev<Kind.Network> netif(String name) {
        return implementation(NETWORK, new NetDevices.Network(name));
    }

    /** A network device that a tender attaches under this name. */
    public static Dev<Kind.Network> netif(DeviceName name) {
        return netif(name.text());
    }

    public static Dev<Kind.Ethernet> etif(Dev<Kind.Network> network) {
        return implementation(ETHERNET, new NetDevices.Ethif(network.node()));
    }

    public static Ipv4Config ipv4Config(String address, String netmask, String... gateways) {
        return Ipv4Config.of(address, netmask, List.of(gateways));
    }

    public static Ipv6Config ipv6Config(String address, List<String> prefixes, String... gateways) {
        return Ipv6Config.of(address, prefixes, List.of(gateways));
    }

    public static Dev<Kind.Ip<Kind.V4>> defaultIpv4(Dev<Kind.Network> network) {
        return createIpv4(network, Ipv4Config.DEFAULT);
    }

    public static Dev<Kind.Ip<Kind.V4>> createIpv4(Dev<Kind.Network> network, Ipv4Config config) {
        return createIpv4(defaultClock(), defaultTime(), network, config);
    }

    public static Dev<Kind.Ip<Kind.V4>> createIpv4(
            Dev<Kind.Clock> clock,
            Dev<Kind.Time> time,
            Dev<Kind.Network> network,
            Ipv4Config config) {
        return implementation(IPV4, ip(4, etif(network), clock, time, config.config()));
    }

    public static Dev<Kind.Ip<Kind.V6>> createIpv6(Dev<Kind.Network> network, Ipv6Config config) {
        return createIpv6(defaultTime(), defaultClock(), network, config);
    }

    public static Dev<Kind.Ip<Kind.V6>> createIpv6(
            Dev<Kind.Time> time,
            Dev<Kind.Clock> clock,
            Dev<Kind.Network> network,
            Ipv6Config config) {
        return implementation(IPV6, ip(6, etif(network), clock, time, config.config()));
    }

    private static Configurable ip(
            int version,
            Dev<Kind.Ethernet> ethernet,
            Dev<Kind.Clock> clock,
            Dev<Kind.Time> time,
            IpConfig config) {
        return new NetDevices.Ip(version, ethernet.node(), clock.node(), time.node(), config);
    }

    public static <V> Dev<Kind.Udp<V>> directUdp(Dev<Kind.Ip<V>> ip) {
        return Typ.<Kind.Udp<V>>of("udp" + version(ip))
                .wrap(new Node.Base(new NetDevices.Udp(ip.node())));
    }

    private static String version(Dev<?> ip) {
        return ip.typ().toString().substring("ip".length());
    }

    /** UDP through the host's sockets, on all its addresses or on one. */
    public static Dev<Kind.Udp<Kind.V4>> socketUdpv4(Optional<String> address) {
        return implementation(UDPV4, new NetDevices.Socket("udp", address.map(Addresses::v4)));
    }

    public static <V> Dev<Kind.Tcp<V>> directTcp(Dev<Kind.Ip<V>> ip) {
        return directTcp(defaultClock(), defaultRandom(), defaultTime(), ip);
    }

    public static <V> Dev<Kind.Tcp<V>> directTcp(
            Dev<Kind.Clock> clock,
            Dev<Kind.Random> random,
            Dev<Kind.Time> time,
            Dev<Kind.Ip<V>> ip) {
        return Typ.<Kind.Tcp<V>>of("tcp" + version(ip))
                .wrap(
                        new Node.Base(
                                new NetDevices.Tcp(
                                        clock.node(), time.node(), ip.node(), random.node())));
    }

    /** TCP through the host's sockets, on all its addresses or on one. */
    public static Dev<Kind.Tcp<Kind.V4>> socketTcpv4(Optional<String> address) {
        return implementation(TCPV4, new NetDevices.Socket("tcp", address.map(Addresses::v4)));
    }

    public static Dev<Kind.Stackv4> directStackv4WithDhcp(
            Dev<Kind.Console> console, Dev<Kind.Network> network) {
        return directStackv4(console, network, StackMode.DHCP);
    }

    public static Dev<Kind.Stackv4> directStackv4WithDefaultIpv4(
            Dev<Kind.Console> console, Dev<Kind.Network> network) {
        return directStackv4(console, network, StackMode.DEFAULT);
    }

    public static Dev<Kind.Stackv4> directStackv4WithStaticIpv4(
            Dev<Kind.Console> console, Dev<Kind.Network> network, Ipv4Config config) {
        return directStackv4(console, network, new StackMode.Static(config));
    }

    public static Dev<Kind.Stackv4> directStackv4(
            Dev<Kind.Console> console, Dev<Kind.Network> network, StackMode mode) {
        return directStackv4(
                defaultClock(), defaultRandom(), defaultTime(), console, network, mode);
    }

    public static Dev<Kind.Stackv4> directStackv4(
            Dev<Kind.Clock> clock,
            Dev<Kind.Random> random,
            Dev<Kind.Time> time,
            Dev<Kind.Console> console,
            Dev<Kind.Network> network,
            StackMode mode) {
        return implementation(
                STACKV4,
                new StackDevices.Direct(
                        clock.node(),
                        time.node(),
                        console.node(),
                        network.node(),
                        random.node(),
                        addresses(mode)));
    }

    private static Optional<IpConfig> addresses(StackMode mode) {
        return switch (mode) {
            case StackMode.Dhcp() -> Optional.empty();
            case StackMode.Static(var addresses) -> Optional.of(addresses.config());
        };
    }

    public static Dev<Kind.Stackv4> socketStackv4(
            Dev<Kind.Console> console, List<String> addresses) {
        return implementation(
                STACKV4,
                new StackDevices.Socket(
                        console.node(), addresses.stream().map(Addresses::v4).toList()));
    }

    public static Dev<Kind.Resolver> resolverDns(Dev<Kind.Stackv4> stack) {
        return resolverDns(stack, Optional.empty(), OptionalInt.empty());
    }

    public static Dev<Kind.Resolver> resolverDns(
            Dev<Kind.Stackv4> stack, Optional<String> server, OptionalInt port) {
        return implementation(
                RESOLVER,
                new ConduitDevices.ResolverDns(stack.node(), server.map(Addresses::v4), port));
    }

    public static Dev<Kind.Resolver> resolverUnixSystem() {
        return implementation(RESOLVER, new ConduitDevices.ResolverUnix());
    }

    public static Dev<Kind.Vchan> vchanLocalhost(String uuid) {
        return implementation(VCHAN, new ConduitDevices.Vchan(false, uuid));
    }

    public static Dev<Kind.Vchan> vchanXen(String uuid) {
        return implementation(VCHAN, new ConduitDevices.Vchan(true, uuid));
    }

    /** The vchan that a target has. */
    public static Dev<Kind.Vchan> vchanDefault(Target target, String uuid) {
        return target == Target.XEN ? vchanXen(uuid) : vchanLocalhost(uuid);
    }

    public static Dev<Kind.ConduitTls> tlsNone() {
        return implementation(CONDUIT_TLS, new ConduitDevices.TlsNone());
    }

    public static Dev<Kind.Conduit> conduitDirect(Dev<Kind.Stackv4> stack) {
        return conduitDirect(vchanLocalhost("localhost"), tlsNone(), stack);
    }

    public static Dev<Kind.Conduit> conduitDirect(
            Dev<Kind.Vchan> vchan, Dev<Kind.ConduitTls> tls, Dev<Kind.Stackv4> stack) {
        return implementation(
                CONDUIT, new ConduitDevices.Conduit(stack.node(), vchan.node(), tls.node()));
    }

    public static Dev<Kind.Http> httpServer(ServerMode mode, Dev<Kind.Conduit> conduit) {
        return implementation(HTTP, new ConduitDevices.Http(mode, conduit.node()));
    }

    public static Tracing mprofTrace(int bytes) {
        return new Tracing(bytes);
    }

    public static Binding.Bridge bridge(String name) {
        return Binding.bridge(name);
    }

    public static Binding.Volume volume(String name) {
        return Binding.volume(name);
    }
}
