package vmm.wire.supervisor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
        Optional<Owner> owner) {
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
                owner);
    }

    /** Names of capabilities; empty sets are left out. */
    public record Capabilities(
            List<String> ambient,
            List<String> bounding,
            List<String> effective,
            List<String> inheritable,
            List<String> permitted) {
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
     * @param cpuLimit CPUs, 0 is unlimited
     * @param memoryLimitBytes 0 is unlimited
     */
    public record CgroupProfile(double cpuLimit, long memoryLimitBytes) {
        static final CgroupProfile NONE = new CgroupProfile(0, 0);
    }

    /** Absent ids are written as null. */
    public record ExecUser(@Nullable Long uid, @Nullable Long gid) {}

    /** A program that runs when the domain starts. */
    public record Hook(
            String name, String path, List<String> args, Optional<Map<String, String>> envs) {
        public Hook {
            args = List.copyOf(args);
            envs = envs.map(Map::copyOf);
        }
    }

    /** A tap that is made when the domain starts (our extension). */
    public record Network(String device, String bridge) {}

    /** Who may open the taps (our extension). */
    public record Owner(long uid, long gid) {}

    public byte[] json() {
        var to = new JsonWriter().object().name("domain").text(domain);
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
        return to.endObject().bytes();
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
    }

    private static void write(Capabilities c, JsonWriter to) {
        to.object().textsUnlessEmpty("ambient", c.ambient());
        to.textsUnlessEmpty("bounding", c.bounding()).textsUnlessEmpty("effective", c.effective());
        to.textsUnlessEmpty("inheritable", c.inheritable());
        to.textsUnlessEmpty("permitted", c.permitted()).endObject();
    }

    private static void write(CgroupProfile p, JsonWriter to) {
        to.object().name("cpu_limit").number(p.cpuLimit());
        to.name("memory_limit_bytes").number(p.memoryLimitBytes()).endObject();
    }

    private static void write(Hook h, JsonWriter to) {
        to.object().name("name").text(h.name()).name("path").text(h.path());
        to.textsUnlessEmpty("args", h.args());
        h.envs().ifPresent(envs -> to.name("envs").texts(envs));
        to.endObject();
    }

    public static ConfigureRequest parse(byte[] json) throws JsonException {
        Fields from = Fields.parse(json);
        var mounts = new ArrayList<Mount>();
        for (Fields mount : from.objects("mounts")) {
            mounts.add(Mount.read(mount));
        }
        var hooks = new ArrayList<Hook>();
        for (Fields hook : from.objects("additional_start_hooks")) {
            hooks.add(
                    new Hook(
                            hook.textOrEmpty("name"),
                            hook.textOrEmpty("path"),
                            hook.texts("args"),
                            hook.textMap("envs")));
        }
        var networks = new ArrayList<Network>();
        for (Fields network : from.objects("networks")) {
            networks.add(new Network(network.textOrEmpty("device"), network.textOrEmpty("bridge")));
        }
        return new ConfigureRequest(
                from.textOrEmpty("domain"),
                mounts,
                capabilities(from),
                from.texts("seccomp_filters"),
                profiles(from),
                from.textOrEmpty("start_profile"),
                execUser(from),
                hooks,
                networks,
                owner(from));
    }

    private static Optional<Capabilities> capabilities(Fields from) throws JsonException {
        Optional<Fields> found = from.object("capabilities");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Fields c = found.get();
        return Optional.of(
                new Capabilities(
                        c.texts("ambient"),
                        c.texts("bounding"),
                        c.texts("effective"),
                        c.texts("inheritable"),
                        c.texts("permitted")));
    }

    /** The generation of 2023-04 gives a list of {name, cpu_pct, mem_max}. */
    private static Optional<CgroupProfiles> profiles(Fields from) throws JsonException {
        if (from.isList("cgroup_profiles")) {
            CgroupProfile throttled = CgroupProfile.NONE;
            CgroupProfile unthrottled = CgroupProfile.NONE;
            for (Fields p : from.objects("cgroup_profiles")) {
                var profile =
                        new CgroupProfile(p.number("cpu_pct") / 100, p.count("mem_max").orElse(0));
                if (p.textOrEmpty("name").equals("unthrottled")) {
                    unthrottled = profile;
                } else {
                    throttled = profile;
                }
            }
            return Optional.of(new CgroupProfiles(throttled, unthrottled));
        }
        Optional<Fields> found = from.object("cgroup_profiles");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new CgroupProfiles(
                        profile(found.get(), "throttled"), profile(found.get(), "unthrottled")));
    }

    private static CgroupProfile profile(Fields from, String name) throws JsonException {
        Optional<Fields> p = from.object(name);
        return p.isEmpty()
                ? CgroupProfile.NONE
                : new CgroupProfile(
                        p.get().number("cpu_limit"), p.get().count("memory_limit_bytes").orElse(0));
    }

    private static Optional<ExecUser> execUser(Fields from) throws JsonException {
        Optional<Fields> user = from.object("exec_user");
        return user.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new ExecUser(
                                orNull(user.get().count("uid")), orNull(user.get().count("gid"))));
    }

    private static @Nullable Long orNull(OptionalLong value) {
        return value.isPresent() ? (Long) value.getAsLong() : null;
    }

    private static Optional<Owner> owner(Fields from) throws JsonException {
        Optional<Fields> owner = from.object("owner");
        return owner.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Owner(
                                owner.get().count("uid").orElse(0),
                                owner.get().count("gid").orElse(0)));
    }
}
