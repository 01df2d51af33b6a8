package vmm.wire;

/** One frame's content. {@code Wire ::= SEQUENCE { header Header, payload Payload }} */
public record Message(Header header, Payload payload) {
    /** {@code Payload ::= CHOICE { command [0], success [1], failure [2], data [3] }} */
    public sealed interface Payload {
        record Asked(Command command) implements Payload {}

        record Done(Success success) implements Payload {}

        record Failed(String why) implements Payload {}

        record Told(Data data) implements Payload {}
    }

    public static Message asking(Header header, Command command) {
        return new Message(header, new Payload.Asked(command));
    }

    public static Message done(Header header, Success success) {
        return new Message(header, new Payload.Done(success));
    }

    public static Message done(Header header, String what) {
        return done(header, new Success.Text(what));
    }

    public static Message failed(Header header, String why) {
        return new Message(header, new Payload.Failed(why));
    }

    public static Message telling(Header header, Data data) {
        return new Message(header, new Payload.Told(data));
    }
}
