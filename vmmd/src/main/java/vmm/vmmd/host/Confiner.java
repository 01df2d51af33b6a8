package vmm.vmmd.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import vmm.core.BlockDevice;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.image.Target;
import vmm.vmmd.core.Unikernel.Limits;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.wire.supervisor.ConfigureRequest;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.Owner;
import vmm.wire.supervisor.ConfigureRequest.Sandbox;
import vmm.wire.supervisor.Mount;

/**
 * The domain of a unikernel: its taps and ceilings and, where the supervisor can, a sandbox that
 * holds nothing but the tender, the image, the block devices and the devices it needs. Any thread.
 */
public final class Confiner {
    private static final Logger LOG = LogManager.getLogger(Confiner.class);

    /** Threads of a JVM, or the one of a native tender. */
    private static final long BUILT_IN_THREADS_MAX = 64;

    private static final long NATIVE_THREADS_MAX = 8;

    /** What a tender needs beside the guest's memory. */
    private static final long BUILT_IN_BYTES = 192L << 20;

    private static final long NATIVE_BYTES = 32L << 20;

    /** Guests go before the daemons when the host has no memory left. */
    private static final long OOM_SCORE = 500;

    private static final String PROBE = "vmmd.confinement-probe-";

    /** A JVM does not live without it; of other processes it shows nothing. */
    private static final Mount PROC =
            new Mount.Drive(
                    "proc",
                    "/proc",
                    "proc",
                    List.of("ro", "nosuid", "nodev", "noexec", "hidepid=2", "subset=pid"),
                    List.of(),
                    0);

    private static final String SHELL = "/bin/sh";

    /** When sandboxes are made. */
    public enum When {
        ALWAYS,
        NEVER,
        WHERE_POSSIBLE
    }

    private final When when;
    private final SupervisorLink supervisor;
    private final Path blocks;
    private final TenderUsers users = new TenderUsers();
    private final AtomicLong probes = new AtomicLong();
    private volatile boolean possible;

    Confiner(When when, SupervisorLink supervisor, Path blocks) {
        this.when = when;
        this.supervisor = supervisor;
        this.blocks = blocks;
    }

    /** A tender of an earlier vmmd runs on. */
    void know(Name name, long pid) throws IOException {
        users.know(name, pid);
    }

    void release(Name name) {
        users.release(name);
    }

    /**
     * @param networks its taps
     */
    ConfigureRequest domain(
            Name name,
            Spec spec,
            List<ConfigureRequest.Network> networks,
            Tenders.Found tender,
            Path image)
            throws IOException {
        boolean confined = isConfined();
        Optional<Owner> user = Optional.empty();
        if (confined) {
            long id = users.take(name);
            user = Optional.of(new Owner(id, id));
        }
        var domain = ConfigureRequest.of(name.toString(), networks, user);
        CgroupProfile profile = SupervisorLink.profile(limits(name, spec, tender));
        if (!profile.equals(CgroupProfile.NONE)) {
            domain = domain.withLimits(profile);
        }
        return user.isEmpty() ? domain : confined(domain, user.get(), name, spec, tender, image);
    }

    /** What is asked for; who is shut in has a ceiling of memory in any case. */
    Limits limits(Name name, Spec spec, Tenders.Found tender) {
        Limits asked = spec.limits();
        return asked.memoryBytes() == 0 && users.has(name)
                ? asked.withMemory(ceiling(spec, tender))
                : asked;
    }

    /** The guest's memory and what its tender needs. */
    private static long ceiling(Spec spec, Tenders.Found tender) {
        return (spec.arguments().memoryMiB() << 20)
                + (tender.builtIn() ? BUILT_IN_BYTES : NATIVE_BYTES);
    }

    private ConfigureRequest confined(
            ConfigureRequest domain,
            Owner user,
            Name name,
            Spec spec,
            Tenders.Found tender,
            Path image)
            throws IOException {
        var readable = new ArrayList<String>();
        readable.add(image.toAbsolutePath().toString());
        readable.addAll(
                tender.builtIn()
                        ? runtime(tender.program())
                        : List.of(tender.program().toAbsolutePath().toString()));
        var writable = new ArrayList<String>();
        for (BlockDevice block : spec.arguments().blocks()) {
            Name device = name.sibling(Label.of(block.hostDevice()));
            writable.add(blocks.resolve(device.toString()).toAbsolutePath().toString());
        }
        var devices = new ArrayList<String>();
        if (tender.target() == Target.HVT) {
            devices.add("kvm");
        }
        if (!spec.arguments().networks().isEmpty()) {
            devices.add("net/tun");
        }
        long threads = tender.builtIn() ? BUILT_IN_THREADS_MAX : NATIVE_THREADS_MAX;
        var sandbox = new Sandbox(devices, true, threads, OOM_SCORE, 0);
        return tender.builtIn()
                ? domain.confined(user, readable, writable, "default", sandbox).with(PROC)
                : domain.confined(user, readable, writable, "tender", sandbox);
    }

    /** What the built-in tender reads: its jars and its Java, and what starts them. */
    private static List<String> runtime(Path program) throws IOException {
        Path home = program.toRealPath().resolve("../..").normalize();
        Path java = Path.of(System.getProperty("java.home")).toRealPath();
        return java.startsWith(home) || java.startsWith("/usr/lib")
                ? List.of(home.toString(), SHELL)
                : List.of(home.toString(), java.toString(), SHELL);
    }

    private boolean isConfined() throws IOException {
        return switch (when) {
            case ALWAYS -> true;
            case NEVER -> false;
            case WHERE_POSSIBLE -> isPossible();
        };
    }

    /**
     * Tried, until it works once, with a domain that runs nothing: rights, control groups and
     * mounts tell at once.
     */
    private boolean isPossible() throws IOException {
        if (!possible) {
            possible = probe();
        }
        return possible;
    }

    private boolean probe() throws IOException {
        String name = PROBE + probes.incrementAndGet();
        var user = new Owner(TenderUsers.FIRST, TenderUsers.FIRST);
        var probe =
                ConfigureRequest.of(name, List.of(), Optional.of(user))
                        .withLimits(new CgroupProfile(0, NATIVE_BYTES))
                        .confined(
                                user,
                                List.of(SHELL),
                                List.of(),
                                "tender",
                                new Sandbox(List.of(), true, NATIVE_THREADS_MAX, OOM_SCORE, 0))
                        .with(PROC);
        try {
            supervisor.start(probe);
            return true;
        } catch (SupervisorLink.Refused e) {
            LOG.warn("tenders run without a sandbox: {}", e.getMessage());
            return false;
        } finally {
            supervisor.remove(name);
        }
    }
}
