package vmm.core;

/** What starts a unikernel. {@code CHOICE { solo5 [0] NULL, bhyve [1] NULL }} */
public enum Typ {
    SOLO5,
    BHYVE
}
