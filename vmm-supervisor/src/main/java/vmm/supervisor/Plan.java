package vmm.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import vmm.os.Capabilities;
import vmm.os.Confinement;
import vmm.os.Landlock;
import vmm.os.Mounts;
import vmm.os.Seccomp;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfiles;
import vmm.wire.supervisor.Mount;

/**
 * A configuration in the kernel's terms.
 *
 * @param confinement of every process, its mounts left out
 * @param privateRoot true if the domain sees nothing but its mounts
 * @param writable files that the domain's group may write while it is started
 */
record Plan(
        Confinement confinement,
        boolean privateRoot,
        List<Mounts.Entry> mounts,
        List<String> writable,
        long pidsLimit) {
    static final String THROTTLED = "throttled";
    static final String UNTHROTTLED = "unthrottled";

    /** Character devices by their name below /dev: major, minor. */
    private static final Map<String, List<Integer>> DEVICES =
            Map.of(
                    "null", List.of(1, 3),
                    "zero", List.of(1, 5),
                    "full", List.of(1, 7),
                    "random", List.of(1, 8),
                    "urandom", List.of(1, 9),
                    "kvm", List.of(10, 232),
                    "net/tun", List.of(10, 200));

    private static final List<String> DEVICES_OF_ALL = List.of("null", "urandom");

    private static final List<String> LIBRARIES =
            List.of("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache");

    private static final int CPUS_MAX = 4096;
    private static final int NICE_MAX = 19;
    private static final int OOM_SCORE_MAX = 1000;
    private static final long ID_MAX = 0xffff_fffeL;

    Plan {
        mounts = List.copyOf(mounts);
        writable = List.copyOf(writable);
    }

    /** Says what nobody here can do, or is empty if it can be planned. */
    static Optional<String> problem(ConfigureRequest request) {
        Optional<String> profile = problemOfProfile(request.startProfile());
        if (profile.isPresent()) {
            return profile;
        }
        for (String filter : request.seccompFilters()) {
            if (Seccomp.named(filter).isEmpty()) {
                return Optional.of("unknown seccomp filter " + filter);
            }
        }
        if (request.capabilities().isPresent()) {
            var sets = request.capabilities().get();
            for (List<String> names :
                    List.of(
                            sets.ambient(),
                            sets.bounding(),
                            sets.effective(),
                            sets.inheritable(),
                            sets.permitted())) {
                for (String name : names) {
                    if (Capabilities.bit(name).isEmpty()) {
                        return Optional.of("unknown capability " + name);
                    }
                }
            }
        }
        return problemOfLimits(request)
                .or(() -> request.mounts().stream().flatMap(m -> problem(m).stream()).findFirst())
                .or(() -> request.sandbox().flatMap(Plan::problem))
                .or(() -> request.execUser().flatMap(Plan::problem));
    }

    /**
     * @param profile empty for the one that is meant then
     */
    static Optional<String> problemOfProfile(String profile) {
        return profile.isEmpty() || profile.equals(THROTTLED) || profile.equals(UNTHROTTLED)
                ? Optional.empty()
                : Optional.of(
                        "unknown profile "
                                + profile
                                + ": there are "
                                + THROTTLED
                                + " and "
                                + UNTHROTTLED);
    }

    private static Optional<String> problemOfLimits(ConfigureRequest request) {
        CgroupProfiles both = profiles(request);
        for (CgroupProfile p : List.of(both.throttled(), both.unthrottled())) {
            Optional<String> problem = problem(p);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    static Optional<String> problem(CgroupProfile limits) {
        double cpus = limits.cpuLimit();
        return cpus >= 0 && cpus <= CPUS_MAX
                ? Optional.empty()
                : Optional.of("cpu_limit is CPUs, at most " + CPUS_MAX + ", not " + cpus);
    }

    private static Optional<String> problem(Mount mount) {
        String destination =
                switch (mount) {
                    case Mount.Drive d -> d.destination();
                    case Mount.Bind b -> b.destination();
                };
        boolean plain = destination.startsWith("/") && !destination.contains("/../");
        return plain && !destination.endsWith("/..")
                ? Optional.empty()
                : Optional.of("a mount needs a plain absolute destination: " + destination);
    }

    private static Optional<String> problem(ConfigureRequest.Sandbox sandbox) {
        for (String device : sandbox.devices()) {
            if (!DEVICES.containsKey(device)) {
                return Optional.of("unknown device " + device);
            }
        }
        return sandbox.nice() <= NICE_MAX && sandbox.oomScore() <= OOM_SCORE_MAX
                ? Optional.empty()
                : Optional.of("nice is at most 19, oom_score at most 1000");
    }

    private static Optional<String> problem(ConfigureRequest.ExecUser user) {
        return id(user.uid()) <= ID_MAX && id(user.gid()) <= ID_MAX
                ? Optional.empty()
                : Optional.of("a user or group is a number of 32 bits");
    }

    private static long id(@Nullable Long given) {
        return given == null ? 0 : given;
    }

    /**
     * @param request without a {@link #problem}
     */
    static Plan of(ConfigureRequest request) {
        Optional<ConfigureRequest.Sandbox> sandbox = request.sandbox();
        Optional<Confinement.User> user =
                request.execUser()
                        .filter(u -> u.uid() != null || u.gid() != null)
                        .map(u -> new Confinement.User(id(u.uid()), id(u.gid())));
        long uid = user.map(Confinement.User::uid).orElse(0L);
        var confinement =
                new Confinement(
                        Optional.empty(),
                        user,
                        request.capabilities().map(Plan::capabilities),
                        sandbox.map(s -> land(s, request.mounts())),
                        request.seccompFilters().stream()
                                .flatMap(f -> Seccomp.named(f).stream())
                                .toList(),
                        sandbox.isPresent(),
                        sandbox.map(s -> (int) s.nice()).orElse(0),
                        sandbox.map(s -> (int) s.oomScore()).orElse(-1),
                        sandbox.isPresent() ? fileBytes(request.mounts()) : -1);
        var mounts = new ArrayList<Mounts.Entry>();
        sandbox.ifPresent(s -> addHouse(s, uid, mounts));
        request.mounts().forEach(m -> mounts.add(entry(m)));
        return new Plan(
                confinement,
                sandbox.isPresent(),
                mounts,
                sandbox.isPresent()
                        ? writable(request.mounts()).map(Mount.Bind::source).toList()
                        : List.of(),
                sandbox.map(ConfigureRequest.Sandbox::pidsLimit).orElse(0L));
    }

    /** Who can write nothing but its block files may not make them longer. */
    private static long fileBytes(List<Mount> mounts) {
        boolean hasFolders =
                folders(mounts).findAny().isPresent()
                        || writable(mounts).anyMatch(b -> Files.isDirectory(Path.of(b.source())));
        return hasFolders
                ? -1
                : writable(mounts).mapToLong(b -> fileBytes(Path.of(b.source()))).max().orElse(-1);
    }

    private static long fileBytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // It cannot be mounted either, which is told with the reason.
            return -1;
        }
    }

    private static Set<String> devices(ConfigureRequest.Sandbox sandbox) {
        var devices = new LinkedHashSet<>(DEVICES_OF_ALL);
        devices.addAll(sandbox.devices());
        return devices;
    }

    private static Landlock land(ConfigureRequest.Sandbox sandbox, List<Mount> mounts) {
        return new Landlock(
                writable(mounts).map(Mount.Bind::destination).toList(),
                devices(sandbox).stream().map(d -> "/dev/" + d).toList(),
                folders(mounts).map(Mount.Drive::destination).toList());
    }

    private static Stream<Mount.Drive> folders(List<Mount> mounts) {
        return mounts.stream()
                .filter(Mount.Drive.class::isInstance)
                .map(Mount.Drive.class::cast)
                .filter(d -> !d.options().contains("ro"));
    }

    private static void addHouse(
            ConfigureRequest.Sandbox sandbox, long uid, List<Mounts.Entry> mounts) {
        for (String name : devices(sandbox)) {
            List<Integer> number = DEVICES.getOrDefault(name, List.of(0, 0));
            mounts.add(new Mounts.Device("/dev/" + name, number.get(0), number.get(1), uid, 0600));
        }
        if (sandbox.libraries()) {
            for (String place : LIBRARIES) {
                if (Files.exists(Path.of(place))) {
                    mounts.add(new Mounts.Bind(place, place, List.of("ro", "nosuid", "nodev")));
                }
            }
        }
    }

    private static Mounts.Entry entry(Mount mount) {
        return switch (mount) {
            case Mount.Drive d ->
                    new Mounts.Drive(
                            d.source(),
                            d.destination(),
                            d.fsType(),
                            d.options(),
                            d.chowner().isEmpty() ? -1 : d.chowner().get(0),
                            d.chowner().size() < 2 ? -1 : d.chowner().get(1),
                            (int) d.chmode());
            case Mount.Bind b -> new Mounts.Bind(b.source(), b.destination(), b.options());
        };
    }

    private static Stream<Mount.Bind> writable(List<Mount> mounts) {
        return mounts.stream()
                .filter(Mount.Bind.class::isInstance)
                .map(Mount.Bind.class::cast)
                .filter(b -> !b.options().contains("ro"));
    }

    private static Capabilities capabilities(ConfigureRequest.Capabilities sets) {
        return new Capabilities(
                bits(sets.ambient()),
                bits(sets.bounding()),
                bits(sets.effective()),
                bits(sets.inheritable()),
                bits(sets.permitted()));
    }

    private static long bits(List<String> names) {
        return names.stream()
                .mapToLong(n -> Capabilities.bit(n).orElse(0L))
                .reduce(0, (a, b) -> a | b);
    }

    static CgroupProfiles profiles(ConfigureRequest request) {
        return request.cgroupProfiles()
                .orElse(new CgroupProfiles(CgroupProfile.NONE, CgroupProfile.NONE));
    }

    /** The ceilings of a profile; the one that is not named is the throttled. */
    static CgroupProfile profile(ConfigureRequest request, String name) {
        CgroupProfiles both = profiles(request);
        return name.equals(UNTHROTTLED) ? both.unthrottled() : both.throttled();
    }
}
