package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain that was good is shown again. */
class ChainsTest {
    @TempDir Path crls;

    private final Instant begin = Instant.now();
    private final Certificates.Holder ca = Certificates.root("the CA");
    private final Certificates.Holder leaf =
            Certificates.leaf("u")
                    .valid(begin.minusSeconds(10), begin.plus(Duration.ofHours(1)))
                    .signedBy(ca, Certificates.ed25519());
    private final List<Shown> chain = List.of(leaf.shown());
    private Instant now = begin;
    private Revocations revocations;
    private Chains chains;

    @BeforeEach
    void showOnce() throws Exception {
        revocations = new Revocations(crls, Optional.empty());
        chains = new Chains(ca.shown(), revocations, new Hand());
        assertThat(chains.check(chain)).isEqualTo(chain);
    }

    /** A clock that stands until it is set. */
    private final class Hand extends Clock {
        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private void assertRejected(List<Shown> shown, String cause) {
        assertThatThrownBy(() -> chains.check(shown))
                .isInstanceOfSatisfying(
                        Chains.Rejected.class,
                        rejected -> assertThat(rejected.cause()).isEqualTo(cause));
    }

    @Test
    void check_letsItIn_again() throws Exception {
        assertThat(chains.check(List.of(leaf.shown(), ca.shown()))).isEqualTo(chain);
    }

    @Test
    void check_rejects_itOutsideItsTime() {
        now = begin.plus(Duration.ofHours(2));
        assertRejected(chain, "certificate_expired");
        now = begin.minus(Duration.ofHours(2));
        assertRejected(chain, "certificate_expired");
    }

    @Test
    void check_says_whichCertificate_andWhy() {
        now = begin.plus(Duration.ofHours(2));
        assertThatThrownBy(() -> chains.check(chain))
                .hasMessageStartingWith("CN=u: it has expired on ");
    }

    @Test
    void check_says_noLongName() {
        var wordy = Certificates.leaf("u".repeat(10_000)).signedBy(ca, Certificates.ed25519());
        now = begin.plus(Duration.ofDays(2));
        assertThatThrownBy(() -> chains.check(List.of(wordy.shown())))
                .message()
                .hasSizeLessThan(200);
    }

    @Test
    void check_rejects_it_onceRevoked() throws Exception {
        Files.write(
                crls.resolve("ca.crl"), Certificates.crl(ca, 1, Optional.of(leaf.certificate())));
        revocations.refresh();
        assertRejected(chain, "certificate_revoked");
    }

    @Test
    void check_rejects_aCopyWithAnotherSignature() throws Exception {
        byte[] bytes = leaf.certificate().getEncoded();
        bytes[bytes.length - 1] ^= 1;
        assertRejected(List.of(Certificates.shown(Certificates.parsed(bytes))), "bad_certificate");
    }
}
