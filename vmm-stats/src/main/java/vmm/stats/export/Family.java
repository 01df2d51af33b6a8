package vmm.stats.export;

/**
 * A metric as Prometheus knows it: the one list of all that vmm-stats tells of unikernels, policies
 * and block devices. Counters are named without their {@code _total}.
 */
public enum Family {
    CPU("vmm_unikernel_cpu_seconds", Kind.COUNTER, "CPU time used, by mode."),
    START_TIME(
            "vmm_unikernel_start_time_seconds",
            Kind.GAUGE,
            "When the process started, since 1970."),
    RESIDENT(
            "vmm_unikernel_resident_memory_bytes",
            Kind.GAUGE,
            "Memory that is in use, with the tender's."),
    PEAK(
            "vmm_unikernel_resident_memory_peak_bytes",
            Kind.GAUGE,
            "The most memory that was in use since the start."),
    GROUP_MEMORY(
            "vmm_unikernel_cgroup_memory_bytes",
            Kind.GAUGE,
            "Memory that its control group is charged with."),
    GROUP_MEMORY_LIMIT(
            "vmm_unikernel_cgroup_memory_limit_bytes",
            Kind.GAUGE,
            "Memory that its control group may have."),
    THROTTLED(
            "vmm_unikernel_cpu_throttled_seconds",
            Kind.COUNTER,
            "For how long its CPU limit held it back."),
    THROTTLED_PERIODS(
            "vmm_unikernel_cpu_throttled_periods",
            Kind.COUNTER,
            "Periods in which its CPU limit held it back."),
    VIRTUAL("vmm_unikernel_virtual_memory_bytes", Kind.GAUGE, "Address space of the process."),
    FAULTS("vmm_unikernel_page_faults", Kind.COUNTER, "Page faults, by kind."),
    SWITCHES("vmm_unikernel_context_switches", Kind.COUNTER, "Context switches, by kind."),
    STORAGE_READ("vmm_unikernel_storage_read_bytes", Kind.COUNTER, "Bytes read from disks."),
    STORAGE_WRITTEN("vmm_unikernel_storage_written_bytes", Kind.COUNTER, "Bytes written to disks."),
    IO_READ("vmm_unikernel_io_read_bytes", Kind.COUNTER, "Bytes of all reading system calls."),
    IO_WRITTEN(
            "vmm_unikernel_io_written_bytes", Kind.COUNTER, "Bytes of all writing system calls."),
    NET_SENT_BYTES("vmm_unikernel_network_sent_bytes", Kind.COUNTER, "Bytes the unikernel sent."),
    NET_RECEIVED_BYTES(
            "vmm_unikernel_network_received_bytes", Kind.COUNTER, "Bytes sent to the unikernel."),
    NET_SENT("vmm_unikernel_network_sent_packets", Kind.COUNTER, "Packets the unikernel sent."),
    NET_RECEIVED(
            "vmm_unikernel_network_received_packets",
            Kind.COUNTER,
            "Packets sent to the unikernel."),
    NET_ERRORS(
            "vmm_unikernel_network_errors", Kind.COUNTER, "Errors of its tap, by the direction."),
    NET_DROPPED(
            "vmm_unikernel_network_dropped_packets",
            Kind.COUNTER,
            "Packets that its tap dropped, by the direction."),
    KVM(
            "vmm_unikernel_kvm",
            Kind.UNKNOWN,
            "KVM's own counters that are not zero, of the machine and of its processors."),
    STARTS("vmm_unikernel_starts", Kind.COUNTER, "Starts seen since vmm-stats runs, restarts too."),
    INFO("vmm_unikernel", Kind.INFO, "What it runs."),
    RUNNING(
            "vmm_unikernel_running",
            Kind.GAUGE,
            "1 if it runs; 0 if it waits for its restart or cannot start."),
    STATE(
            "vmm_unikernel_state",
            Kind.GAUGE,
            "1 for what it is doing: starting, running, paused, ending, waiting, parked."),
    FAILURES(
            "vmm_unikernel_failures",
            Kind.GAUGE,
            "Exits that came one after another; the wait before a restart grows with them."),
    NEXT_START(
            "vmm_unikernel_next_start_time_seconds",
            Kind.GAUGE,
            "When one that waits is started again, since 1970."),
    MEMORY_LIMIT("vmm_unikernel_memory_limit_bytes", Kind.GAUGE, "Memory it was given."),
    POLICY_UNIKERNELS("vmm_policy_unikernels", Kind.GAUGE, "Unikernels at and below the path."),
    POLICY_UNIKERNELS_LIMIT(
            "vmm_policy_unikernels_limit", Kind.GAUGE, "Unikernels the policy allows."),
    POLICY_MEMORY(
            "vmm_policy_memory_bytes",
            Kind.GAUGE,
            "Memory given to unikernels at and below the path."),
    POLICY_MEMORY_LIMIT("vmm_policy_memory_limit_bytes", Kind.GAUGE, "Memory the policy allows."),
    POLICY_BLOCK("vmm_policy_block_bytes", Kind.GAUGE, "Block devices at and below the path."),
    POLICY_BLOCK_LIMIT(
            "vmm_policy_block_limit_bytes", Kind.GAUGE, "Block devices the policy allows."),
    POLICY_CPUS("vmm_policy_cpus_limit", Kind.GAUGE, "How many CPUs the policy allows."),
    BLOCK_SIZE("vmm_block_device_size_bytes", Kind.GAUGE, "Size of a block device."),
    BLOCK_ACTIVE("vmm_block_device_active", Kind.GAUGE, "1 if a unikernel uses it.");

    /** The types of metrics. */
    enum Kind {
        COUNTER("counter", "counter", "_total"),
        GAUGE("gauge", "gauge", ""),
        INFO("info", "gauge", "_info"),
        UNKNOWN("unknown", "untyped", "");

        private final String openMetrics;
        private final String plain;
        private final String suffix;

        Kind(String openMetrics, String plain, String suffix) {
            this.openMetrics = openMetrics;
            this.plain = plain;
            this.suffix = suffix;
        }
    }

    private final String family;
    private final Kind kind;
    private final String help;

    Family(String family, Kind kind, String help) {
        this.family = family;
        this.kind = kind;
        this.help = help;
    }

    /** What a query calls it. */
    public String metric() {
        return family + kind.suffix;
    }

    /** The lines before its first sample. */
    void head(Text text, boolean openMetrics) {
        String name = openMetrics ? family : metric();
        String type = openMetrics ? kind.openMetrics : kind.plain;
        text.add("# TYPE ").add(name).add(' ').add(type);
        if (openMetrics && kind != Kind.INFO) {
            unit(text);
        }
        text.add("\n# HELP ").add(name).add(' ').add(help).add('\n');
    }

    private void unit(Text text) {
        for (String unit : new String[] {"seconds", "bytes"}) {
            if (family.endsWith("_" + unit)) {
                text.add("\n# UNIT ").add(family).add(' ').add(unit);
            }
        }
    }
}
