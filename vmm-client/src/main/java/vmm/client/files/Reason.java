package vmm.client.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why something cannot be read or written, without the name of the file. */
public final class Reason {
    private Reason() {}

    public static String of(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "no such folder";
            case FileSystemException why when why.getReason() != null ->
                    String.valueOf(why.getReason());
            default -> String.valueOf(e.getMessage());
        };
    }
}
