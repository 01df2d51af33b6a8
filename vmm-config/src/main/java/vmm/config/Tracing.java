package vmm.config;

/**
 * Tracing into a ring buffer.
 *
 * @param bytes the buffer's size; who runs the unikernel finds out whether it fits
 */
public record Tracing(int bytes) {
    String library(Target target) {
        return target == Target.XEN ? "mirage-profile.xen" : "mirage-profile.unix";
    }

    void configure(Generation g) {
        if (!g.place().hasLibrary("lwt.tracing")) {
            throw new ConfigException(
                    "lwt.tracing module not found. Hint:\n"
                            + "opam pin add lwt 'https://github.com/mirage/lwt.git#tracing'");
        }
        boolean xen = g.target() == Target.XEN;
        g.line("let () = ");
        if (xen) {
            g.line("  let trace_pages = MProf_xen.make_shared_buffer ~size:" + bytes + " in");
            g.line("  let buffer = trace_pages |> Io_page.to_cstruct |> Cstruct.to_bigarray in");
        } else {
            g.line("  let buffer = MProf_unix.mmap_buffer ~size:" + bytes + " \"trace.ctf\" in");
        }
        String kind = xen ? "MProf_xen" : "MProf_unix";
        g.line("  let trace_config = MProf.Trace.Control.make buffer " + kind + ".timestamper in");
        g.line("  MProf.Trace.Control.start trace_config" + (xen ? ";" : ""));
        if (xen) {
            g.line(
                    "  MProf_xen.share_with (module Gnt.Gntshr) (module OS.Xs) ~domid:0"
                            + " trace_pages");
            g.line("  |> OS.Main.run");
        }
        g.blank();
    }
}
