package vmm.tls;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

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

    @Test
    void checkReadable_rejects_aNameThatTheJdkAloneTakes() throws Exception {
        var certificate = Certificates.parsed(HexFormat.of().parseHex(NAME_UNREADABLE));
        assertThatThrownBy(() -> Handshake.checkReadable(List.of(certificate)))
                .isInstanceOf(Chains.Rejected.class)
                .hasMessageContaining("malformed");
    }
}
