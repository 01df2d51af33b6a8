package vmm.wire.supervisor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to {@code GET /figures?pids=1,2}: what the kernel tells root alone of processes (our
 * extension). Who is not the supervisor's, or has ended, is left out.
 */
public record FiguresResponse(List<Process> processes) {
    /** How many processes one call asks for. */
    public static final int PIDS_MAX = 128;

    private static final int IO_NUMBERS = 4;

    /**
     * Bytes since its start, and KVM's counters.
     *
     * @param startTicks when it started, in ticks since boot: with its pid it names it
     * @param inBytes of all reading system calls
     * @param outBytes of all writing system calls
     * @param readBytes from disks
     * @param writtenBytes to disks
     * @param kvm by names as {@code vcpu0.exits}; empty where the tender has none
     */
    public record Process(
            long pid,
            long startTicks,
            long inBytes,
            long outBytes,
            long readBytes,
            long writtenBytes,
            Map<String, Long> kvm) {}

    public FiguresResponse {
        processes = List.copyOf(processes);
    }

    /** The path and query that ask for these; {@link #pids} reads it. */
    public static String path(List<Long> pids) {
        return "/figures?pids=" + String.join(",", pids.stream().map(String::valueOf).toList());
    }

    /** The processes that {@code pids} of the query names. */
    public static List<Long> pids(Optional<String> query) throws JsonException {
        var pids = new ArrayList<Long>();
        for (String pid : query.orElse("").split(",", -1)) {
            if (!pid.matches("[0-9]{1,10}") || pids.size() == PIDS_MAX) {
                throw new JsonException(
                        "name at most " + PIDS_MAX + " processes by numbers: /figures?pids=1,2");
            }
            pids.add(Long.valueOf(pid));
        }
        return pids;
    }

    public byte[] json() {
        var to = new JsonWriter().object().name("processes").array();
        for (Process p : processes) {
            to.object().name("pid").number(p.pid()).name("start_ticks").number(p.startTicks());
            to.name("io")
                    .numbers(List.of(p.inBytes(), p.outBytes(), p.readBytes(), p.writtenBytes()));
            to.name("kvm").object();
            p.kvm().forEach((key, value) -> to.name(key).number(value));
            to.endObject().endObject();
        }
        return to.endArray().endObject().bytes();
    }

    public static FiguresResponse parse(byte[] json) throws JsonException {
        var processes = new ArrayList<Process>();
        for (Fields p : Fields.parse(json).objects("processes")) {
            List<Long> io = p.counts("io");
            if (io.size() != IO_NUMBERS) {
                throw new JsonException("io has " + io.size() + " numbers, not " + IO_NUMBERS);
            }
            processes.add(
                    new Process(
                            p.count("pid").orElse(0),
                            p.count("start_ticks").orElse(0),
                            io.get(0),
                            io.get(1),
                            io.get(2),
                            io.get(3),
                            kvm(p)));
        }
        return new FiguresResponse(processes);
    }

    private static Map<String, Long> kvm(Fields process) throws JsonException {
        var counters = new LinkedHashMap<String, Long>();
        Optional<Fields> kvm = process.object("kvm");
        if (kvm.isPresent()) {
            for (String key : kvm.get().names()) {
                counters.put(key, kvm.get().whole(key).orElse(0));
            }
        }
        return counters;
    }
}
