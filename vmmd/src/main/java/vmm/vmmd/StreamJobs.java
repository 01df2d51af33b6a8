package vmm.vmmd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.UnikernelConfig;
import vmm.vmmd.core.Input;
import vmm.vmmd.core.Job;
import vmm.vmmd.core.Unikernel.Spec;
import vmm.vmmd.host.BlockFiles;
import vmm.vmmd.host.ImageStore;
import vmm.vmmd.host.Zlib;
import vmm.wire.Command;
import vmm.wire.Data;
import vmm.wire.Form;
import vmm.wire.Header;
import vmm.wire.Message;
import vmm.wire.Prefix;
import vmm.wire.Success;

/** The jobs that read or send what is too long for the heap. Each on a virtual thread. */
final class StreamJobs {
    private final Shell shell;
    private final ImageStore images;
    private final BlockFiles blocks;

    StreamJobs(Shell shell, ImageStore images, BlockFiles blocks) {
        this.shell = shell;
        this.images = images;
        this.blocks = blocks;
    }

    void block(Job.Block job) {
        Name device = job.client().header().name();
        var ended = new Ended(job);
        try {
            work(job, device, ended);
            ended.with(Optional.empty());
        } catch (IOException e) {
            ended.with(Optional.of("block device " + device + ": " + Shell.why(e)));
        }
    }

    /**
     * Tells the core once; before the last byte leaves, so that who has it finds the device free.
     */
    private final class Ended {
        private final Job.Block job;
        private boolean told;

        Ended(Job.Block job) {
            this.job = job;
        }

        void with(Optional<String> problem) {
            if (!told) {
                told = true;
                shell.submit(new Input.BlockDone(job.client(), job.command(), problem));
            }
        }
    }

    private void work(Job.Block job, Name device, Ended ended) throws IOException {
        long size = job.sizeMiB();
        switch (job.command()) {
            case Command.BlockAdd _ -> blocks.add(device, size, false, Zlib.Source.of(Bytes.EMPTY));
            case Command.BlockAddOld(_, var compressed, var data) ->
                    blocks.add(
                            device,
                            size,
                            compressed && data.isPresent(),
                            Zlib.Source.of(data.orElse(Bytes.EMPTY)));
            case Command.BlockRemove() -> blocks.remove(device);
            case Command.BlockSetOld(var compressed, var data) ->
                    blocks.set(device, size, compressed, Zlib.Source.of(data));
            case Command.BlockSet(var compressed) -> {
                Client client = shell.connected(job.client());
                client.watched(() -> blocks.set(device, size, compressed, client.chunks()));
            }
            case Command.BlockSetFrom(var compressed, var from) -> {
                Client client = shell.connected(job.client());
                client.watched(
                        () -> blocks.setFrom(device, size, compressed, from, client.chunks()));
            }
            case Command.BlockHeld() ->
                    answerWith(
                            job.client(),
                            to -> {
                                var held = new Success.Held(blocks.held(device));
                                ended.with(Optional.empty());
                                to.send(Message.done(job.client().header(), held));
                            });
            case Command.BlockDump(var level) -> dump(job, level, Prefix.NONE, ended);
            case Command.BlockDumpFrom(var level, var from) -> dump(job, level, from, ended);
            case Command.BlockDumpOld(var level) ->
                    answerWith(
                            job.client(),
                            to -> {
                                try (Arena arena = Arena.ofShared()) {
                                    Bytes all = blocks.whole(device, level(level), arena);
                                    ended.with(Optional.empty());
                                    to.send(
                                            Message.done(
                                                    job.client().header(),
                                                    new Success.BlockImageOld(level > 0, all)));
                                }
                            });
            case Command.BlockInfo _ -> throw new IllegalArgumentException("no job: " + job);
        }
    }

    /** A reply that is too long for the heap, sent by its job. */
    private interface LongReply {
        /** Sends all of it; if that fails a failure follows what was sent. */
        void send(Client to) throws IOException;
    }

    private void answerWith(vmm.vmmd.core.Client client, LongReply reply) throws IOException {
        Client to = shell.connected(client);
        to.watched(() -> reply.send(to));
        to.sent();
    }

    private void dump(Job.Block job, long level, Prefix from, Ended ended) throws IOException {
        Header header = job.client().header();
        try (FileChannel content = blocks.open(header.name(), from)) {
            answerWith(
                    job.client(),
                    to -> {
                        stream(content, level, header, to);
                        ended.with(Optional.empty());
                        to.send(Message.telling(header, new Data.End()));
                    });
        }
    }

    /** All but the end, by which whoever has it knows that the job is done. */
    private static void stream(FileChannel content, long level, Header header, Client to)
            throws IOException {
        to.send(Message.done(header, new Success.BlockImage(level > 0)));
        Zlib.read(
                content,
                level(level),
                piece -> to.send(Message.telling(header, new Data.Chunk(Bytes.view(piece)))));
    }

    private static int level(long asked) {
        return Math.clamp(asked, 0, 9);
    }

    void send(Job.SendImage job) {
        try {
            switch (job.command()) {
                case Command.GetImage get -> send(job, get);
                case Command.GetImageFrom(var level, var from) -> stream(job, level, from);
                case Command.Unikernel _ -> throw new IllegalArgumentException("no job: " + job);
            }
        } catch (IOException e) {
            Header header = job.client().header();
            shell.reply(job.client(), Message.failed(header, "get: " + Shell.why(e)), true);
        }
    }

    private void stream(Job.SendImage job, long level, Prefix from) throws IOException {
        Header header = job.client().header();
        try (FileChannel content = images.open(job.spec().digest(), from)) {
            answerWith(
                    job.client(),
                    to -> {
                        stream(content, level, header, to);
                        to.send(Message.telling(header, new Data.End()));
                    });
        }
    }

    private void send(Job.SendImage job, Command.GetImage get) throws IOException {
        Header header = job.client().header();
        int level = level(get.level());
        answerWith(
                job.client(),
                to -> {
                    try (Arena arena = Arena.ofShared()) {
                        Bytes image = images.load(job.spec().digest(), level, arena);
                        to.send(Message.done(header, image(job, get, level > 0, image)));
                    }
                });
    }

    private static Success image(
            Job.SendImage job, Command.GetImage get, boolean compressed, Bytes image) {
        if (get.form() != Form.Get.V1) {
            return new Success.Image(compressed, image);
        }
        Spec spec = job.spec();
        var config = new UnikernelConfig(spec.typ(), compressed, image, spec.arguments());
        return new Success.Unikernels(
                List.of(new Success.Named<>(job.client().header().name(), config)));
    }
}
