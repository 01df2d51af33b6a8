package vmm.stats.page;

import java.util.Optional;
import vmm.core.Sample;
import vmm.stats.core.Reading;

/** What is told of one unikernel. */
final class UnikernelPage {
    private final Html page;

    UnikernelPage(Html page) {
        this.page = page;
    }

    void write(Reading reading, Optional<History.Track> seen) {
        History.Track track = seen.orElseGet(History.Track::new);
        page.raw("<div class=\"charts\">");
        chart("CPU", track, History.Line.CPU, Html.percent(track.last(History.Line.CPU)));
        chart("Memory", track, History.Line.MEMORY, Html.bytes(reading.residentBytes()));
        chart("Sent per second", track, History.Line.SENT, rate(track, History.Line.SENT));
        chart(
                "Received per second",
                track,
                History.Line.RECEIVED,
                rate(track, History.Line.RECEIVED));
        page.raw("</div><h2>Now</h2><dl>");
        Sample.ResourceUse use = reading.sample().use();
        told("Process", String.valueOf(reading.watched().process().pid()));
        told("Up", Html.duration(reading.ageMillis()));
        told("Peak of memory", Html.bytes(use.maxrss() * 1024.0));
        told("Page faults", use.minflt() + " minor, " + use.majflt() + " major");
        told("Context switches", use.nvcsw() + " voluntary, " + use.nivcsw() + " not");
        told("Read from disks", Html.bytes(reading.storage().readBytes()));
        told("Written to disks", Html.bytes(reading.storage().writtenBytes()));
        for (Sample.Interface tap : reading.sample().interfaces()) {
            told(
                    "Device " + tap.bridge(),
                    Html.bytes(tap.inputBytes())
                            + " sent, "
                            + Html.bytes(tap.outputBytes())
                            + " received, "
                            + (tap.inputDropped() + tap.outputDropped())
                            + " dropped");
        }
        page.raw("</dl>");
    }

    private static String rate(History.Track track, History.Line line) {
        return Html.bytes(track.last(line));
    }

    private void chart(String title, History.Track track, History.Line line, String now) {
        page.raw("<figure><figcaption>").text(title + ": " + now).raw("</figcaption>");
        page.line("chart", track.line(line), title).raw("</figure>");
    }

    private void told(String what, String value) {
        page.raw("<dt>").text(what).raw("</dt><dd>").text(value).raw("</dd>");
    }
}
