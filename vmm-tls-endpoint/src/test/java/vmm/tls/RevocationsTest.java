package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.bouncycastle.asn1.ASN1Sequence;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Revocation lists in a folder: which of them count. */
class RevocationsTest {
    @TempDir Path folder;
    @TempDir Path kept;

    private final Certificates.Holder ca = Certificates.root("the CA");
    private final Certificates.Holder leaf =
            Certificates.leaf("u").signedBy(ca, Certificates.ed25519());
    private Path list;

    @BeforeEach
    void name() {
        list = folder.resolve("ca.crl");
    }

    private Revocations fresh() {
        var revocations = new Revocations(folder, Optional.of(kept));
        revocations.refresh();
        return revocations;
    }

    private boolean isRevoked(Revocations revocations) {
        return revocations.isRevoked(leaf.shown(), ca.shown());
    }

    private byte[] crl(long number, boolean revoked) {
        return Certificates.crl(
                ca, number, revoked ? Optional.of(leaf.certificate()) : Optional.empty());
    }

    @Test
    void isRevoked_isTrue_fromTheRefreshThatReadTheList() throws IOException {
        Revocations revocations = fresh();
        assertThat(isRevoked(revocations)).isFalse();
        Files.write(list, crl(1, true));
        assertThat(revocations.refresh()).isTrue();
        assertThat(revocations.refresh()).isFalse();
        assertThat(isRevoked(revocations)).isTrue();
    }

    @Test
    void olderList_isNotTaken_norByTheNextProcess() throws IOException {
        Files.write(list, crl(7, true));
        Revocations revocations = fresh();
        assertThat(isRevoked(revocations)).isTrue();
        Files.write(list, crl(6, false));
        revocations.refresh();
        assertThat(isRevoked(revocations)).isTrue();
        assertThat(isRevoked(fresh())).isTrue();
        Files.delete(list);
        assertThat(isRevoked(fresh())).isTrue();
        Files.write(list, crl(8, false));
        assertThat(isRevoked(fresh())).isFalse();
    }

    @Test
    void olderList_isNotTaken_whereNobodyCameMeanwhile() throws IOException {
        Revocations revocations = fresh();
        revocations.follow(ca.shown());
        Files.write(list, crl(7, true));
        revocations.refresh();
        Files.write(list, crl(6, false));
        revocations.refresh();
        assertThat(isRevoked(revocations)).isTrue();
        assertThat(isRevoked(fresh())).isTrue();
    }

    @Test
    void olderList_isNotTaken_whereNobodyKnewYetWhoSigned() throws IOException {
        Revocations revocations = fresh();
        Files.write(list, crl(7, true));
        revocations.refresh();
        Files.write(list, crl(6, false));
        revocations.refresh();
        assertThat(isRevoked(fresh())).isTrue();
        assertThat(isRevoked(revocations)).isTrue();
        Files.write(list, crl(8, false));
        revocations.refresh();
        assertThat(isRevoked(revocations)).isFalse();
        assertThat(isRevoked(fresh())).isFalse();
    }

    @Test
    void olderList_isNotTaken_whereTwoAuthoritiesHaveOneName() throws IOException {
        Certificates.Holder twin = Certificates.root("the CA");
        Files.write(folder.resolve("twin.crl"), Certificates.crl(twin, 9, Optional.empty()));
        Files.write(list, crl(7, true));
        fresh();
        Files.write(list, crl(6, false));
        assertThat(isRevoked(fresh())).isTrue();
        Files.delete(list);
        Files.delete(folder.resolve("twin.crl"));
        assertThat(isRevoked(fresh())).isTrue();
    }

    @Test
    void unjudgedLists_areBounded_andForgotten_onceJudged() throws IOException {
        for (int i = 1; i <= Revocations.UNJUDGED_MAX + 5; i++) {
            Files.write(list, crl(i, true));
            fresh();
        }
        assertThat(kept).isDirectoryContaining(file -> file.toString().contains("unjudged-"));
        assertThat(kept.toFile().list()).hasSize(Revocations.UNJUDGED_MAX);
        Path named = Files.write(folder.resolve("unjudged-mine.crl"), crl(2, false));
        Revocations revocations = fresh();
        assertThat(isRevoked(revocations)).isTrue();
        revocations.refresh();
        assertThat(kept.toFile().list()).hasSize(1);
        assertThat(named).exists();
        assertThat(isRevoked(fresh())).isTrue();
        Files.write(list, crl(1, false));
        assertThat(isRevoked(fresh())).isTrue();
    }

    /** The algorithm and the signature, with their headers. */
    private static int signatureBytes(byte[] crl) {
        ASN1Sequence parts = ASN1Sequence.getInstance(crl);
        try {
            return parts.getObjectAt(1).toASN1Primitive().getEncoded().length
                    + parts.getObjectAt(2).toASN1Primitive().getEncoded().length;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void listsOfOthers_andDamagedOnes_countForNothing() throws IOException {
        Certificates.Holder namesake = Certificates.root("the CA");
        Files.write(list, Certificates.crl(namesake, 9, Optional.of(leaf.certificate())));
        assertThat(isRevoked(fresh())).isFalse();
        byte[] good = crl(1, true);
        // Beyond what is signed a bit may mean nothing, as the count of unused bits.
        int signed = good.length - signatureBytes(good);
        var random = new Random(Long.getLong("seed", 5));
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            int at = random.nextInt(signed);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(list, bad);
            assertThat(isRevoked(fresh())).as("flipped a bit of byte %d", at).isFalse();
        }
        Files.writeString(list, Certificates.pem("X509 CRL", good));
        assertThat(isRevoked(fresh())).as("in PEM").isTrue();
    }
}
