package vmm.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The devices of release 4 that a graph becomes.
 *
 * <p>Time, clock, random, console and pages are linked there: they are no arguments of functors.
 */
final class Parts {
    /** A job that does nothing: what a module without arguments waits for. */
    private static final Form NOTHING = Form.of("Unit", "return ($,)");

    private final Target target;
    private final Identities identities;
    private final Part.Store store = new Part.Store();
    private final Map<Integer, Part> known = new HashMap<>();
    private final NetParts nets;
    private final StorageParts storage;

    private Parts(Target target, List<Node> jobs) {
        this.target = target;
        this.identities = new Identities(target);
        Attached all = Attached.of(jobs);
        nets = new NetParts(target, store, all.networks().size() > 1);
        storage = new StorageParts(target, store, all.blocks());
    }

    /** The parts of these jobs: none of them is so deep that its own parts are not yet known. */
    static Parts of(Target target, List<Node> jobs) {
        var parts = new Parts(target, jobs);
        var arguments = new ArrayList<Node>();
        jobs.forEach(
                job -> {
                    var spine = Spine.of(job);
                    arguments.addAll(spine.arguments());
                    arguments.addAll(spine.dependencies());
                });
        Walk.through(
                arguments,
                Parts::below,
                node -> {
                    Optional<Part> _ = parts.part(node);
                });
        return parts;
    }

    Part.Store store() {
        return store;
    }

    /** A job, which is started and not connected. */
    Part job(Node node) {
        if (node instanceof Node.Base) {
            return wanted(node);
        }
        var arguments = new ArrayList<Part>();
        Node.Foreign main = spine(node, arguments);
        Form form = form(main, "($M.start $* : unit io)");
        return arguments.isEmpty()
                ? store.part(form, List.of(), List.of(store.part(NOTHING)))
                : store.part(form, arguments, List.of());
    }

    private Form form(Node.Foreign main, String code) {
        var needs = new ArrayList<Need>();
        for (String name : main.packages()) {
            needs.add(main.libraries().isEmpty() ? Need.of(name) : Need.of(name).with());
        }
        if (!main.libraries().isEmpty()) {
            needs.addAll(libraries(main.libraries(), main.packages()));
        }
        return Form.of(main.module(), code, needs);
    }

    /** Libraries as needs of the packages that they are of, by findlib's names. */
    static List<Need> libraries(List<String> libraries, List<String> packages) {
        var needs = new ArrayList<Need>();
        for (String library : libraries) {
            int dot = library.indexOf('.');
            String owner = dot < 0 ? library : library.substring(0, dot);
            String name = packages.size() == 1 ? packages.getFirst() : owner;
            needs.add(new Need(name, Set.of(), Set.of(), Set.of(library), Need.Use.LINKED));
        }
        return needs;
    }

    private Node.Foreign spine(Node node, List<Part> arguments) {
        var spine = Spine.of(node);
        for (Node argument : spine.arguments()) {
            part(argument).ifPresent(arguments::add);
        }
        return switch (spine.head()) {
            case Node.Foreign foreign -> foreign;
            case Node.Base _, Node.App _, Node.Choice _ ->
                    throw new AssertionError("a graph's functors are the user's");
        };
    }

    /** The part that a node becomes; empty for what is no device there. */
    Optional<Part> part(Node node) {
        if (node instanceof Node.Base(var device) && isLinked(device)) {
            return Optional.empty();
        }
        int identity = identities.of(node);
        Part part = known.get(identity);
        if (part == null) {
            part = made(node);
            known.put(identity, part);
        }
        return Optional.of(part);
    }

    /** What must have become parts before a node does. */
    private static List<Node> below(Node node) {
        return switch (node) {
            case Node.App(var function, Node.Base(StorageDevices.Fat(_, var block)))
                    when function.equals(Mirage.FAT_KV_RO) ->
                    List.of(block);
            case Node.App _ -> Spine.of(node).arguments();
            case Node.Base(var device) -> isLinked(device) ? List.of() : device.children();
            case Node.Foreign _, Node.Choice _ -> List.of();
        };
    }

