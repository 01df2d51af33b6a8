package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vmm.client.pki.Issuing;
import vmm.client.pki.KeyType;
import vmm.client.pki.PemFiles;
import vmm.core.Arguments;
import vmm.core.Bytes;
import vmm.core.FailBehaviour;
import vmm.core.Name;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.Command;
import vmm.wire.Message;

/** Where an image goes over TLS: behind the handshake, or into it for servers before 2.5. */
class RemoteImageTest {
    private static final Bytes IMAGE = Bytes.of(new byte[1000]);

    private static final Arguments ARGUMENTS =
            new Arguments(
                    FailBehaviour.QUIT,
                    OptionalLong.empty(),
                    true,
                    new TreeSet<>(List.of(0L)),
                    16,
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    1,
                    Optional.empty());

    @TempDir Path folder;

    private RemoteOptions options() throws Exception {
        KeyPair keys = KeyType.ed25519.generate();
        var name = Issuing.commonName("the CA");
        var ca =
                Issuing.certificate(
                        new Issuing.Signer(name, keys.getPrivate(), keys.getPublic()),
                        name,
                        keys.getPublic(),
                        Issuing.Role.CA,
                        Optional.empty(),
                        Duration.ofDays(1),
                        false);
        var options = new RemoteOptions();
        options.ca = Files.writeString(folder.resolve("ca.pem"), PemFiles.text(ca));
        options.caKey =
                Files.writeString(
                        folder.resolve("ca.key"),
                        PemFiles.text("PRIVATE KEY", keys.getPrivate().getEncoded()));
        return options;
    }

    @ParameterizedTest
    @CsvSource({"10403,true", "20401,true", "20500,false", "20702,false"})
    void image_isInTheCertificate_beforeServersReadItBehind(int number, boolean inside)
            throws Exception {
        var release = new Release(number);
        var config = new UnikernelConfig(Typ.SOLO5, false, IMAGE, ARGUMENTS);
        var create = new Command.Create(false, release.config(), config);
        Message request = Message.asking(release.header(Name.parse("x")), create);
        var leaf = options().credentials(request, release.streams()).chain().getFirst();
        assertThat(Issuing.stated(leaf).orElseThrow().command())
                .isInstanceOfSatisfying(
                        Command.Create.class,
                        sent ->
                                assertThat(sent.config().image())
                                        .isEqualTo(inside ? IMAGE : Bytes.EMPTY));
    }
}
