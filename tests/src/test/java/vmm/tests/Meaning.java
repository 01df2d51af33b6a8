package vmm.tests;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import vmm.core.Name;
import vmm.core.UnikernelInfo;
import vmm.wire.Message;
import vmm.wire.Message.Payload;
import vmm.wire.Success;

/** What two messages say, for comparing an albatross's with ours. */
final class Meaning {
    private Meaning() {}

    /** What must not differ: not times, digests, text of failures, or what the host has. */
    static String of(Message message) {
        String about = message.header().version() + " " + message.header().sequence();
        String name = message.header().name().toString();
        String what =
                switch (message.payload()) {
                    case Payload.Failed _ -> "failed";
                    case Payload.Done(Success.Policies(var policies)) ->
                            "policies "
                                    + policies.stream()
                                            .filter(
                                                    p ->
                                                            !name.equals(":")
                                                                    || !p.name().equals(Name.ROOT))
                                            .toList();
                    case Payload.Done(Success.Info(var form, var infos)) ->
                            form
                                    + " "
                                    + infos.stream()
                                            .map(i -> i.name() + " " + of(i.value()))
                                            .toList();
                    case Payload.Done(Success.Image _) -> "image";
                    case Payload.Done(var success) -> success.toString();
                    case Payload.Told(var data) -> data.toString();
                    case Payload.Asked(var command) -> command.toString();
                };
        return message.payload() instanceof Payload.Done(Success.Image _)
                ? "an image"
                : about + " " + name + " " + what;
    }

    private static String of(UnikernelInfo i) {
        return i.typ()
                + " "
                + i.fail()
                + i.startup()
                + i.cpuids()
                + i.memoryMiB()
                + " argv "
                + (i.blocks().isEmpty() ? i.argv() : "")
                + i.blocks()
                + i.networks().stream().map(UnikernelInfo.Net::hostDevice).toList()
                + i.cpus()
                + i.started().isPresent();
    }

    static byte[] inflated(byte[] zlib) throws DataFormatException {
        var inflater = new Inflater();
        try {
            inflater.setInput(zlib);
            var out = new ByteArrayOutputStream();
            var buffer = ByteBuffer.allocate(8192);
            while (inflater.inflate(buffer.clear()) > 0) {
                out.write(buffer.array(), 0, buffer.position());
            }
            return out.toByteArray();
        } finally {
            inflater.end();
        }
    }
}
