package vmm.core.image;

/** Carries the reason for a refusal up to {@link ImageReader#read(ImageSource)}. */
final class ImageRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    ImageRefusal(String why) {
        super(why, null, false, false);
    }

    String why() {
        String why = getMessage();
        return why == null ? "" : why;
    }
}
