package vmm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;
import vmm.core.BlockDevice;
import vmm.core.MacAddress;
import vmm.core.NetDevice;
import vmm.core.Path;

class SpellingTest {
    @Test
    void net_isNameBridgeAndMac() {
        var net = new Spelling.OfNet();
        assertThat(net.convert("service"))
                .isEqualTo(new NetDevice("service", Optional.empty(), Optional.empty()));
        assertThat(net.convert("service:br0@00:80:41:0a:0b:0c"))
                .isEqualTo(
                        new NetDevice(
                                "service",
                                Optional.of("br0"),
                                Optional.of(MacAddress.parse("00:80:41:0a:0b:0c"))));
        assertThat(net.convert("br0@00-80-41-0a-0b-0c").mac()).isPresent();
        for (String wrong : List.of("", ":", "a:", ":a", "a:b:c", "a@", "a@b@c", "a@00:80")) {
            assertThatThrownBy(() -> net.convert(wrong))
                    .as(wrong)
                    .isInstanceOf(TypeConversionException.class);
        }
    }

    @Test
    void block_isNameDeviceAndSectorSize() {
        var block = new Spelling.OfBlock();
        assertThat(block.convert("data:disk@4096"))
                .isEqualTo(new BlockDevice("data", Optional.of("disk"), OptionalLong.of(4096)));
        for (String wrong : List.of("a@256", "a@513", "a@-512", "a@x", "a@99999999999999999999")) {
            assertThatThrownBy(() -> block.convert(wrong))
                    .as(wrong)
                    .isInstanceOf(TypeConversionException.class);
        }
    }

    @Test
    void path_mayEndInAColon() {
        var path = new Spelling.OfPath();
        assertThat(path.convert("foo:bar")).isEqualTo(Path.of("foo", "bar"));
        assertThat(path.convert("foo:bar:")).isEqualTo(Path.of("foo", "bar"));
        assertThat(path.convert(":")).isEqualTo(Path.ROOT);
    }

    @Test
    void time_isRfc3339OrADate() {
        var time = new Spelling.OfTime();
        assertThat(time.convert("2023-03-12")).isEqualTo(Instant.parse("2023-03-12T00:00:00Z"));
        assertThat(time.convert("2023-03-12T23:42:15+02:00"))
                .isEqualTo(Instant.parse("2023-03-12T21:42:15Z"));
    }

    @Test
    void release_ordersByItsParts() {
        var release = new Release.OfText();
        assertThat(release.convert("2.5.1")).isEqualTo(new Release(2_05_01));
        assertThat(release.convert("1.10")).isEqualTo(new Release(1_10_00));
        assertThat(release.convert("1.4.3").header(vmm.core.Name.ROOT).version().number())
                .isEqualTo(4);
    }
}
