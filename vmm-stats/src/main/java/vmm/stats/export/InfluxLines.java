package vmm.stats.export;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.List;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.stats.core.Reading;

/**
 * Readings in InfluxDB's line protocol, with the measurements and fields of albatross-influx: also
 * {@code maxflt}, which are the major faults.
 */
public final class InfluxLines {
    /** A guess at what one takes, to spare the growing. */
    private static final int UNIKERNEL_BYTES = 1024;

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_MILLI = 1_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Text text;
    private final boolean wholeNames;
    private final String time;

    private InfluxLines(OutputStream out, boolean wholeNames, java.time.Instant at) {
        this.wholeNames = wholeNames;
        text = new Text(out);
        time =
                at.getEpochSecond() < 0
                        ? ""
                        : " " + ((at.getEpochSecond() * NANOS_PER_SECOND) + at.getNano());
    }

    /**
     * The lines of one pass.
     *
     * @param wholeNames the tag {@code vm} is the whole name, else its label alone
     * @param at when it was; lines may wait before they are sent
     */
    public static byte[] of(List<Reading> readings, boolean wholeNames, java.time.Instant at) {
        var all = new ByteArrayOutputStream(UNIKERNEL_BYTES * readings.size());
        var lines = new InfluxLines(all, wholeNames, at);
        readings.forEach(lines::reading);
        lines.text.flush();
        return all.toByteArray();
    }

    private void reading(Reading reading) {
        String vm = vm(reading.name());
        Sample sample = reading.sample();
        use(vm, sample.use());
        sample.memory().ifPresent(memory -> memory(vm, memory, reading.ageMillis()));
        sample.vmm().filter(all -> !all.isEmpty()).ifPresent(all -> counters(vm, all));
        sample.interfaces().forEach(tap -> tap(vm, tap));
    }

    private String vm(Name name) {
        return wholeNames
                ? name.toString()
                : name.label().map(Label::text).orElseGet(name::toString);
    }

    private void use(String vm, Sample.ResourceUse use) {
        text.add("resource_usage,vm=").add(vm);
        seconds(" utime=", use.utime());
        seconds(",stime=", use.stime());
        number(",maxrss=", use.maxrss());
        number(",ixrss=", use.ixrss());
        number(",idrss=", use.idrss());
        number(",isrss=", use.isrss());
        number(",minflt=", use.minflt());
        number(",maxflt=", use.majflt());
        number(",nswap=", use.nswap());
        number(",inblock=", use.inblock());
        number(",outblock=", use.outblock());
        number(",msgsnd=", use.msgsnd());
        number(",msgrcv=", use.msgrcv());
        number(",nsignals=", use.nsignals());
        number(",nvcsw=", use.nvcsw());
        number(",nivcsw=", use.nivcsw());
        end();
    }

    private void memory(String vm, Sample.Memory memory, long ageMillis) {
        text.add("kinfo_mem,vm=").add(vm);
        number(" vsize=", memory.vsize());
        number(",rss=", memory.rss());
        number(",tsize=", memory.tsize());
        number(",dsize=", memory.dsize());
        number(",ssize=", memory.ssize());
        number(",cow_faults=", memory.cow());
        number(",runtime=", memory.runtime());
        // Not from the wall clock: that one is set.
        text.add(",uptime=").addMicros(ageMillis * MICROS_PER_MILLI);
        end();
    }

    private void counters(String vm, List<Sample.Counter> counters) {
        text.add("vmm,vm=").add(vm);
        char before = ' ';
        for (Sample.Counter counter : counters) {
            text.add(before).add(escaped(counter.key()));
            number("=", counter.value());
            before = ',';
        }
        end();
    }

    private void tap(String vm, Sample.Interface tap) {
        text.add("interface,vm=").add(vm).add(",bridge=").add(escaped(tap.bridge()));
        number(" send_queue_length=", tap.sendLength());
        number(",max_send_queue_length=", tap.maxSendLength());
        number(",send_queue_drops=", tap.sendDrops());
        number(",mtu=", tap.mtu());
        number(",baudrate=", tap.baudrate());
        number(",vm_to_host_packets=", tap.inputPackets());
        number(",vm_to_host_errors=", tap.inputErrors());
        number(",vm_to_host_bytes=", tap.inputBytes());
        number(",vm_to_host_mcast=", tap.inputMcast());
        number(",vm_to_host_dropped=", tap.inputDropped());
        number(",collisions=", tap.collisions());
        number(",host_to_vm_packets=", tap.outputPackets());
        number(",host_to_vm_errors=", tap.outputErrors());
        number(",host_to_vm_bytes=", tap.outputBytes());
        number(",host_to_vm_mcast=", tap.outputMcast());
        number(",host_to_vm_dropped=", tap.outputDropped());
        end();
    }

    private void seconds(String key, Sample.Time time) {
        text.add(key).addMicros((time.seconds() * MICROS_PER_SECOND) + time.microseconds());
    }

    /** The kernel counts without a sign, InfluxDB with one. */
    private void number(String key, long value) {
        text.add(key).add(value < 0 ? Long.MAX_VALUE : value).add('i');
    }

    private void end() {
        text.add(time).add('\n');
    }

    /** What comes from the wire must not begin another tag, field or line. */
    private static String escaped(String value) {
        var escaped = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case ',', '=', ' ' -> escaped.append('\\').append(c);
                case '\n', '\r', '\\' -> escaped.append('_');
                default -> escaped.append(c);
            }
        }
        return escaped.isEmpty() ? "_" : escaped.toString();
    }
}
