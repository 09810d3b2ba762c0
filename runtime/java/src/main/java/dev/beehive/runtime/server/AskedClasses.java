// The class files that workers have asked for: what the bundle lacked. `beehive run` asks for a jar of them, so that
// workers started later have them from the start.
package dev.beehive.runtime.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Of all connections; shared by all threads. */
final class AskedClasses {
    /** By path, as in a jar; rewritten. */
    private final Map<String, byte[]> files = new ConcurrentSkipListMap<>();

    void add(String path, byte[] classFile) {
        files.putIfAbsent(path, classFile);
    }

    int count() {
        return files.size();
    }

    /** Writes a jar; returns how many classes are in it. */
    int writeTo(Path jar) throws IOException {
        int count = 0;
        try (OutputStream out = Files.newOutputStream(jar); ZipOutputStream zip = new ZipOutputStream(out)) {
            // Read once, by the JVM that makes an archive of it.
            zip.setLevel(0);
            for (Map.Entry<String, byte[]> each : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue());
                count++;
            }
        }
        return count;
    }
}
