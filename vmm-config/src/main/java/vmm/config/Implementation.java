package vmm.config;

/** Something that can be applied or be applied to: a device, or a functor that waits for one. */
public sealed interface Implementation permits Dev, Fun {
    Node node();

    Typ<?> typ();
}
