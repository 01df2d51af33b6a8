import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ConstantInstruction;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

static final String PARTS = "META-INF/of/";

/** Picocli's: its search opens every jar at each start, unless it is in one of the JDK's packages. */
static final String LOOKS_FOR_GROOVY = "picocli/CommandLine$DefaultFactory.class";

/**
 * Makes one jar of several, in a form that the JDK's AOT cache takes: classes of before Java 6 as
 * classes of Java 8 with stack maps, and without signatures, which would be checked at each start
 * too. Of versions of a class for several releases that of this JDK stays, services of one name are
 * listed together, and another jar's licence or manifest is found below {@value #PARTS} and the
 * jar's name. {@code java JoinJars.java TO FROM...}
 */
void main(String[] arguments) throws IOException {
    List<Path> jars = Stream.of(arguments).skip(1).map(Path::of).toList();
    var places = new URL[jars.size()];
    for (int i = 0; i < places.length; i++) {
        places[i] = jars.get(i).toUri().toURL();
    }
    var joined = new LinkedHashMap<String, byte[]>();
    try (var loader = new URLClassLoader(places)) {
        ClassFile classes =
                ClassFile.of(StackMapsOption.GENERATE_STACK_MAPS, Jars.parents(loader));
        for (Path from : jars) {
            add(joined, classes, from);
        }
    }
    Jars.write(joined, Path.of(arguments[0]));
}

void add(Map<String, byte[]> joined, ClassFile classes, Path from) throws IOException {
    try (var jar = new JarFile(from.toFile(), false, ZipFile.OPEN_READ, Runtime.version())) {
        for (JarEntry entry : jar.versionedStream().toList()) {
            String name = entry.getName();
            if (entry.isDirectory() || isSignature(name) || name.endsWith("module-info.class")) {
                continue;
            }
            byte[] content = jar.getInputStream(entry).readAllBytes();
            if (name.startsWith("META-INF/services/")) {
                joined.merge(name, content, this::lines);
            } else if (name.equals(JarFile.MANIFEST_NAME) || joined.containsKey(name)) {
                joined.put(PARTS + from.getFileName() + "/" + name, content);
            } else {
                joined.put(name, isOld(name, content) ? modern(classes, content) : content);
            }
            if (name.equals(LOOKS_FOR_GROOVY)) {
                joined.put(name, withoutGroovy(classes, joined.get(name)));
            }
        }
    }
}

boolean isSignature(String name) {
    return name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
}

byte[] lines(byte[] first, byte[] second) {
    var both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.write('\n');
    both.writeBytes(second);
    return both.toByteArray();
}

boolean isOld(String name, byte[] content) {
    return name.endsWith(".class") && content[7] < ClassFile.JAVA_6_VERSION;
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

byte[] withoutGroovy(ClassFile classes, byte[] content) {
    CodeTransform search =
            (builder, element) -> {
                if (element instanceof ConstantInstruction constant
                        && constant.constantValue().equals("groovy.lang.Closure")) {
                    builder.loadConstant("java.lang.Closure");
                } else {
                    builder.with(element);
                }
            };
    return classes.transformClass(
            classes.parse(content), ClassTransform.transformingMethodBodies(search));
}
