package vmm.core.image;

/** What reading an image leads to. */
public sealed interface ImageResult {
    record Of(SoloImage image) implements ImageResult {}

    record Refused(String why) implements ImageResult {}
}
