package vmm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import vmm.wire.supervisor.Event;
import vmm.wire.supervisor.EventData;

class EventsTest {
    private final Events events = new Events(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

    private static Event event(String domain, int i) {
        return new Event(0, EventData.exited(domain, "p" + i, 0));
    }

    private List<EventData> readAll(String domain) {
        var read = new ArrayList<EventData>();
        while (true) {
            Events.Reader reader = events.read(domain);
            Events.Taken taken = reader.next().getNow(null);
            if (taken == null) {
                events.leave(reader);
                return read;
            }
            read.add(taken.event().data());
        }
    }

    @Test
    void events_areLostInOneLoss_thatTellsHowMany_whenNobodyReads() {
        for (int i = 0; i < Events.EVENTS_MAX + 7; i++) {
            events.put("d", event("d", i));
        }
        List<EventData> read = readAll("d");
        assertThat(read).hasSize(Events.EVENTS_MAX + 1);
        assertThat(read.getFirst().name()).isEqualTo("p0");
        assertThat(read.getLast()).isEqualTo(EventData.lost("d", 7));
        events.put("d", event("d", 1));
        assertThat(readAll("d")).containsExactly(event("d", 1).data());
    }

    @Test
    void loss_isToldWhereItHappened_whenReadingGoesOnBetween() {
        for (int i = 0; i < Events.EVENTS_MAX + 3; i++) {
            events.put("d", event("d", i));
        }
        for (int i = 0; i < 10; i++) {
            events.read("d");
        }
        events.put("d", event("d", 9999));
        List<EventData> read = readAll("d");
        assertThat(read.subList(read.size() - 2, read.size()))
                .containsExactly(EventData.lost("d", 3), event("d", 9999).data());
    }

    @Test
    void oneDomainsLoss_costsAnotherNothing() {
        for (int i = 0; i < 3 * Events.EVENTS_MAX; i++) {
            events.put("noisy", event("noisy", i));
        }
        events.put("quiet", event("quiet", 1));
        assertThat(readAll("quiet")).containsExactly(event("quiet", 1).data());
    }

    @Test
    void readers_shareTheEvents_eachOnce() {
        Events.Reader one = events.read("d");
        Events.Reader any = events.read(null);
        events.put("d", event("d", 1));
        events.put("d", event("d", 2));
        assertThat(one.next().getNow(null).event()).isEqualTo(event("d", 1));
        assertThat(any.next().getNow(null).event()).isEqualTo(event("d", 2));
        assertThat(readAll("d")).isEmpty();
    }

    @Test
    void event_goesToTheNextReader_whenTheFirstLeftWithoutHavingReadIt() {
        Events.Reader gone = events.read("d");
        events.put("d", event("d", 1));
        events.put("d", event("d", 2));
        assertThat(gone.next()).isDone();
        events.leave(gone);
        assertThat(readAll("d")).containsExactly(event("d", 1).data(), event("d", 2).data());
    }
}
