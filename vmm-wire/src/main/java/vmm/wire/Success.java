package vmm.wire;

import java.util.List;
import vmm.core.Bytes;
import vmm.core.Name;
import vmm.core.Policy;
import vmm.core.UnikernelConfig;
import vmm.core.UnikernelInfo;

/** What is answered when it went well. {@code Success ::= CHOICE { empty [0] … info [13] }} */
public sealed interface Success {
    /** One element of a list; names are relative to the path that was asked for. */
    record Named<T>(Name name, T value) {}

    record Empty() implements Success {}

    record Text(String text) implements Success {}

    record Policies(List<Named<Policy>> policies) implements Success {
        public Policies {
            policies = List.copyOf(policies);
        }
    }

    /** {@code unikernels-1 [3]}, the answer to info-1 and get-1. */
    record Unikernels(List<Named<UnikernelConfig>> unikernels) implements Success {
        public Unikernels {
            unikernels = List.copyOf(unikernels);
        }
    }

    record BlockDevices(List<BlockDevice> devices) implements Success {
        public BlockDevices {
            devices = List.copyOf(devices);
        }
    }

    record BlockDevice(Name name, long sizeMiB, boolean active) {}

    /**
     * @param form V2 to V6: V1 is answered with {@link Unikernels}
     */
    record Info(Form.Info form, List<Named<UnikernelInfo>> infos) implements Success {
        public Info {
            infos = List.copyOf(infos);
        }
    }

    record Image(boolean compressed, Bytes image) implements Success {}

    record BlockImageOld(boolean compressed, Bytes image) implements Success {}

    /** {@code Data.Chunk}s and {@code Data.End} follow. */
    record BlockImage(boolean compressed) implements Success {}

    /** The answer to {@link Command.BlockHeld}. {@code held [30] Prefix}, an extension. */
    record Held(Prefix prefix) implements Success {}

    record Consoles(List<Name> names) implements Success {
        public Consoles {
            names = List.copyOf(names);
        }
    }
}
