package vmm.wire.der;

import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import vmm.core.Label;
import vmm.core.Name;
import vmm.core.Path;
import vmm.wire.Header.Version;

/** Names: one string in AV5, a list of labels in AV3 and AV4 (BEHAVIOUR 3). */
final class Names {
    /** A list has no mark of where the path ends: that depends on what is said of it. */
    enum Meaning {
        PATH,
        UNIKERNEL
    }

    private Names() {}

    static Name read(DerReader in, Version version, Meaning meaning) throws DerException {
        return version == Version.AV5 ? in.readName() : ofLabels(readLabels(in), meaning);
    }

    static List<Label> readLabels(DerReader in) throws DerException {
        int offset = in.offset();
        List<Label> labels = in.readList(Tag.SEQUENCE, Names::readLabel);
        if (labels.size() > Name.LABELS_MAX) {
            throw new DerException(offset, "more than " + Name.LABELS_MAX + " labels");
        }
        return labels;
    }

    private static Label readLabel(DerReader in) throws DerException {
        int offset = in.offset();
        String text = in.readText();
        String lower = Label.lower(text);
        Optional<String> why = Label.problem(lower);
        if (why.isPresent()) {
            throw new DerException(offset, why.get());
        }
        return new Label(lower);
    }

    /** A string that releases up to 1.4 wrote with dots for colons; their labels had no dots. */
    static Name readMaybeDotted(DerReader in) throws DerException {
        int offset = in.offset();
        String text = in.readText();
        Name name = Name.spelled(text.indexOf(':') < 0 ? text.replace('.', ':') : text);
        if (name == null) {
            throw new DerException(offset, Name.problem(text).orElse("no name"));
        }
        return name;
    }

    /** What {@link #readMaybeDotted} reads. */
    static String dotted(Name name) {
        var text = new StringJoiner(".");
        for (Label label : name.labels()) {
            if (label.text().indexOf('.') >= 0) {
                throw new IllegalArgumentException("the name '" + name + "' has a dot in a label");
            }
            text.add(label.text());
        }
        return text.toString();
    }

    static Name ofLabels(List<Label> labels, Meaning meaning) {
        if (labels.isEmpty() || meaning == Meaning.PATH) {
            return Name.of(new Path(labels));
        }
        int last = labels.size() - 1;
        return Name.of(new Path(labels.subList(0, last)), labels.get(last));
    }

    static void write(DerWriter out, Version version, Name name) {
        if (version == Version.AV5) {
            out.writeName(name);
        } else {
            out.writeList(Tag.SEQUENCE, name.labels(), (o, l) -> o.writeText(l.text()));
        }
    }
}
