package vmm.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a configuration file says.
 *
 * @param root the file's folder
 * @param deployment empty: it says nothing of deploying
 */
public record Loaded(Path root, Project project, Optional<Deployment> deployment) {}
