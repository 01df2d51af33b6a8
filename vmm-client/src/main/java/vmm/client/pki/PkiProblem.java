package vmm.client.pki;

/** Why a key, a request or a certificate cannot be made or read, in one line for the user. */
public final class PkiProblem extends Exception {
    private static final long serialVersionUID = 1L;

    public PkiProblem(String line) {
        super(line, null, false, false);
    }

    public String line() {
        return String.valueOf(getMessage());
    }
}
