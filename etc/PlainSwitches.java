import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.jar.JarFile;

/** Where javac leaves it to the JDK to make a class for each switch over types, at each start. */
static final String SWITCHES = "java.lang.runtime.SwitchBootstraps";

/**
 * Copies jars, and has each switch over types ask for one type after the other, as if it had been
 * written so: the JDK's AOT cache keeps no class that is made for a switch, and a start makes one
 * for each switch it comes through. A jar that stays the same is not touched.
 * {@code java PlainSwitches.java LIBRARIES TO FROM...}; the class path of all of them is LIBRARIES.
 */
void main(String[] arguments) throws IOException {
    List<Path> jars = Arrays.stream(arguments).skip(2).map(Path::of).toList();
    var places = new ArrayList<URL>();
    for (String library : arguments[0].split(":")) {
        places.add(Path.of(library).toUri().toURL());
    }
    for (Path jar : jars) {
        places.add(jar.toUri().toURL());
    }
    try (var loader = new URLClassLoader(places.toArray(URL[]::new))) {
        ClassFile classes = ClassFile.of(Jars.parents(loader));
        for (Path jar : jars) {
            copy(classes, jar, Path.of(arguments[1]).resolve(jar.getFileName()));
        }
    }
}

void copy(ClassFile classes, Path from, Path to) throws IOException {
    var entries = new LinkedHashMap<String, byte[]>();
    try (var jar = new JarFile(from.toFile(), false)) {
        for (var entry : jar.stream().filter(one -> !one.isDirectory()).toList()) {
            byte[] content = jar.getInputStream(entry).readAllBytes();
            boolean isClass = entry.getName().endsWith(".class");
            entries.put(entry.getName(), isClass ? plain(classes, content) : content);
        }
    }
    Path fresh = to.resolveSibling(to.getFileName() + ".new");
    Jars.write(entries, fresh);
    if (Files.exists(to) && Files.mismatch(fresh, to) < 0) {
        Files.delete(fresh);
    } else {
        Files.move(fresh, to, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}

/** A switch's types, and what it is asked with: the value and from which of them on. */
record Plain(String name, MethodTypeDesc asked, List<ClassDesc> types) {
    void write(CodeBuilder code) {
        var some = code.newLabel();
        code.aload(0).ifnonnull(some).loadConstant(-1).return_(TypeKind.INT).labelBinding(some);
        for (int i = 0; i < types.size(); i++) {
            var next = code.newLabel();
            code.iload(1).loadConstant(i).if_icmpgt(next);
            code.aload(0).instanceOf(types.get(i)).ifeq(next);
            code.loadConstant(i).return_(TypeKind.INT).labelBinding(next);
        }
        code.loadConstant(types.size()).return_(TypeKind.INT);
    }
}

byte[] plain(ClassFile classes, byte[] content) {
    ClassModel read = classes.parse(content);
    boolean isInterface = read.flags().has(AccessFlag.INTERFACE);
    var made = new ArrayList<Plain>();
    CodeTransform switches =
            (builder, element) -> {
                if (element instanceof InvokeDynamicInstruction call && isOverTypes(call)) {
                    var types = call.bootstrapArgs().stream().map(ClassDesc.class::cast).toList();
                    var one = new Plain("plainSwitch$" + made.size(), call.typeSymbol(), types);
                    made.add(one);
                    builder.invokestatic(
                            read.thisClass().asSymbol(), one.name(), one.asked(), isInterface);
                } else {
                    builder.with(element);
                }
            };
    byte[] changed =
            classes.transformClass(
                    read,
                    ClassTransform.transformingMethodBodies(switches)
                            .andThen(
                                    ClassTransform.endHandler(
                                            builder ->
                                                    made.forEach(
                                                            one ->
                                                                    builder.withMethodBody(
                                                                            one.name(),
                                                                            one.asked(),
                                                                            ClassFile.ACC_PRIVATE
                                                                                    | ClassFile
                                                                                            .ACC_STATIC
                                                                                    | ClassFile
                                                                                            .ACC_SYNTHETIC,
                                                                            one::write)))));
    return made.isEmpty() ? content : changed;
}

boolean isOverTypes(InvokeDynamicInstruction call) {
    var bootstrap = call.bootstrapMethod();
    return bootstrap.methodName().equals("typeSwitch")
            && bootstrap.owner().equals(ClassDesc.of(SWITCHES))
            && call.bootstrapArgs().stream().allMatch(ClassDesc.class::isInstance);
}
