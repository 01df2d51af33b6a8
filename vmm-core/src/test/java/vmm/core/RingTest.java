package vmm.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RingTest {
    @Test
    void last_givesTheNewest_oldestOfThemFirst() {
        var ring = new Ring<Integer>(3);
        assertThat(ring.last(5)).isEmpty();
        for (int i = 1; i <= 5; i++) {
            ring.add(i);
        }
        assertThat(ring.last(2)).isEqualTo(List.of(4, 5));
        assertThat(ring.last(Long.MAX_VALUE)).isEqualTo(List.of(3, 4, 5));
        assertThat(ring.last(0)).isEmpty();
        assertThat(ring.last(-1)).isEmpty();
        assertThat(ring.size()).isEqualTo(3);
        assertThat(ring.written()).isEqualTo(5);
    }
}
