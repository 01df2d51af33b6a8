package vmm.config;

/**
 * A file to be written.
 *
 * @param path relative to the project's folder
 * @param isProgram whether it can be executed
 */
public record Artefact(String path, String text, boolean isProgram) {
    public Artefact(String path, String text) {
        this(path, text, false);
    }
}
