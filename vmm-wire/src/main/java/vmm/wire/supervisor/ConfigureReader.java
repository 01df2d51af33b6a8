package vmm.wire.supervisor;

import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import vmm.wire.supervisor.ConfigureRequest.Capabilities;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfile;
import vmm.wire.supervisor.ConfigureRequest.CgroupProfiles;
import vmm.wire.supervisor.ConfigureRequest.ExecUser;
import vmm.wire.supervisor.ConfigureRequest.Hook;
import vmm.wire.supervisor.ConfigureRequest.Network;
import vmm.wire.supervisor.ConfigureRequest.Owner;
import vmm.wire.supervisor.ConfigureRequest.Sandbox;

/** Reads a {@link ConfigureRequest} of any generation. */
final class ConfigureReader {
    private ConfigureReader() {}

    static ConfigureRequest read(Fields from) throws JsonException {
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
                            hook.textMap("envs"),
                            hook.count("timeout_millis").orElse(Hook.TIMEOUT_MILLIS)));
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
                owner(from),
                sandbox(from));
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
                String name = p.textOrEmpty("name");
                switch (name) {
                    case "throttled" -> throttled = profile;
                    case "unthrottled" -> unthrottled = profile;
                    default ->
                            throw new JsonException(
                                    "unknown profile "
                                            + name
                                            + ": there are throttled and unthrottled");
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
        return p.isEmpty() ? CgroupProfile.NONE : CgroupProfile.readMembers(p.get());
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
        Optional<Fields> found = from.object("owner");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Fields o = found.get();
        return Optional.of(new Owner(o.count("uid").orElse(0), o.count("gid").orElse(0)));
    }

    private static Optional<Sandbox> sandbox(Fields from) throws JsonException {
        Optional<Fields> found = from.object("sandbox");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Fields s = found.get();
        return Optional.of(
                new Sandbox(
                        s.texts("devices"),
                        s.flag("libraries"),
                        s.count("pids_limit").orElse(0),
                        s.count("oom_score").orElse(0),
                        s.count("nice").orElse(0)));
    }
}
