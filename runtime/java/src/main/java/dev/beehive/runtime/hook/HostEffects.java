// What rewritten classes of a worker ask before a call of the JDK that reaches beyond the JVM: files, other hosts, processes,
// settings of the whole JVM. Home is where that belongs. Files that the worker has made as temporary ones are its own.
package dev.beehive.runtime.hook;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Called by rewritten code, and where references to methods are linked. */
public final class HostEffects {
    private static final String FILES = "OFFLOAD_HOST_RESOURCE";
    private static final String CONNECTIONS = "OFFLOAD_CONNECTION";
    private static final Set<String> OF_NETWORK = Set.of("java.net", "javax.net", "java.nio.channels.Socket", "java.rmi", "javax.naming",
        "java.nio.channels.Asynchronous", "java.nio.channels.Datagram", "java.nio.channels.Server");
    private static final Set<String> REMOTE = Set.of("http", "https", "ftp", "mailto");
    /** Of the table, what is commonly referred to as `File::delete` is: such a reference is refused where it is made. */
    private static final Set<String> REFERRED = Set.of("java.io.File#delete", "java.io.File#deleteOnExit", "java.io.File#mkdir",
        "java.io.File#mkdirs", "java.io.File#createNewFile", "java.nio.file.Files#delete", "java.nio.file.Files#deleteIfExists",
        "java.nio.file.Files#createDirectory", "java.nio.file.Files#createDirectories", "java.nio.file.Files#createFile",
        "java.nio.file.Files#newOutputStream", "java.nio.file.Files#newBufferedWriter", "java.nio.file.Files#write",
        "java.nio.file.Files#writeString", "java.nio.file.Files#copy", "java.nio.file.Files#move",
        "java.io.FileOutputStream#<init>", "java.io.FileWriter#<init>", "java.io.RandomAccessFile#<init>",
        "java.lang.ProcessBuilder#start", "java.lang.System#exit", "java.lang.System#setProperty", "java.net.URL#openStream",
        "java.net.URL#openConnection", "java.net.Socket#connect");
    private static final Set<Path> TEMPORARY = ConcurrentHashMap.newKeySet();

    private HostEffects() {
    }

    /**
     * Before a file is made, written, changed or deleted.
     *
     * @param place a path, as a file, a text or a Path; null: the call will say so
     * @param what the call, for a person
     */
    public static void file(Object place, String what) {
        if (Hooks.isWorker() && place != null && !isOwn(place)) {
            Hooks.current().effect(FILES, what + " of " + place);
        }
    }

    /** Before a URL is opened. */
    public static void url(URL url) {
        if (Hooks.isWorker() && url != null && REMOTE.contains(url.getProtocol())) {
            Hooks.current().effect(CONNECTIONS, "a connection to " + url.getHost());
        }
    }

    /** Before any other call. */
    public static void anywhere(String what) {
        if (Hooks.isWorker()) {
            String type = what.startsWith("new ") ? what.substring(4) : what;
            boolean network = OF_NETWORK.stream().anyMatch(type::startsWith);
            Hooks.current().effect(network ? CONNECTIONS : FILES, what);
        }
    }

    /** Where a reference to a method is linked. */
    static void reference(Class<?> owner, String name) {
        String what = owner.getName() + '#' + name;
        if (REFERRED.contains(what)) {
            anywhere(what);
        }
    }

    /** Of another file system than the host's, which is made of objects; or made by this worker as temporary. */
    private static boolean isOwn(Object place) {
        try {
            Path path = place instanceof Path known ? known : place instanceof File file ? file.toPath()
                : place instanceof String text ? Path.of(text) : null;
            if (path == null || path.getFileSystem() != FileSystems.getDefault()) {
                return path == null || !path.getFileSystem().getClass().getName().startsWith("jdk.");
            }
            for (Path each = path.toAbsolutePath().normalize(); each != null; each = each.getParent()) {
                if (TEMPORARY.contains(each)) {
                    return true;
                }
            }
            return false;
        } catch (InvalidPathException e) {
            // The call will say so.
            return true;
        }
    }

    private static Path remember(Path made) {
        TEMPORARY.add(made.toAbsolutePath().normalize());
        return made;
    }

    private static void checkParent(Path parent) {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath().normalize();
        if (parent != null && !parent.toAbsolutePath().normalize().equals(temporary)) {
            file(parent, "a temporary file");
        }
    }

    public static File createTempFile(String prefix, String suffix) throws IOException {
        return createTempFile(prefix, suffix, (File) null);
    }

    public static File createTempFile(String prefix, String suffix, File directory) throws IOException {
        checkParent(directory == null ? null : directory.toPath());
        File made = File.createTempFile(prefix, suffix, directory);
        remember(made.toPath());
        return made;
    }

    public static Path createTempFile(String prefix, String suffix, FileAttribute<?>... attributes) throws IOException {
        return remember(Files.createTempFile(prefix, suffix, attributes));
    }

    public static Path createTempFile(Path directory, String prefix, String suffix, FileAttribute<?>... attributes)
            throws IOException {
        checkParent(directory);
        return remember(Files.createTempFile(directory, prefix, suffix, attributes));
    }

    public static Path createTempDirectory(String prefix, FileAttribute<?>... attributes) throws IOException {
        return remember(Files.createTempDirectory(prefix, attributes));
    }

    public static Path createTempDirectory(Path directory, String prefix, FileAttribute<?>... attributes) throws IOException {
        checkParent(directory);
        return remember(Files.createTempDirectory(directory, prefix, attributes));
    }
}
