package vmm.client;

import java.util.Optional;
import vmm.client.pki.Lint;
import vmm.wire.Command;

/**
 * What may be behind a connection that was closed without an answer, and what to do about it: all
 * that can be known is who was asked, what, and in the forms of which release.
 */
record Silence(boolean remote, Release release, Optional<Command> asked) {
    String nextStep() {
        if (remote && asked.filter(Lint::isForTheServerAlone).isPresent()) {
            return Lint.FOR_THE_SERVER;
        }
        String refused =
                remote
                        ? "the endpoint refuses the certificates or has failed, its log says why"
                        : "its log says why";
        return asked.flatMap(release::older)
                .map(
                        older ->
                                String.format(
                                        "if it is albatross %s or older, add --wire-release %s or"
                                                + " what it is; if not, %s",
                                        older, older, refused))
                .orElse(refused);
    }
}
