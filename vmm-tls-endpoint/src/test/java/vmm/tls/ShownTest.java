package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.x509.Time;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShownTest {
    private static final int TIMES = 20_000;

    @Test
    void instant_isTheCalendars() {
        var written = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");
        var random = new Random(Long.getLong("seed", 5));
        var first = LocalDateTime.of(1, 1, 1, 0, 0);
        for (int i = 0; i < TIMES; i++) {
            var time =
                    first.plusDays(random.nextInt(9998 * 365)).plusSeconds(random.nextInt(86_400));
            var value = new Time(new ASN1GeneralizedTime(time.format(written)));
            assertThat(Shown.instant(value)).isEqualTo(time.toInstant(ZoneOffset.UTC));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "491231235959Z, 2049-12-31T23:59:59Z",
        "500101000000Z, 1950-01-01T00:00:00Z",
        "000229120000Z, 2000-02-29T12:00:00Z"
    })
    void instant_hasTheCentury_ofRfc5280(String utc, String said) {
        assertThat(Shown.instant(new Time(new ASN1UTCTime(utc)))).hasToString(said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20270229000000Z",
                "21000229000000Z",
                "20260431000000Z",
                "20260001000000Z",
                "20261301000000Z",
                "20260100000000Z",
                "20260101240000Z",
                "20260101006000Z",
                "20260101000060Z",
                "20260101000000.5Z",
                "20260101000000+0100",
                "202601010000Z"
            })
    void instant_refuses_whatIsNone(String text) {
        assertThatThrownBy(() -> Shown.instant(new Time(new ASN1GeneralizedTime(text))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
