import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar in a form that the JDK's AOT cache takes: classes of before Java 6 as classes of Java 8
 * with stack maps, and without signatures, which would be checked at each start too. {@code java
 * ModernJar.java FROM TO}
 */
void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Path.of(arguments[1]);
    try (var jar = new JarFile(from.toFile());
            var loader = new URLClassLoader(new URL[] {from.toUri().toURL()});
            var out = new ZipOutputStream(Files.newOutputStream(to))) {
        ClassFile classes =
                ClassFile.of(
                        StackMapsOption.GENERATE_STACK_MAPS,
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(loader)
                                        .orElse(ClassHierarchyResolver.defaultResolver())));
        for (var entry : jar.stream().toList()) {
            if (isSignature(entry.getName())) {
                continue;
            }
            byte[] content = jar.getInputStream(entry).readAllBytes();
            if (entry.getName().equals(JarFile.MANIFEST_NAME)) {
                content = withoutDigests(content);
            } else if (isOld(entry.getName(), content)) {
                content = modern(classes, content);
            }
            var copy = new ZipEntry(entry.getName());
            copy.setTime(entry.getTime());
            out.putNextEntry(copy);
            out.write(content);
            out.closeEntry();
        }
    }
}

boolean isSignature(String name) {
    return name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
}

/** A signed jar's manifest has a section for each file's digest. */
byte[] withoutDigests(byte[] content) throws IOException {
    var manifest = new Manifest(new ByteArrayInputStream(content));
    manifest.getEntries().clear();
    var shorter = new ByteArrayOutputStream();
    manifest.write(shorter);
    return shorter.toByteArray();
}

boolean isOld(String name, byte[] content) {
    boolean isClass = name.endsWith(".class") && !name.endsWith("module-info.class");
    return isClass && content[7] < ClassFile.JAVA_6_VERSION;
}

byte[] modern(ClassFile classes, byte[] content) {
    ClassTransform version =
            (builder, element) -> {
                if (element instanceof ClassFileVersion) {
                    builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
                } else {
                    builder.with(element);
                }
            };
    return classes.transformClass(
            classes.parse(content),
            version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
}
