package vmm.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.wire.Command;
import vmm.wire.Decoded;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.der.WireCodec;

/** A small message through the codec, on one core. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CodecBench {
    private final Message message =
            Message.asking(
                    Header.of(Name.parse("foo:bar:hello")),
                    new Command.UnikernelInfo(Form.Info.V6));
    private final Bytes bytes = Bytes.of(WireCodec.encode(message));

    @Benchmark
    public Decoded<Message> decode() {
        return WireCodec.decode(bytes);
    }

    @Benchmark
    public byte[] encode() {
        return WireCodec.encode(message);
    }
}
