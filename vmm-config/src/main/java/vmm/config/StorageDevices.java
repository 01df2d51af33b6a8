package vmm.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import vmm.core.image.Device;

/** Block devices and what is kept on them. */
final class StorageDevices {
    private StorageDevices() {}

    private static String found(Surroundings place, String path) {
        String inside = Ocaml.concat(place.root(), path);
        return place.exists(inside) ? inside : path;
    }

    /**
     * A block device.
     *
     * @param file its file, which is its name as well where a tender attaches it
     * @param name the file as it was given
     */
    record Block(String file, String name) implements Configurable {
        Block(String file) {
            this(file, file);
        }

        @Override
        public List<Object> settings(Target target) {
            return List.of(file);
        }

        @Override
        public String variable(Generation g) {
            return g.named(this, "block" + file, "block");
        }

        @Override
        public String module(Generation g) {
            return "Block";
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of(g.target() == Target.XEN ? "mirage-block-xen" : "mirage-block-unix");
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.of(
                    g.target() == Target.XEN ? "mirage-block-xen.front" : "mirage-block-unix");
        }

        @Override
        public void configure(Generation g) {
            g.line("let " + variable(g) + " () =");
            g.line("  Block.connect " + Ocaml.quoted(file));
            g.blank();
        }

        @Override
        public Configurable in(Surroundings place) {
            return new Block(found(place, file), name);
        }

        @Override
        public Optional<Device> attached() {
            return Optional.of(DeviceName.device(name, Device.Kind.BLOCK));
        }
    }

    /** The files of a folder, made a part of the program. */
    record Crunch(String folder) implements Numbered {
        String key() {
            return "static" + folder;
        }

        static final List<String> NEEDED = List.of("mirage-types", "lwt", "cstruct");

        @Override
        public String variable(Generation g) {
            return g.named(this, key(), "static");
        }

        @Override
        public List<String> packages(Generation g) {
            var all = new ArrayList<>(NEEDED);
            all.addAll(List.of("crunch", "io-page"));
            return all;
        }

        @Override
        public List<String> libraries(Generation g) {
            var all = new ArrayList<>(NEEDED);
            all.addAll(new BasicDevices.IoPage().libraries(g));
            return all;
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            if (!g.place().hasProgram("ocaml-crunch")) {
                throw new ConfigException("ocaml-crunch not found, stopping.");
            }
            if (!g.place().exists(folder)) {
                throw new ConfigException("The directory " + folder + " does not exist.");
            }
            g.command("ocaml-crunch -o " + name + ".ml " + folder);
            g.line("let " + name + " () =");
            g.line("  " + module(g) + ".connect ()");
            g.blank();
        }

        @Override
        public Configurable in(Surroundings place) {
            return new Crunch(found(place, folder));
        }

        @Override
        public List<String> leftovers(Generation g) {
            return List.of(variable(g) + ".ml", variable(g) + ".mli");
        }
    }

    /** The files of a folder, read where it is; for Xen they become a part of the program. */
    record DirectKvRo(Crunch crunch) implements Configurable {
        @Override
        public List<Object> settings(Target target) {
            return target == Target.XEN ? List.of(crunch) : List.of("direct", crunch);
        }

        @Override
        public String variable(Generation g) {
            return g.named(g.target() == Target.XEN ? crunch : this, crunch.key(), "static");
        }

        @Override
        public String module(Generation g) {
            return g.target() == Target.XEN ? crunch.module(g) : "Kvro_fs_unix";
        }

        @Override
        public List<String> packages(Generation g) {
            return withFolder(g, crunch.packages(g));
        }

        @Override
        public List<String> libraries(Generation g) {
            return withFolder(g, crunch.libraries(g));
        }

        private static List<String> withFolder(Generation g, List<String> others) {
            var all = new ArrayList<>(others);
            if (g.target() != Target.XEN) {
                all.add("mirage-fs-unix");
            }
            return all;
        }

        @Override
        public void configure(Generation g) {
            if (g.target() == Target.XEN) {
                crunch.configure(g);
            } else {
                g.line("let " + variable(g) + " () =");
                g.line("  Kvro_fs_unix.connect " + Ocaml.quoted(crunch.folder()));
            }
        }

        @Override
        public Configurable in(Surroundings place) {
            return new DirectKvRo((Crunch) crunch.in(place));
        }

        @Override
        public List<String> leftovers(Generation g) {
            return List.of(variable(g) + ".ml", variable(g) + ".mli");
        }
    }

    /** A FAT file system on a block device. */
    record Fat(Node ioPage, Node block) implements Numbered {
        @Override
        public List<Node> children() {
            return List.of(ioPage, block);
        }

        @Override
        public String variable(Generation g) {
            String second = g.variable(block);
            return g.named(this, "fat" + g.variable(ioPage) + second, "fat");
        }

        @Override
        public List<String> packages(Generation g) {
            return List.of("fat-filesystem");
        }

        @Override
        public List<String> libraries(Generation g) {
            return packages(g);
        }

        @Override
        public void configure(Generation g) {
            String name = variable(g);
            g.line(
                    "module %s = Fat.Fs.Make(%s)(%s)"
                            .formatted(module(g), g.module(block), g.module(ioPage)));
            g.blank();
            g.line("let " + name + " () =");
            g.line("  " + g.variable(block) + " () >>= function");
            g.line("  | `Error _ -> " + Generation.failure(name));
            g.line("  | `Ok dev  -> " + module(g) + ".connect dev");
            g.blank();
        }

        @Override
        public Configurable with(UnaryOperator<Node> each) {
            return new Fat(each.apply(ioPage), each.apply(block));
        }
    }

    /**
     * A FAT file system that is made of files.
     *
     * @param folder where they are; empty: in the project's folder
     * @param glob which of them, for the shell
     */
    record FatOfFiles(Optional<String> folder, String glob) implements Numbered {
        @Override
        public String variable(Generation g) {
            return g.named(this, "fat" + folder.orElse(".") + ":" + glob, "fat");
        }

        private Node fat(Generation g) {
            return new Node.Base(
                    new Fat(
                            new Node.Base(new BasicDevices.IoPage()),
                            new Node.Base(new Block(variable(g) + ".img"))));
        }

        @Override
        public List<String> packages(Generation g) {
            return List.copyOf(Needs.packages(g, List.of(fat(g))));
        }

        @Override
        public List<String> libraries(Generation g) {
            return List.copyOf(Needs.libraries(g, List.of(fat(g))));
        }

        @Override
        public void configure(Generation g) {
            Node fat = fat(g);
            String name = variable(g);
            g.configure(fat);
            g.line("module " + module(g) + " = " + g.module(fat));
            g.line("let " + name + " = " + g.variable(fat));
            g.blank();
            String script = "make-" + name + "-image.sh";
            String move = folder.map(f -> "cd " + f + "/\n").orElse("");
            g.file(new Artefact(script, Templates.fatScript(name + ".img", move, glob), true));
            g.command("./" + script);
        }

        @Override
        public Configurable in(Surroundings place) {
            return new FatOfFiles(folder.map(f -> Ocaml.concat(place.root(), f)), glob);
        }

        @Override
        public List<String> leftovers(Generation g) {
            String name = variable(g);
            return List.of("make-" + name + "-image.sh", name + ".img");
        }
    }
}
