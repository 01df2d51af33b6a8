package vmm.stats.export;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Sample;
import vmm.stats.core.Facts;
import vmm.stats.core.Newest;
import vmm.stats.core.Reading;

/**
 * The newest readings as Prometheus reads them. Its own meters would cost some kilobytes for each
 * unikernel; this writes the readings as they are.
 */
public final class Exposition {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private static final byte[] MODE_USER = key(",mode=\"user\"} ");
    private static final byte[] MODE_SYSTEM = key(",mode=\"system\"} ");
    private static final byte[] KIND_MINOR = key(",kind=\"minor\"} ");
    private static final byte[] KIND_MAJOR = key(",kind=\"major\"} ");
    private static final byte[] KIND_VOLUNTARY = key(",kind=\"voluntary\"} ");
    private static final byte[] KIND_INVOLUNTARY = key(",kind=\"involuntary\"} ");
    private static final byte[] DIRECTION_SENT = key(",direction=\"sent\"} ");
    private static final byte[] DIRECTION_RECEIVED = key(",direction=\"received\"} ");
    static final byte[] END = key("} ");

    private final Text text;
    private final boolean openMetrics;

    private Exposition(OutputStream out, boolean openMetrics) {
        this.openMetrics = openMetrics;
        text = new Text(out);
    }

    /** A reading with its labels as they are written for every one of its metrics. */
    private static final class Labelled {
        private final Reading reading;
        private final byte[] labels;
        private final long starts;

        /** The labels of its network devices, in their order. */
        private final List<byte[]> devices = new ArrayList<>(1);

        private Labelled(Reading reading, long starts) {
            this.reading = reading;
            this.labels = labels(reading.name());
            this.starts = starts;
            for (Sample.Interface tap : reading.sample().interfaces()) {
                String device = ",device=\"" + Text.escaped(tap.bridge()) + "\"";
                devices.add(key(new String(labels, StandardCharsets.UTF_8) + device));
            }
        }
    }

    /** Takes one number, or several, of a reading. */
    private interface Line {
        void write(byte[] metric, byte[] labels, Reading reading);
    }

