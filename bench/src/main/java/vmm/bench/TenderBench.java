package vmm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Whole-process figures of tenders: from exec to the guest's first byte, memory, many side by side,
 * and how long they take to end. The tenders take turns within one run, so that all meet the same
 * noise.
 *
 * <p>Arguments: {@code ROUNDS SIDE_BY_SIDE GUEST TENDER…}; the guest speaks at once and stays
 * (tests/guests' ticker). A tender is a command; words are separated by spaces.
 */
public final class TenderBench {
    private static final int CLOCK_TICKS_PER_SECOND = 100;

    private TenderBench() {}

    /** A guest that has spoken: how long that took and what its process holds. */
    private record Started(Process process, double millis, double cpuMillis, long residentKiB) {}

    private record Figures(
            List<Double> start, List<Double> cpu, List<Double> resident, List<Double> end) {
        static Figures empty() {
            return new Figures(
                    new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[0]);
        int many = Integer.parseInt(arguments[1]);
        String guest = arguments[2];
        List<String> tenders = Arrays.asList(arguments).subList(3, arguments.length);
        var figures = new ArrayList<Figures>();
        for (String tender : tenders) {
            figures.add(Figures.empty());
            end(start(tender, guest));
        }
        for (int i = 0; i < rounds; i++) {
            for (int t = 0; t < tenders.size(); t++) {
                Started started = start(tenders.get(t), guest);
                Figures of = figures.get(t);
                of.start().add(started.millis());
                of.cpu().add(started.cpuMillis());
                of.resident().add(started.residentKiB() / 1024.0);
                of.end().add(end(started));
            }
        }
        for (int t = 0; t < tenders.size(); t++) {
            System.out.println(tenders.get(t));
            Figures of = figures.get(t);
            print("exec to first output, ms", of.start());
            print("  of that processor time, ms", of.cpu());
            print("resident, MiB", of.resident());
            print("SIGTERM to end, ms", of.end());
        }
        for (String tender : tenders) {
            if (many > 0) {
                sideBySide(tender, guest, many);
            }
        }
    }

    private static void sideBySide(String tender, String guest, int many) throws Exception {
        long begin = System.nanoTime();
        var all = new ArrayList<Process>();
        for (int i = 0; i < many; i++) {
            all.add(process(tender, guest));
        }
        for (Process process : all) {
            if (process.getInputStream().read() < 0) {
                throw new IOException("a tender ended: " + process.errorReader().readLine());
            }
        }
        double ready = millisSince(begin);
        long proportional = 0;
        for (Process process : all) {
            proportional += field(process, "smaps_rollup", "Pss:");
        }
        begin = System.nanoTime();
        all.forEach(process -> process.toHandle().destroy());
        var ends = new ArrayList<Double>();
        for (Process process : all) {
            process.waitFor();
            ends.add(millisSince(begin));
        }
        System.out.printf(
                Locale.ROOT,
                "%d side by side: all spoke after %.0f ms, %.1f MiB each (proportional)%n",
                many,
                ready,
                proportional / 1024.0 / many);
        print("SIGTERM to all until end, ms", ends);
    }

    private static Process process(String tender, String guest) throws IOException {
        var command = new ArrayList<String>(Arrays.asList(tender.split(" ", -1)));
        command.addAll(List.of("--mem=16", "--", guest, "ms=1000"));
        return new ProcessBuilder(command).start();
    }

    private static Started start(String tender, String guest) throws IOException {
        long begin = System.nanoTime();
        Process process = process(tender, guest);
        if (process.getInputStream().read() < 0) {
            throw new IOException(tender + ": " + process.errorReader().readLine());
        }
        double millis = millisSince(begin);
        return new Started(process, millis, cpuMillis(process), field(process, "status", "VmRSS:"));
    }

    private static double end(Started started) throws InterruptedException, IOException {
        long begin = System.nanoTime();
        started.process().toHandle().destroy();
        if (!started.process().waitFor(10, TimeUnit.SECONDS)) {
            throw new IOException("the tender does not end");
        }
        return millisSince(begin);
    }

    private static double cpuMillis(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        return ticks * 1000 / CLOCK_TICKS_PER_SECOND;
    }

    private static long field(Process process, String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/" + file))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    private static void print(String what, List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "  %-30s median %6.1f  min %6.1f  max %6.1f%n",
                what,
                sorted.get(sorted.size() / 2),
                sorted.getFirst(),
                sorted.getLast());
    }
}
