import java.io.IOException;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What the programs share that make jars of jars. */
final class Jars {
    private Jars() {}

    /** Which class is another's parent, as the jars of {@code loader} say. */
    static ClassHierarchyResolverOption parents(ClassLoader loader) {
        return ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(loader)
                        .orElse(ClassHierarchyResolver.defaultResolver()));
    }

    /** The same entries make the same bytes. */
    static void write(Map<String, byte[]> entries, Path to) throws IOException {
        try (var out = new ZipOutputStream(Files.newOutputStream(to))) {
            for (var entry : entries.entrySet()) {
                var copy = new ZipEntry(entry.getKey());
                copy.setTime(0);
                out.putNextEntry(copy);
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
    }
}
