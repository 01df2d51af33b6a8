package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
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
import vmm.core.Policy;
import vmm.core.Typ;
import vmm.core.UnikernelConfig;
import vmm.wire.CertExtension;
import vmm.wire.Command;
import vmm.wire.Header;
import vmm.wire.Message;

/** What a certificate says to servers of each release, and where an image goes over TLS. */
class RemoteOptionsTest {
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

    private RemoteOptions options(Optional<CertExtension> stated) throws Exception {
        KeyPair keys = KeyType.ed25519.generate();
        var name = Issuing.commonName("the CA");
        var ca =
                Issuing.certificate(
                        new Issuing.Signer(name, keys.getPrivate(), keys.getPublic()),
                        name,
                        keys.getPublic(),
                        Issuing.Role.CA,
                        stated,
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
    @CsvSource({"10403,true,AV4", "20401,true,AV5", "20500,false,AV5", "20702,false,AV5"})
    void image_isInTheCertificate_beforeServersReadItBehind(
            int number, boolean inside, Header.Version version) throws Exception {
        var release = new Release(number);
        var config = new UnikernelConfig(Typ.SOLO5, false, IMAGE, ARGUMENTS);
        var create = new Command.Create(false, release.config(), config);
        Message request = Message.asking(release.header(Name.parse("x")), create);
        var leaf =
                options(Optional.empty())
                        .credentials(request, release.streams())
                        .chain()
                        .getFirst();
        CertExtension stated = Issuing.stated(leaf).orElseThrow();
        assertThat(stated.version()).isEqualTo(version);
        assertThat(stated.command())
                .isInstanceOfSatisfying(
                        Command.Create.class,
                        sent ->
                                assertThat(sent.config().image())
                                        .isEqualTo(inside ? IMAGE : Bytes.EMPTY));
    }

    @Test
    void oldServer_isNotAsked_belowAPolicyThatItCannotRead() throws Exception {
        var policy = Policy.of(List.of(0L), 1, 16, OptionalLong.empty(), List.of());
        var newer = new CertExtension(Header.Version.AV5, new Command.PolicyAdd(policy));
        RemoteOptions options = options(Optional.of(newer));
        var request =
                Message.asking(new Release(1_04_03).header(Name.parse("x")), new Command.Destroy());
        assertThatThrownBy(() -> options.credentials(request, false))
                .hasMessageContaining("the same --wire-release");
    }
}
