package vmm.wire.supervisor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a domain shall be like; legal while it does not run. */
public record ConfigureRequest(
        String domain,
        List<Mount> mounts,
        Optional<Capabilities> capabilities,
        List<String> seccompFilters,
        Optional<CgroupProfiles> cgroupProfiles,
        String startProfile,
        Optional<ExecUser> execUser,
        List<Hook> startHooks,
        List<Network> networks,
        Optional<Owner> owner,
        Optional<Sandbox> sandbox) {
    public ConfigureRequest {
        mounts = List.copyOf(mounts);
        seccompFilters = List.copyOf(seccompFilters);
        startHooks = List.copyOf(startHooks);
        networks = List.copyOf(networks);
    }

    /** A domain that has taps only. */
    public static ConfigureRequest of(
            String domain, List<Network> networks, Optional<Owner> owner) {
        return new ConfigureRequest(
                domain,
                List.of(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                "",
                Optional.empty(),
                List.of(),
                networks,
                owner,
                Optional.empty());
    }

    /** The same with ceilings that hold from the start, whether it is thawed or not. */
    public ConfigureRequest withLimits(CgroupProfile limits) {
        return withProfiles(new CgroupProfiles(limits, limits));
    }

    public ConfigureRequest withProfiles(CgroupProfiles profiles) {
        return with(mounts, Optional.of(profiles));
    }

    /** The same with a mount more, after all others. */
    public ConfigureRequest with(Mount mount) {
        var more = new ArrayList<>(mounts);
        more.add(mount);
        return with(more, cgroupProfiles);
    }

    private ConfigureRequest with(List<Mount> newMounts, Optional<CgroupProfiles> newProfiles) {
        return new ConfigureRequest(
                domain,
                newMounts,
                capabilities,
                seccompFilters,
                newProfiles,
                startProfile,
                execUser,
                startHooks,
                networks,
                owner,
                sandbox);
    }

    /**
     * The same for a tender that shall see nothing but its files and devices, as a user of its own
     * without any capability.
     *
     * @param user of this domain alone; also who may open its taps
     * @param readable files and folders it may read, at the same place as outside
     * @param writable files it may write: their group becomes the user's while the domain is
     *     started
     * @param filter of system calls: {@code tender}, or {@code default} for a JVM
     */
    public ConfigureRequest confined(
            Owner user,
            List<String> readable,
            List<String> writable,
            String filter,
            Sandbox sandbox) {
        var mounts = new ArrayList<Mount>();
        for (String file : readable) {
            mounts.add(new Mount.Bind(file, file, List.of("ro", "nosuid", "nodev")));
        }
        for (String file : writable) {
            mounts.add(new Mount.Bind(file, file, List.of("nosuid", "nodev", "noexec")));
        }
        return new ConfigureRequest(
                domain,
                mounts,
                Optional.of(Capabilities.NONE),
                List.of(filter),
                cgroupProfiles,
                startProfile,
                Optional.of(new ExecUser(user.uid(), user.gid())),
                startHooks,
                networks,
                Optional.of(user),
                Optional.of(sandbox));
    }

    /** Names of capabilities; empty sets are left out. */
    public record Capabilities(
            List<String> ambient,
            List<String> bounding,
            List<String> effective,
            List<String> inheritable,
            List<String> permitted) {
        public static final Capabilities NONE =
                new Capabilities(List.of(), List.of(), List.of(), List.of(), List.of());

        public Capabilities {
            ambient = List.copyOf(ambient);
            bounding = List.copyOf(bounding);
            effective = List.copyOf(effective);
            inheritable = List.copyOf(inheritable);
            permitted = List.copyOf(permitted);
        }
    }

    public record CgroupProfiles(CgroupProfile throttled, CgroupProfile unthrottled) {}

    /**
     * Ceilings; 0 is unlimited.
     *
     * @param cpuLimit CPUs
     * @param ioReadBytes a second, from each disk of the host (our extension)
     * @param ioWriteBytes a second, to each disk of the host (our extension)
     */
    public record CgroupProfile(
            double cpuLimit, long memoryLimitBytes, long ioReadBytes, long ioWriteBytes) {
        public static final CgroupProfile NONE = new CgroupProfile(0, 0);

        public CgroupProfile(double cpuLimit, long memoryLimitBytes) {
            this(cpuLimit, memoryLimitBytes, 0, 0);
        }

        void writeMembers(JsonWriter to) {
            to.name("cpu_limit").number(cpuLimit);
            to.name("memory_limit_bytes").number(memoryLimitBytes);
            to.numberUnlessZero("io_read_bytes_per_second", ioReadBytes);
            to.numberUnlessZero("io_write_bytes_per_second", ioWriteBytes);
        }

        static CgroupProfile readMembers(Fields from) throws JsonException {
            return new CgroupProfile(
                    from.number("cpu_limit"),
                    from.count("memory_limit_bytes").orElse(0),
                    from.count("io_read_bytes_per_second").orElse(0),
                    from.count("io_write_bytes_per_second").orElse(0));
        }
    }

    /** Absent ids are written as null. */
    public record ExecUser(@Nullable Long uid, @Nullable Long gid) {}

    /**
     * A program that runs when the domain starts.
     *
     * @param timeoutMillis of the generation of 2023-04; not written when it is the default
     */
    public record Hook(
            String name,
            String path,
            List<String> args,
            Optional<Map<String, String>> envs,
            long timeoutMillis) {
        public static final long TIMEOUT_MILLIS = 10_000;

        public Hook {
            args = List.copyOf(args);
            envs = envs.map(Map::copyOf);
        }
    }

    /** A tap that is made when the domain starts (our extension). */
    public record Network(String device, String bridge) {}

    /** Who may open the taps (our extension). */
    public record Owner(long uid, long gid) {}

    /**
     * A root of its own that holds only what is mounted, no new privileges, no core files (our
     * extension). Where it can write files and no folders, none of them, nor a file that is its
     * output, gets longer than the longest is at the start.
     *
     * @param devices below /dev, as {@code kvm} or {@code net/tun}
     * @param libraries true to see the host's folders of shared libraries
     * @param pidsLimit threads and processes, 0 is unlimited
     * @param oomScore 0 to 1000, the first to be killed
     * @param nice 0 to 19
     */
    public record Sandbox(
            List<String> devices, boolean libraries, long pidsLimit, long oomScore, long nice) {
        public Sandbox {
            devices = List.copyOf(devices);
        }
    }

    public byte[] json() {
        var to = new JsonWriter();
        write(to);
        return to.bytes();
    }

    void write(JsonWriter to) {
        to.object().name("domain").text(domain);
        if (!mounts.isEmpty()) {
            to.name("mounts").array();
            mounts.forEach(m -> Mount.write(m, to));
            to.endArray();
        }
        capabilities.ifPresent(c -> write(c, to.name("capabilities")));
        to.textsUnlessEmpty("seccomp_filters", seccompFilters);
        cgroupProfiles.ifPresent(
                p -> {
                    to.name("cgroup_profiles").object();
                    write(p.throttled(), to.name("throttled"));
                    write(p.unthrottled(), to.name("unthrottled"));
                    to.endObject();
                });
        to.textUnlessEmpty("start_profile", startProfile);
        execUser.ifPresent(
                u -> {
                    to.name("exec_user").object().name("uid").number(u.uid());
                    to.name("gid").number(u.gid()).endObject();
                });
        if (!startHooks.isEmpty()) {
            to.name("additional_start_hooks").array();
            startHooks.forEach(h -> write(h, to));
            to.endArray();
        }
        writeOurs(to);
        to.endObject();
    }

    private void writeOurs(JsonWriter to) {
        if (!networks.isEmpty()) {
            to.name("networks").array();
            for (Network n : networks) {
                to.object().name("device").text(n.device());
                to.name("bridge").text(n.bridge()).endObject();
            }
            to.endArray();
        }
        owner.ifPresent(
                o -> {
                    to.name("owner").object().name("uid").number(o.uid());
                    to.name("gid").number(o.gid()).endObject();
                });
        sandbox.ifPresent(
                s -> {
                    to.name("sandbox").object().name("devices").texts(s.devices());
                    to.name("libraries").flag(s.libraries());
                    to.name("pids_limit").number(s.pidsLimit());
                    to.name("oom_score").number(s.oomScore());
                    to.name("nice").number(s.nice()).endObject();
                });
    }

    private static void write(Capabilities c, JsonWriter to) {
        to.object().textsUnlessEmpty("ambient", c.ambient());
        to.textsUnlessEmpty("bounding", c.bounding()).textsUnlessEmpty("effective", c.effective());
        to.textsUnlessEmpty("inheritable", c.inheritable());
        to.textsUnlessEmpty("permitted", c.permitted()).endObject();
    }

    private static void write(CgroupProfile p, JsonWriter to) {
        p.writeMembers(to.object());
        to.endObject();
    }

    private static void write(Hook h, JsonWriter to) {
        to.object().name("name").text(h.name()).name("path").text(h.path());
        to.textsUnlessEmpty("args", h.args());
        h.envs().ifPresent(envs -> to.name("envs").texts(envs));
        if (h.timeoutMillis() != Hook.TIMEOUT_MILLIS) {
            to.name("timeout_millis").number(h.timeoutMillis());
        }
        to.endObject();
    }

    public static ConfigureRequest parse(byte[] json) throws JsonException {
        return ConfigureReader.read(Fields.parse(json));
    }
}
