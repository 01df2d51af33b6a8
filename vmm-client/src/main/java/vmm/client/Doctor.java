package vmm.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vmm.client.files.Reason;
import vmm.core.Name;
import vmm.wire.Success;

/** Looks at what has to be there, and says of each thing that is not what to do about it. */
@Command(
        name = "doctor",
        description = "Check sockets, tenders, KVM, bridges and disk, and say what to do.")
final class Doctor implements Callable<Integer> {
    private static final long DISK_BYTES_MIN = 1L << 30;
    private static final long CERTIFICATE_DAYS_MIN = 30;
    private static final String[] FOLDERS = {"/usr/libexec/albatross", "/usr/lib/albatross"};

    private final Terminal terminal;
    @Mixin SharedOptions common = new SharedOptions();

    @Option(
            names = "--dbdir",
            paramLabel = "DIR",
            description = "where vmmd keeps its state (default: /var/lib/albatross)")
    Path dbdir = Path.of("/var/lib/albatross");

    @Option(
            names = "--certificates",
            paramLabel = "DIR",
            description = "where certificates are kept as NAME.pem (default: /etc/albatross)")
    Path certificates = Path.of("/etc/albatross");

    /** How it is with one thing. */
    enum Verdict {
        ok,
        warn,
        bad
    }

    /**
     * @param todo empty where nothing is to be done
     */
    record Finding(Verdict verdict, String thing, String what, String todo) {}

    private final List<Finding> findings = new ArrayList<>();

    Doctor(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        socket("vmmd", "vmmd", true);
        socket("console", "vmm-console", true);
        socket("stat", "vmm-stats", false);
        policies();
        tenders();
        kvm();
        bridges();
        disk();
        clock();
        certificates();
        findings.forEach(this::print);
        boolean bad = findings.stream().anyMatch(f -> f.verdict() == Verdict.bad);
        return bad ? ExitCode.REMOTE_COMMAND_FAILED : ExitCode.OK;
    }

    private void add(Verdict verdict, String thing, String what, String todo) {
        findings.add(new Finding(verdict, thing, what, todo));
    }

    private void socket(String socket, String daemon, boolean needed) {
        Path at = common.socket(socket, terminal);
        try (Conversation _ = Conversation.open(at, Release.NEWEST)) {
            add(Verdict.ok, daemon, "listens on " + at + permissions(at), "");
        } catch (ClientFailure failure) {
            add(needed ? Verdict.bad : Verdict.warn, daemon, failure.line(), "");
        }
    }