    private static boolean isLinked(Configurable device) {
        return device instanceof Ambient
                || device instanceof BasicDevices.Console
                || device instanceof ConduitDevices.TlsNone
                || (device instanceof ConduitDevices.Vchan(var xen, _) && !xen);
    }

    private Part made(Node node) {
        return switch (node) {
            case Node.Base(var device) -> made(device);
            case Node.App(var function, Node.Base(StorageDevices.Fat(_, var block)))
                    when function.equals(Mirage.FAT_KV_RO) ->
                    storage.fat(wanted(block));
            case Node.App _, Node.Foreign _ -> {
                var arguments = new ArrayList<Part>();
                Node.Foreign functor = spine(node, arguments);
                yield store.part(form(functor, "return ($,)"), arguments, List.of());
            }
            case Node.Choice _ -> throw new AssertionError("no branch has been chosen");
        };
    }

    private Part made(Configurable device) {
        return switch (device) {
            case NetDevices.Network network -> nets.network(network.name());
            case NetDevices.Ethif(var network) -> nets.ethernet(wanted(network));
            case NetDevices.Ip ip -> nets.ip(ip.config(), network(ip.ethernet()));
            case NetDevices.Udp(var ip) -> nets.udp(wanted(ip));
            case NetDevices.Tcp tcp -> nets.tcp(wanted(tcp.ip()));
            case NetDevices.Socket(var protocol, var address) -> nets.socket(protocol, address);
            case StackDevices.Direct stack -> nets.stack(network(stack.network()), stack.config());
            case StackDevices.Socket(_, var addresses) -> nets.socketStack(addresses);
            case ConduitDevices.Conduit(var stack, var vchan, _) -> {
                Optional<Part> _ = part(vchan);
                yield nets.conduit(wanted(stack));
            }
            case ConduitDevices.Vchan _ ->
                    throw missing("vchan", "its conduits are over a stack alone");
            case ConduitDevices.Http(var mode, var conduit) -> nets.http(mode, wanted(conduit));
            case ConduitDevices.ResolverDns dns ->
                    nets.resolver(wanted(dns.stack()), dns.server(), dns.port());
            case ConduitDevices.ResolverUnix _ -> nets.hostResolver();
            case StorageDevices.Block(_, var name) -> storage.block(name);
            case StorageDevices.Crunch(var folder) -> storage.crunch(folder);
            case StorageDevices.DirectKvRo(var crunch) -> storage.direct(crunch.folder());
            case StorageDevices.Fat _ ->
                    throw missing("fat", "it reads FAT through kv_ro_of_fs (fat BLOCK)");
            case StorageDevices.FatOfFiles _ ->
                    throw missing(
                            "fat_of_files",
                            "make the image with 'fat create' and 'fat add' and use kv_ro_of_fs"
                                    + " (fat (block_of_file NAME)), or crunch");
            default -> own(device);
        };
    }

    /** A device of the user's. */
    private Part own(Configurable device) {
        Form form =
                device.form(target)
                        .orElseThrow(
                                () ->
                                        missing(
                                                device.getClass().getSimpleName(),
                                                "its class tells by form()"));
        var arguments = new ArrayList<Part>();
        device.children().forEach(child -> part(child).ifPresent(arguments::add));
        return device instanceof Later later && !later.isFunctor()
                ? store.part(form, List.of(), arguments)
                : store.part(form, arguments, List.of());
    }

    private Part wanted(Node node) {
        return part(node)
                .orElseThrow(() -> new AssertionError("a linked device is no part of others"));
    }

    /** A network interface with its name, below an Ethernet interface or by itself. */
    private NetParts.Wire network(Node node) {
        Node below = node instanceof Node.Base(NetDevices.Ethif(var network)) ? network : node;
        String name = below instanceof Node.Base(NetDevices.Network(var own)) ? own : "";
        return new NetParts.Wire(name, wanted(below));
    }

    static ConfigException missing(String what, String next) {
        return new ConfigException("release 4 has no " + what + ": " + next);
    }
}
