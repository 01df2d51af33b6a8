package vmm.os;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decisions by the number of a system call, found by halving: the kernel runs a new filter once for
 * every number there is, which takes longer than to compile it where the numbers stand in a row.
 */
final class CallTree {
    private static final int JUMP_AT_LEAST = 0x35;

    /** A step has one byte for it. */
    private static final int SKIPPED_STEPS_MAX = 255;

    /** A step of the kernel's filter machine (classic BPF). */
    record Step(int code, int whenTrue, int whenFalse, int value) {
        Step {
            if (whenTrue > SKIPPED_STEPS_MAX || whenFalse > SKIPPED_STEPS_MAX) {
                throw new IllegalArgumentException("a jump over " + whenTrue + ", " + whenFalse);
            }
        }
    }

    /** What is done with calls: steps of which the last ones return. */
    private final List<List<Step>> ends = new ArrayList<>();

    /** Where a number begins that another end is for than for the one before. */
    private final List<Integer> begins = new ArrayList<>();

    private final List<Integer> endOf = new ArrayList<>();

    /**
     * @param others what is done with numbers that are not in {@code answers}
     * @param answers by number
     * @param above what is done from {@code bound} on
     */
    CallTree(List<Step> others, Map<Integer, List<Step>> answers, int bound, List<Step> above) {
        int next = 0;
        for (var answer : new TreeMap<>(answers).entrySet()) {
            if (answer.getKey() > next) {
                begin(next, others);
            }
            begin(answer.getKey(), answer.getValue());
            next = answer.getKey() + 1;
        }
        begin(next, others);
        begin(bound, above);
    }

    private void begin(int number, List<Step> end) {
        if (!ends.contains(end)) {
            ends.add(end);
        }
        int at = ends.indexOf(end);
        if (endOf.isEmpty() || endOf.getLast() != at) {
            begins.add(number);
            endOf.add(at);
        }
    }

    /** The steps that decide upon the number which has been loaded. */
    List<Step> steps() {
        var steps = new ArrayList<Step>();
        halve(steps, 0, begins.size() - 1);
        ends.forEach(steps::addAll);
        return steps;
    }

    private void halve(List<Step> steps, int first, int last) {
        if (first == last) {
            return;
        }
        int middle = (first + last + 1) / 2;
        int left = middle - 1 - first;
        int here = steps.size();
        int whenTrue = last == middle ? endFrom(here, middle) : left;
        int whenFalse = left == 0 ? endFrom(here, first) : 0;
        steps.add(new Step(JUMP_AT_LEAST, whenTrue, whenFalse, begins.get(middle)));
        halve(steps, first, middle - 1);
        halve(steps, middle, last);
    }

    /** How many steps lie between a decision and the end of a range. */
    private int endFrom(int decision, int range) {
        int at = begins.size() - 1;
        for (int end = 0; end < endOf.get(range); end++) {
            at += ends.get(end).size();
        }
        return at - decision - 1;
    }
}