    private static String permissions(Path socket) {
        try {
            return " ("
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))
                    + " "
                    + Files.getOwner(socket).getName()
                    + ")";
        } catch (IOException | UnsupportedOperationException _) {
            return "";
        }
    }

    private void policies() {
        try {
            var answer =
                    new Desk(terminal, common)
                            .fetch("vmmd", Name.ROOT, new vmm.wire.Command.PolicyInfo());
            if (answer instanceof Success.Policies(var list)) {
                add(Verdict.ok, "policies", list.size() + " in force", "");
            }
        } catch (ClientFailure failure) {
            add(
                    Verdict.bad,
                    "policies",
                    "cannot be asked for: " + failure.line(),
                    "see what vmmd logs");
        }
    }

    private void tenders() {
        var found = new ArrayList<String>();
        for (String name : List.of("solo5-hvt", "solo5-spt")) {
            tender(name).ifPresent(path -> found.add(path.toString()));
        }
        String own = terminal.environment().get("VMM_TENDER");
        if (own != null && Files.isExecutable(Path.of(own))) {
            found.add(own);
        }
        if (found.isEmpty()) {
            add(
                    Verdict.bad,
                    "tenders",
                    "none found in " + dbdir + " or on the PATH",
                    "install solo5, or put solo5-hvt and solo5-spt into " + dbdir);
        } else {
            add(Verdict.ok, "tenders", String.join(", ", found), "");
        }
    }

    private Optional<Path> tender(String name) {
        String path = terminal.environment().getOrDefault("PATH", "/usr/bin:/bin");
        return Stream.of(
                        Stream.of(dbdir.toString()),
                        Stream.of(FOLDERS),
                        Stream.of(path.split(":", -1)))
                .flatMap(folders -> folders)
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private void kvm() {
        Path kvm = Path.of("/dev/kvm");
        if (Files.notExists(kvm)) {
            add(
                    Verdict.warn,
                    "kvm",
                    "no /dev/kvm: hvt images cannot run here",
                    "load the module kvm_intel or kvm_amd, or use spt images");
        } else if (Files.isReadable(kvm) && Files.isWritable(kvm)) {
            add(Verdict.ok, "kvm", "/dev/kvm can be opened", "");
        } else {
            add(
                    Verdict.ok,
                    "kvm",
                    "/dev/kvm is there, not for this user; the supervisor opens it",
                    "");
        }
    }

    private void bridges() {
        var names = new ArrayList<String>();
        Path net = Path.of("/sys/class/net");
        if (Files.isDirectory(net)) {
            try (Stream<Path> all = Files.list(net)) {
                all.filter(device -> Files.isDirectory(device.resolve("bridge")))
                        .forEach(device -> names.add(String.valueOf(device.getFileName())));
            } catch (IOException e) {
                add(Verdict.warn, "bridges", "cannot be listed: " + Reason.of(e), "");
                return;
            }
        }
        if (names.isEmpty()) {
            add(
                    Verdict.warn,
                    "bridges",
                    "none: unikernels with --net cannot start",
                    "ip link add service type bridge && ip link set service up");
        } else {
            add(Verdict.ok, "bridges", String.join(", ", names), "");
        }
    }

    private void disk() {
        Path at = Files.isDirectory(dbdir) ? dbdir : Path.of("/");
        try {
            FileStore store = Files.getFileStore(at);
            long free = store.getUsableSpace();
            String what = Units.bytes(free) + " free in " + at;
            if (store.isReadOnly()) {
                add(Verdict.bad, "disk", at + " is read-only", "remount it writable");
            } else if (free < DISK_BYTES_MIN) {
                add(
                        Verdict.bad,
                        "disk",
                        what,
                        "make room: images and block devices are kept there");
            } else {
                add(Verdict.ok, "disk", what, "");
            }
        } catch (IOException e) {
            add(Verdict.warn, "disk", at + ": " + Reason.of(e), "");
        }
    }

    private void clock() {
        Optional<String> adjusted = Optional.empty();
        Path clock = Path.of("/run/systemd/timesync/synchronized");
        if (Files.isDirectory(clock.resolveSibling("")) && Files.notExists(clock)) {
            adjusted = Optional.of("systemd-timesyncd has not set it yet");
        }
        if (java.time.Year.now(java.time.ZoneOffset.UTC).getValue() < 2025) {
            add(
                    Verdict.bad,
                    "clock",
                    "it is not set: certificates are refused",
                    "set it, and run an NTP client");
        } else if (adjusted.isPresent()) {
            add(Verdict.warn, "clock", adjusted.get(), "timedatectl set-ntp true");
        } else {
            add(Verdict.ok, "clock", Render.time(Instant.now()), "");
        }
        add(
                Verdict.ok,
                "versions",
                "vmm "
                        + ClientMain.VERSION
                        + ", Java "
                        + Runtime.version()
                        + ", "
                        + System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version"),
                "");
    }

    private void certificates() {
        if (!Files.isDirectory(certificates)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(certificates, "*.pem")) {
            for (Path file : all) {
                certificate(file);
            }
        } catch (IOException e) {
            String what = certificates + " cannot be listed: " + Reason.of(e);
            add(Verdict.warn, "certificates", what, "");
        }
    }

    private void certificate(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            var x509 = CertificateFactory.getInstance("X.509");
            for (var certificate : x509.generateCertificates(in)) {
                if (certificate instanceof X509Certificate one) {
                    validity(file, one);
                }
            }
        } catch (IOException e) {
            String what = file + " cannot be read: " + Reason.of(e);
            add(Verdict.warn, "certificates", what, "");
        } catch (CertificateException | IndexOutOfBoundsException e) {
            // The JDK trips over keys that are cut short.
            add(Verdict.bad, "certificates", file + " holds no certificate", "make it anew");
        }
    }

    private void validity(Path file, X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        long days = Duration.between(Instant.now(), end).toDays();
        String what = file + ", " + certificate.getSubjectX500Principal() + ": until " + end;
        if (Instant.now().isBefore(certificate.getNotBefore().toInstant())) {
            String from = " and from " + certificate.getNotBefore().toInstant() + " on only";
            add(Verdict.bad, "certificates", what + from, "set the clock, or make it anew");
        } else if (end.isBefore(Instant.now())) {
            add(Verdict.bad, "certificates", what + ", it has expired", "make it anew");
        } else if (days < CERTIFICATE_DAYS_MIN) {
            add(Verdict.warn, "certificates", what, "make it anew within " + days + " days");
        } else {
            add(Verdict.ok, "certificates", what, "");
        }
    }

    private void print(Finding finding) {
        if (common.format == SharedOptions.Format.json) {
            terminal.out()
                    .print(
                            Json.object(
                                    json -> {
                                        json.writeStringProperty(
                                                "verdict", finding.verdict().name());
                                        json.writeStringProperty("thing", finding.thing());
                                        json.writeStringProperty("what", finding.what());
                                        json.writeStringProperty("todo", finding.todo());
                                    }));
            return;
        }
        if (common.isQuiet() && finding.verdict() == Verdict.ok) {
            return;
        }
        String head = String.format("%-4s", finding.verdict());
        String shown =
                switch (finding.verdict()) {
                    case ok -> "\033[32m" + head + "\033[0m";
                    case warn -> "\033[33m" + head + "\033[0m";
                    case bad -> "\033[31m" + head + "\033[0m";
                };
        terminal.out()
                .printf(
                        "%s  %-11s  %s%n",
                        common.coloured(terminal) ? shown : head,
                        finding.thing(),
                        Visible.text(finding.what()));
        if (!finding.todo().isEmpty()) {
            terminal.out().printf("%19s-> %s%n", "", Visible.text(finding.todo()));
        }
    }
}
