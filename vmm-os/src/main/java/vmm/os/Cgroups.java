package vmm.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The control groups of one supervisor: a folder below its own group in every hierarchy that may be
 * used. Controllers are in v1 hierarchies, in the unified one, or here and there. Any thread.
 */
public final class Cgroups {
    /** What a group can do for us, whichever hierarchy it is in. */
    public enum Controller {
        CPU,
        CPUACCT,
        MEMORY,
        FREEZER,
        PIDS,
        BLKIO;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        String unifiedWord() {
            return this == BLKIO ? "io" : word();
        }
    }

    /** The folder that serves a controller. */
    record Seat(Path folder, boolean unified) {}

    /** What a unified group has only if its parent hands it on. */
    private static final List<Controller> HANDED_ON =
            List.of(Controller.CPU, Controller.MEMORY, Controller.PIDS, Controller.BLKIO);

    private static final int NAME_BYTES_MAX = 200;
    private static final String DOMAIN_PREFIX = "d.";

    private final Map<Controller, Seat> seats;
    private final Optional<Seat> machine;

    private Cgroups(Map<Controller, Seat> seats) {
        this.seats = seats;
        machine = Optional.ofNullable(seats.get(Controller.CPUACCT)).map(Cgroups::root);
    }

    /** The topmost group that counts CPU time. */
    private static Seat root(Seat seat) {
        Path root = seat.folder();
        String file = seat.unified() ? "cpu.stat" : "cpuacct.usage";
        Path parent = root.getParent();
        while (parent != null && Files.exists(parent.resolve(file))) {
            root = parent;
            parent = root.getParent();
        }
        return new Seat(root, seat.unified());
    }

    /** None at all: domains run without limits and cannot be frozen. */
    public static Cgroups none() {
        return new Cgroups(Map.of());
    }

    /**
     * Finds and makes the folders {@code name}. What this process may not use is left out.
     *
     * @param name of the supervisor, unique on the machine
     */
    public static Cgroups open(String name) throws IOException {
        var own = Files.readString(Path.of("/proc/self/cgroup"));
        return at(seats(Files.readString(Path.of("/proc/self/mountinfo")), own), name);
    }

    /** Makes the folders {@code name} in the seats found. */
    static Cgroups at(Map<Controller, Seat> found, String name) {
        var usable = new EnumMap<Controller, Seat>(Controller.class);
        found.forEach(
                (controller, seat) -> {
                    try {
                        usable.put(controller, child(seat, name, found));
                    } catch (IOException notAllowed) {
                        usable.remove(controller);
                    }
                });
        return new Cgroups(usable);
    }

    private static Seat child(Seat seat, String name, Map<Controller, Seat> all)
            throws IOException {
        Path folder = seat.folder().resolve(name);
        Files.createDirectories(folder);
        if (seat.unified()) {
            delegate(seat.folder(), all);
            delegate(folder, all);
        }
        if (!Files.isWritable(folder)) {
            throw new IOException(folder + " is not ours");
        }
        return new Seat(folder, seat.unified());
    }

