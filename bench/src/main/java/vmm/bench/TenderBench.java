package vmm.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whole-process figures of tenders, in turn: from exec to the guest's first output, what is
 * resident, and how soon many side by side end on SIGTERM.
 */
public final class TenderBench {
    private static final int ROUNDS = 21;
    private static final int MANY = 100;

    private TenderBench() {}

    /**
     * Measures.
     *
     * @param arguments a guest that ticks for ever, then the tenders to compare
     */
    @SuppressWarnings("SystemOut")
    public static void main(String... arguments) throws Exception {
        Path guest = Path.of(arguments[0]);
        List<Path> tenders = Arrays.stream(arguments).skip(1).map(Path::of).toList();
        var times = new long[tenders.size()][ROUNDS];
        var resident = new long[tenders.size()][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int t = 0; t < tenders.size(); t++) {
                long begin = System.nanoTime();
                Process process = start(tenders.get(t), guest);
                awaitOutput(process);
                times[t][round] = System.nanoTime() - begin;
                resident[t][round] = residentKiB(process);
                process.destroy();
                process.waitFor();
            }
        }
        for (int t = 0; t < tenders.size(); t++) {
            Arrays.sort(times[t]);
            Arrays.sort(resident[t]);
            System.out.printf(
                    "%s: exec to first output %.1f / %.1f / %.1f ms (least, median, most),"
                            + " resident %.1f MB%n",
                    tenders.get(t).getFileName(),
                    times[t][0] / 1e6,
                    times[t][ROUNDS / 2] / 1e6,
                    times[t][ROUNDS - 1] / 1e6,
                    resident[t][ROUNDS / 2] / 1024.0);
        }
        for (Path tender : tenders) {
            many(tender, guest);
        }
    }

    private static Process start(Path tender, Path guest) throws IOException {
        return new ProcessBuilder(tender.toString(), "--mem=2", "--", guest.toString(), "ms=50")
                .redirectErrorStream(true)
                .start();
    }

    /** Until the guest itself speaks; a tender's own lines begin otherwise. */
    private static void awaitOutput(Process process) throws IOException {
        var said = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (said.indexOf("tick 1") < 0) {
            int count = process.getInputStream().read(buffer);
            if (count < 0) {
                throw new IOException("it ended: " + said);
            }
            said.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
    }

    private static long residentKiB(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    @SuppressWarnings("SystemOut")
    private static void many(Path tender, Path guest) throws Exception {
        var all = new ArrayList<Process>();
        for (int i = 0; i < MANY; i++) {
            all.add(start(tender, guest));
        }
        for (Process one : all) {
            awaitOutput(one);
        }
        long begin = System.nanoTime();
        all.forEach(Process::destroy);
        for (Process one : all) {
            if (!one.waitFor(10, TimeUnit.SECONDS)) {
                throw new IOException("pid " + one.pid() + " did not end");
            }
        }
        System.out.printf(
                "%s: %d side by side, all ended %.0f ms after the first SIGTERM%n",
                tender.getFileName(), MANY, (System.nanoTime() - begin) / 1e6);
    }
}
