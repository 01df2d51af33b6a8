package vmm.os;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The way into a control group and out of it for a thread, where threads can be moved. A thread
 * that stayed would be frozen or throttled with the group while it holds what the whole process
 * waits for: it goes in for the moment of starting its child. Where nothing stops it, it ends.
 */
final class Door {
    private final List<Integer> inside = new ArrayList<>();
    private final List<Integer> outside = new ArrayList<>();

    /** Opened while the thread still may: it will have another user and other files. */
    Door(Cgroup group) throws Errno {
        Set<Path> stopping = group.stoppingFolders();
        for (Path folder : group.folders(false)) {
            Path house = folder.getParent();
            Path street = house == null ? null : house.getParent();
            if (street != null) {
                inside.add(Libc.open(folder + "/tasks", Libc.O_WRONLY, 0));
                if (stopping.contains(folder)) {
                    outside.add(Libc.open(street + "/tasks", Libc.O_WRONLY, 0));
                }
            }
        }
    }

    void enter() throws Errno {
        move(inside);
    }

    void leave() throws Errno {
        move(outside);
    }

    private static void move(List<Integer> tasks) throws Errno {
        for (int fd : tasks) {
            // Naming no thread saves a wait of the kernel for all CPUs.
            Libc.write(fd, "0");
        }
    }

    void close() throws Errno {
        for (int fd : inside) {
            Libc.close(fd);
        }
        for (int fd : outside) {
            Libc.close(fd);
        }
    }
}
