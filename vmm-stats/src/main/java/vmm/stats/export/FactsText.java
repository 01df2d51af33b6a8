package vmm.stats.export;

import java.util.List;
import java.util.Map;
import vmm.core.Path;
import vmm.core.Policy;
import vmm.stats.core.Facts;

/** What vmmd said of unikernels, policies and block devices, as Prometheus reads it. */
final class FactsText {
    private static final long MIB = 1024 * 1024;
    private static final long MICROS_PER_MILLI = 1_000;

    private final Text text;
    private final boolean openMetrics;

    FactsText(Text text, boolean openMetrics) {
        this.text = text;
        this.openMetrics = openMetrics;
    }

    void write(Facts facts) {
        Family.INFO.head(text, openMetrics);
        for (Facts.Unikernel unikernel : facts.unikernels()) {
            text.add(Family.INFO.metric()).add(Exposition.labels(unikernel.name()));
            text.add(",type=\"").addEscaped(unikernel.type());
            text.add("\",digest=\"").addEscaped(unikernel.digest()).add("\"} 1\n");
        }
        facts(
                Family.RUNNING,
                facts.unikernels(),
                u -> Exposition.labels(u.name()),
                u -> u.running() ? 1 : 0);
        facts(
                Family.MEMORY_LIMIT,
                facts.unikernels(),
                u -> Exposition.labels(u.name()),
                u -> bytes(u.memoryMiB()));
        doings(facts.doings());
        policies(facts);
        facts(
                Family.BLOCK_SIZE,
                facts.devices(),
                d -> Exposition.labels(d.name(), "device"),
                d -> bytes(d.sizeMiB()));
        facts(
                Family.BLOCK_ACTIVE,
                facts.devices(),
                d -> Exposition.labels(d.name(), "device"),
                d -> d.active() ? 1 : 0);
    }

    private void doings(List<Facts.Doing> doings) {
        Family.STATE.head(text, openMetrics);
        for (Facts.Doing doing : doings) {
            text.add(Family.STATE.metric()).add(Exposition.labels(doing.name()));
            text.add(",state=\"").addEscaped(doing.state()).add("\"} 1\n");
        }
        facts(Family.FAILURES, doings, d -> Exposition.labels(d.name()), Facts.Doing::failures);
        Family.NEXT_START.head(text, openMetrics);
        for (Facts.Doing doing : doings) {
            if (doing.nextStart().isPresent()) {
                text.add(Family.NEXT_START.metric()).add(Exposition.labels(doing.name()));
                long millis = doing.nextStart().get().toEpochMilli();
                text.add(Exposition.END).addMicros(millis * MICROS_PER_MILLI).add('\n');
            }
        }
    }

    private void policies(Facts facts) {
        Map<Path, Facts.Use> uses = facts.uses();
        policy(Family.POLICY_UNIKERNELS, facts, p -> use(uses, p).unikernels());
        policy(Family.POLICY_UNIKERNELS_LIMIT, facts, p -> p.policy().unikernels());
        policy(Family.POLICY_MEMORY, facts, p -> bytes(use(uses, p).memoryMiB()));
        policy(Family.POLICY_MEMORY_LIMIT, facts, p -> bytes(p.policy().memoryMiB()));
        policy(Family.POLICY_BLOCK, facts, p -> bytes(use(uses, p).blockMiB()));
        policy(Family.POLICY_BLOCK_LIMIT, facts, p -> bytes(p.policy().blockMiB().orElse(0)));
        policy(Family.POLICY_CPUS, facts, p -> p.policy().cpuids().size());
    }

    private static Facts.Use use(Map<Path, Facts.Use> uses, Facts.Limit limit) {
        return uses.getOrDefault(limit.path(), Facts.Use.NONE);
    }

    private interface Labels<T> {
        byte[] of(T fact);
    }

    private interface Value<T> {
        long of(T fact);
    }

    private void policy(Family family, Facts facts, Value<Facts.Limit> value) {
        facts(family, facts.policies(), p -> Exposition.key("{path=\"" + p.path() + "\""), value);
    }

    private <T> void facts(Family family, List<T> facts, Labels<T> labels, Value<T> value) {
        family.head(text, openMetrics);
        byte[] metric = Exposition.key(family.metric());
        for (T fact : facts) {
            text.add(metric).add(labels.of(fact)).add(Exposition.END);
            long number = value.of(fact);
            if (number >= Policy.UNLIMITED) {
                text.add("+Inf\n");
            } else {
                text.add(number).add('\n');
            }
        }
    }

    private static long bytes(long mib) {
        return mib >= Policy.UNLIMITED / MIB ? Policy.UNLIMITED : mib * MIB;
    }
}