    /** In the unified hierarchy a group's children have only what the group hands on. */
    private static void delegate(Path folder, Map<Controller, Seat> all) throws IOException {
        var wanted = new StringBuilder();
        for (Controller controller : HANDED_ON) {
            Seat seat = all.get(controller);
            if (seat != null && seat.unified()) {
                wanted.append(wanted.isEmpty() ? "+" : " +").append(controller.unifiedWord());
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        try {
            KernelFile.write(folder.resolve("cgroup.subtree_control"), wanted.toString());
        } catch (IOException busy) {
            // A group that hands on controllers must hold no process itself.
            Path leaf = Files.createDirectories(folder.resolve("supervisor"));
            KernelFile.write(leaf.resolve("cgroup.procs"), "0");
            KernelFile.write(folder.resolve("cgroup.subtree_control"), wanted.toString());
        }
    }

    /**
     * Where each controller is, from the kernel's two tables.
     *
     * @param mountinfo /proc/self/mountinfo
     * @param own /proc/self/cgroup
     */
    static Map<Controller, Seat> seats(String mountinfo, String own) throws IOException {
        var seats = new EnumMap<Controller, Seat>(Controller.class);
        Path unified = null;
        for (String line : mountinfo.lines().toList()) {
            int dash = line.indexOf(" - ");
            String[] front = line.split(" ", -1);
            String[] back = dash < 0 ? new String[0] : line.substring(dash + 3).split(" ", -1);
            if (back.length < 3) {
                continue;
            }
            Path mount = Path.of(front[4]);
            if (back[0].equals("cgroup2") && unified == null) {
                unified = mount.resolve(below(front[3], ownPath(own, "")));
            } else if (back[0].equals("cgroup")) {
                List<String> options = List.of(back[2].split(",", -1));
                for (Controller controller : Controller.values()) {
                    if (options.contains(controller.word())) {
                        String path = below(front[3], ownPath(own, controller.word()));
                        seats.putIfAbsent(controller, new Seat(mount.resolve(path), false));
                    }
                }
            }
        }
        if (unified != null) {
            addUnified(unified, seats);
        }
        return seats;
    }

    private static void addUnified(Path folder, Map<Controller, Seat> seats) throws IOException {
        Path file = folder.resolve("cgroup.controllers");
        List<String> offered =
                Files.exists(file)
                        ? List.of(Files.readString(file).strip().split(" ", -1))
                        : List.of();
        for (Controller controller : Controller.values()) {
            boolean everywhere =
                    controller == Controller.FREEZER || controller == Controller.CPUACCT;
            if (everywhere || offered.contains(controller.unifiedWord())) {
                seats.putIfAbsent(controller, new Seat(folder, true));
            }
        }
    }

    /**
     * The folders of the domain that a process belongs to, by controller; a unified one has a 2
     * behind the controller's name. Empty where it belongs to none.
     *
     * @param mountinfo what /proc/self/mountinfo says
     * @param group what /proc/PID/cgroup says
     */
    public static Map<String, Path> domainFolders(String mountinfo, String group)
            throws IOException {
        var folders = new java.util.HashMap<String, Path>();
        seats(mountinfo, group)
                .forEach(
                        (controller, seat) -> {
                            Path name = seat.folder().getFileName();
                            if (name != null && name.toString().startsWith(DOMAIN_PREFIX)) {
                                folders.put(
                                        controller.word() + (seat.unified() ? "2" : ""),
                                        seat.folder());
                            }
                        });
        return folders;
    }

    /** A line is {@code number:controllers:path}; the unified one names no controller. */
    private static String ownPath(String own, String controller) {
        for (String line : own.lines().toList()) {
            String[] parts = line.split(":", 3);
            boolean unified = controller.isEmpty() && line.startsWith("0::");
            if (parts.length == 3
                    && (unified || List.of(parts[1].split(",", -1)).contains(controller))) {
                return parts[2];
            }
        }
        return "/";
    }

    private static String below(String root, String path) {
        String relative =
                !root.equals("/") && path.startsWith(root) ? path.substring(root.length()) : path;
        return relative.startsWith("/") ? relative.substring(1) : relative;
    }

    public boolean canFreeze() {
        return seats.containsKey(Controller.FREEZER);
    }

    /** Makes the group of a domain; one that is left over is used again. */
    public Cgroup create(String domain) throws IOException {
        var made = new EnumMap<Controller, Seat>(Controller.class);
        for (var entry : seats.entrySet()) {
            Path folder = entry.getValue().folder().resolve(fileName(domain));
            Files.createDirectories(folder);
            made.put(entry.getKey(), new Seat(folder, entry.getValue().unified()));
        }
        return new Cgroup(made);
    }

    /** The group that {@link Cgroup#folders} told of, which another supervisor made. */
    public static Cgroup adopt(Map<String, String> folders) {
        var seats = new EnumMap<Controller, Seat>(Controller.class);
        for (Controller controller : Controller.values()) {
            Optional<String> v1 = Optional.ofNullable(folders.get(controller.word()));
            Optional<String> v2 = Optional.ofNullable(folders.get(controller.word() + "2"));
            v1.or(() -> v2)
                    .ifPresent(f -> seats.put(controller, new Seat(Path.of(f), v1.isEmpty())));
        }
        return new Cgroup(seats);
    }

    /** Letters, digits and a few signs stay, so that a folder tells its domain. */
    static String fileName(String domain) {
        var name = new StringBuilder(DOMAIN_PREFIX);
        for (byte b : domain.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            boolean plain =
                    (b >= '0' && b <= '9')
                            || (b >= 'a' && b <= 'z')
                            || (b >= 'A' && b <= 'Z')
                            || b == '.'
                            || b == '-'
                            || b == ':';
            if (plain) {
                name.append((char) b);
            } else {
                name.append("%%%02x".formatted(b & 0xff));
            }
        }
        return name.length() <= NAME_BYTES_MAX
                ? name.toString()
                : name.substring(0, NAME_BYTES_MAX) + "%" + Integer.toHexString(domain.hashCode());
    }

    /** The CPU time of everything on the machine. */
    public long machineCpuNanos() throws IOException {
        return machine.isPresent() ? Cgroup.cpuNanos(machine.get()) : 0;
    }

    /** Removes the folders, which must have no children any more. */
    public void close() {
        seats.values().forEach(seat -> Cgroup.removed(seat.folder()));
    }
}
