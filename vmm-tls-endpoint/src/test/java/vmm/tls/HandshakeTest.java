package vmm.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.AsynchronousCloseException;
import java.util.HexFormat;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
    /** Its common name is no text, but a sequence cut short. */
    private static final String NAME_UNREADABLE =
            "3081fc3081afa003020102020203ea300506032b657030153113301106035504030c0a616e6f746865722043"
                    + "41301e170d3236313132313132313330315a170d3336313131383132313331315a30153113301106"
                    + "03550403300a616e6f74686572204341302a300506032b65700321002384decb892843f4462c0cea"
                    + "1a5fd204a26781a5539efb68b591a1d68322d062a3233021300f0603551d130101ff040530030101"
                    + "ff300e0603551d0f0101ff040403020186300506032b6570034100f25bbe6e0c7d5e43357d6a3486"
                    + "e128d5808bfd6ff938c680fce2651720ebbb6db69df37618cb1eed04fc3f4ed73afda5141caaffc4"
                    + "350aa637c78fd807cda007";

    /** Its Ed25519 key has no bytes. */
    private static final String KEY_EMPTY =
            "308201083081bba00302010202020306300506032b657030153113301106035504030c0a616e6f746865"
                    + "72204341301e170d3236313132313135343834355a170d3236313132323135343835355a300c310a3008"
                    + "06035504030d0175302a300506032b65700301001cc3c70c1329682af37eef934bfe695f7f94205a75cd"
                    + "cd65ebe23ff583eea992a3383036300c0603551d130101ff04023000300e0603553d0f0101ff04040302"
                    + "05a030160603551d250101ff040c300a06082b06010505070302300506032b65700341001d80fcc8a8e3"
                    + "bf7ce67cdf16d3c96ff988997b43e8597daf82be4f4b7a4fd5f241386e89332101ebcdf429c5728db4ee"
                    + "8574b9344664466f6e6c74d5c1e0e904";

    @ParameterizedTest
    @ValueSource(strings = {NAME_UNREADABLE, KEY_EMPTY})
    void certificate_isRefused_thatIsMalformed(String hex) {
        byte[] der = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> Shown.read(Certificates.CRYPTO, der))
                .isInstanceOf(TlsFatalAlert.class)
                .hasMessageContaining("malformed");
    }

    @Test
    void why_isWhatLiesDeepest() {
        var cause = new IllegalArgumentException("repeated extension found: 1.2.3");
        assertThat(Handshake.why(new TlsFatalAlert(AlertDescription.bad_certificate, cause)))
                .isEqualTo("bad_certificate(42); repeated extension found: 1.2.3");
        assertThat(Handshake.why(new TlsFatalAlert(AlertDescription.certificate_expired, "CN=u")))
                .isEqualTo("certificate_expired(45); CN=u");
        assertThat(Handshake.why(new AsynchronousCloseException())).isEqualTo("it was closed");
    }

    @Test
    void result_isTheAlert_alsoWhereNobodyLookedAtTheChain() {
        assertThat(Handshake.result(new TlsFatalAlert(AlertDescription.bad_certificate)))
                .isEqualTo("bad_certificate");
        assertThat(Handshake.result(new AsynchronousCloseException())).isEqualTo("failed");
    }
}