    /**
     * Writes the text of all families.
     *
     * @param before what stands before: a daemon's own metrics
     */
    public static void write(
            OutputStream out, String before, Newest newest, Facts facts, boolean openMetrics)
            throws IOException {
        var exposition = new Exposition(out, openMetrics);
        try {
            exposition.all(before, newest, facts);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void all(String before, Newest newest, Facts facts) {
        text.add(before);
        unikernels(newest);
        new FactsText(text, openMetrics).write(facts);
        if (openMetrics) {
            text.add("# EOF\n");
        }
        text.flush();
    }

    private void unikernels(Newest newest) {
        var all = new ArrayList<Labelled>(newest.readings().size());
        for (Reading reading : newest.readings()) {
            long starts = newest.starts().getOrDefault(reading.watched().key(), 1L);
            all.add(new Labelled(reading, starts));
        }
        cpu(all);
        each(all, Family.START_TIME, (m, l, r) -> line(m, l, END).addMicros(startMicros(r)));
        each(all, Family.RESIDENT, (m, l, r) -> line(m, l, END).add(r.residentBytes()));
        each(all, Family.PEAK, (m, l, r) -> line(m, l, END).add(r.sample().use().maxrss() * 1024));
        each(all, Family.VIRTUAL, (m, l, r) -> line(m, l, END).add(virtual(r)));
        each(
                all,
                Family.FAULTS,
                (m, l, r) -> {
                    line(m, l, KIND_MINOR).add(r.sample().use().minflt()).add('\n');
                    line(m, l, KIND_MAJOR).add(r.sample().use().majflt());
                });
        each(
                all,
                Family.SWITCHES,
                (m, l, r) -> {
                    line(m, l, KIND_VOLUNTARY).add(r.sample().use().nvcsw()).add('\n');
                    line(m, l, KIND_INVOLUNTARY).add(r.sample().use().nivcsw());
                });
        groups(all);
        storage(all);
        network(all);
        kvm(all);
        Family.STARTS.head(text, openMetrics);
        byte[] metric = key(Family.STARTS.metric());
        for (Labelled one : all) {
            line(metric, one.labels, END).add(one.starts).add('\n');
        }
    }

    private void cpu(List<Labelled> all) {
        each(
                all,
                Family.CPU,
                (m, l, r) -> {
                    line(m, l, MODE_USER).addMicros(micros(r.sample().use().utime())).add('\n');
                    line(m, l, MODE_SYSTEM).addMicros(micros(r.sample().use().stime()));
                });
    }

    private void storage(List<Labelled> all) {
        each(all, Family.STORAGE_READ, (m, l, r) -> line(m, l, END).add(r.storage().readBytes()));
        each(
                all,
                Family.STORAGE_WRITTEN,
                (m, l, r) -> line(m, l, END).add(r.storage().writtenBytes()));
        each(all, Family.IO_READ, (m, l, r) -> line(m, l, END).add(r.storage().inBytes()));
        each(all, Family.IO_WRITTEN, (m, l, r) -> line(m, l, END).add(r.storage().outBytes()));
    }

    private void groups(List<Labelled> all) {
        List<Labelled> some = all.stream().filter(one -> one.reading.group().isPresent()).toList();
        each(some, Family.GROUP_MEMORY, (m, l, r) -> line(m, l, END).add(group(r).memoryBytes()));
        each(
                some,
                Family.GROUP_MEMORY_LIMIT,
                (m, l, r) -> {
                    long limit = group(r).memoryLimitBytes();
                    line(m, l, END).add(limit == Reading.Group.UNLIMITED ? "+Inf" : limit + "");
                });
        each(
                some,
                Family.THROTTLED,
                (m, l, r) -> line(m, l, END).addMicros(group(r).throttledMicros()));
        each(
                some,
                Family.THROTTLED_PERIODS,
                (m, l, r) -> line(m, l, END).add(group(r).throttledPeriods()));
    }

    private static Reading.Group group(Reading reading) {
        return reading.group().orElseThrow();
    }

    private interface Traffic {
        long of(Sample.Interface tap);
    }

    private void network(List<Labelled> all) {
        // What the host's end received is what the unikernel sent.
        traffic(all, Family.NET_SENT_BYTES, Sample.Interface::inputBytes);
        traffic(all, Family.NET_RECEIVED_BYTES, Sample.Interface::outputBytes);
        traffic(all, Family.NET_SENT, Sample.Interface::inputPackets);
        traffic(all, Family.NET_RECEIVED, Sample.Interface::outputPackets);
        bothWays(
                all,
                Family.NET_ERRORS,
                Sample.Interface::inputErrors,
                Sample.Interface::outputErrors);
        bothWays(
                all,
                Family.NET_DROPPED,
                Sample.Interface::inputDropped,
                Sample.Interface::outputDropped);
    }

    private void traffic(List<Labelled> all, Family family, Traffic traffic) {
        family.head(text, openMetrics);
        byte[] metric = key(family.metric());
        for (Labelled one : all) {
            List<Sample.Interface> taps = one.reading.sample().interfaces();
            for (int i = 0; i < taps.size(); i++) {
                line(metric, one.devices.get(i), END).add(traffic.of(taps.get(i))).add('\n');
            }
        }
    }

    private void bothWays(List<Labelled> all, Family family, Traffic sent, Traffic received) {
        family.head(text, openMetrics);
        byte[] metric = key(family.metric());
        for (Labelled one : all) {
            List<Sample.Interface> taps = one.reading.sample().interfaces();
            for (int i = 0; i < taps.size(); i++) {
                byte[] device = one.devices.get(i);
                line(metric, device, DIRECTION_SENT).add(sent.of(taps.get(i))).add('\n');
                line(metric, device, DIRECTION_RECEIVED).add(received.of(taps.get(i))).add('\n');
            }
        }
    }

    private void kvm(List<Labelled> all) {
        Family.KVM.head(text, openMetrics);
        byte[] metric = key(Family.KVM.metric());
        for (Labelled one : all) {
            for (Sample.Counter counter : one.reading.sample().vmm().orElse(List.of())) {
                if (counter.value() != 0) {
                    text.add(metric).add(one.labels).add(",counter=\"");
                    text.addEscaped(counter.key()).add("\"} ").add(counter.value()).add('\n');
                }
            }
        }
    }

    private void each(List<Labelled> all, Family family, Line line) {
        family.head(text, openMetrics);
        byte[] metric = key(family.metric());
        for (Labelled one : all) {
            line.write(metric, one.labels, one.reading);
            text.add('\n');
        }
    }

    private Text line(byte[] metric, byte[] labels, byte[] rest) {
        return text.add(metric).add(labels).add(rest);
    }

    static byte[] labels(Name name) {
        return labels(name, "unikernel");
    }

    /** Names need no escaping: see {@link Label}. */
    static byte[] labels(Name name, String what) {
        return key(
                "{path=\""
                        + name.path()
                        + "\","
                        + what
                        + "=\""
                        + name.label().map(Label::text).orElse("")
                        + "\"");
    }

    private static long micros(Sample.Time time) {
        return (time.seconds() * MICROS_PER_SECOND) + time.microseconds();
    }

    private static long startMicros(Reading reading) {
        return reading.sample().memory().map(m -> micros(m.start())).orElse(0L);
    }

    private static long virtual(Reading reading) {
        return reading.sample().memory().map(Sample.Memory::vsize).orElse(0L);
    }

    static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
