package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentTest {
    @Test
    void keep_forgets_whatWasNotUsedForLongest() {
        var recent = new Recent<Integer, Integer>();
        for (int i = 0; i < Recent.ENTRIES_MAX; i++) {
            recent.keep(i, -i);
        }
        assertThat(recent.find(0)).contains(0);
        recent.keep(Recent.ENTRIES_MAX, 7);
        assertThat(recent.find(1)).isEmpty();
        assertThat(recent.find(0)).contains(0);
        assertThat(recent.find(Recent.ENTRIES_MAX)).contains(7);
    }
}
