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
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar, its classes of before Java 6 as classes of Java 8, with stack maps: the JDK's AOT
 * cache leaves out older ones. {@code java ModernJar.java FROM TO}
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
            byte[] content = jar.getInputStream(entry).readAllBytes();
            if (isOld(entry.getName(), content)) {
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
