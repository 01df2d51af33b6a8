package vmm.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** A reader of YAML that refuses what is nested deeper than any file of ours has to be. */
public final class BoundedYaml implements Parser {
    private static final int NESTED_MAX = 32;

    private final Parser parser;
    private int nested;

    private BoundedYaml(Parser parser) {
        this.parser = parser;
    }

    /**
     * The only document in {@code text}; empty where there is none.
     *
     * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException for what is no YAML
     */
    public static Optional<Node> document(LoadSettings settings, String text) {
        var parser = new ParserImpl(settings, new StreamReader(settings, text));
        return new Composer(settings, new BoundedYaml(parser)).getSingleNode();
    }

    @Override
    public boolean checkEvent(Event.ID choice) {
        return parser.checkEvent(choice);
    }

    @Override
    public Event peekEvent() {
        return parser.peekEvent();
    }

    @Override
    public boolean hasNext() {
        return parser.hasNext();
    }

    @Override
    public Event next() {
        Event event = parser.next();
        if (event instanceof CollectionStartEvent && ++nested > NESTED_MAX) {
            throw new ParserException(
                    "it is nested deeper than " + NESTED_MAX + " levels: write it flatter",
                    event.getStartMark());
        }
        if (event instanceof CollectionEndEvent) {
            nested--;
        }
        return event;
    }
}
