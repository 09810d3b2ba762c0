// A stand-in for the runtime's hook: notes what is about to happen beyond the JVM, and lets it.
package dev.beehive.runtime.hook;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayList;
import java.util.List;

public final class HostEffects {
    static final List<String> asked = new ArrayList<>();

    private HostEffects() {}

    public static void file(Object place, String what) {
        asked.add(what + " " + new File(String.valueOf(place)).getName());
    }

    public static void url(URL url) {
        asked.add("url " + url);
    }

    public static void anywhere(String what) {
        asked.add(what);
    }

    public static File createTempFile(String prefix, String suffix) throws IOException {
        asked.add("temporary");
        return File.createTempFile(prefix, suffix);
    }

    public static File createTempFile(String prefix, String suffix, File directory) throws IOException {
        asked.add("temporary");
        return File.createTempFile(prefix, suffix, directory);
    }

    public static Path createTempFile(String prefix, String suffix, FileAttribute<?>... attributes) throws IOException {
        asked.add("temporary");
        return Files.createTempFile(prefix, suffix, attributes);
    }

    public static Path createTempFile(Path directory, String prefix, String suffix, FileAttribute<?>... attributes)
            throws IOException {
        asked.add("temporary");
        return Files.createTempFile(directory, prefix, suffix, attributes);
    }

    public static Path createTempDirectory(String prefix, FileAttribute<?>... attributes) throws IOException {
        asked.add("temporary");
        return Files.createTempDirectory(prefix, attributes);
    }

    public static Path createTempDirectory(Path directory, String prefix, FileAttribute<?>... attributes) throws IOException {
        asked.add("temporary");
        return Files.createTempDirectory(directory, prefix, attributes);
    }
}
