// The main class of a start that serves nobody: loads what a worker will load and exercises what it will do, so that the
// JVM can write a CDS archive of it at its end, and tells whether a worker could run here at all.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.protocol.Hello;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import jdk.internal.misc.VM;

/**
 * Arguments: files in which workers have written what they load (`-Xlog:class+load`); the JDK's classes of these are loaded
 * too. Prints `trained LOADED of CLASSES`; exit status 0, or 4 if this JVM cannot be a worker.
 */
public final class Training {
    private static final int UNUSABLE = 4;
    private static final String SUFFIX = ".class";
    private static final String FROM_THE_JDK = " source: jrt:/";

    private int classes;
    private int loaded;

    private Training() {
    }

    public static void main(String[] args) {
        try {
            Hello.ofThisJvm(new byte[0], new byte[0]);
        } catch (RuntimeException | LinkageError e) {
            System.err.println("beehive worker: OFFLOAD_WORKER_UNUSABLE " + e);
            System.exit(UNUSABLE);
        }
        Training training = new Training();
        // The runtime itself stands behind the boot class path, which has no name among the system properties.
        training.load(VM.getSavedProperty("jdk.boot.class.path.append"), null);
        training.load(System.getProperty("java.class.path"), ClassLoader.getSystemClassLoader());
        System.out.println("trained " + training.loaded + " of " + training.classes);
        for (String log : args) {
            training.loadOfTheJdk(log);
        }
        // The archive keeps its order; the exercise puts an entry behind the class path, so it comes last.
        System.out.println("exercised " + Exercise.play());
    }

    /** Not counted: what is missing is loaded at its use. */
    private void loadOfTheJdk(String log) {
        try {
            for (String line : Files.readAllLines(Path.of(log), StandardCharsets.UTF_8)) {
                int end = line.indexOf(FROM_THE_JDK);
                if (end > 0) {
                    canLoad(line.substring(0, end), ClassLoader.getSystemClassLoader());
                }
            }
        } catch (IOException e) {
            System.err.println("beehive worker: " + log + ": " + e.getMessage());
        }
    }

    private void load(String path, ClassLoader loader) {
        for (String entry : path == null ? new String[0] : path.split(File.pathSeparator)) {
            load(new File(entry), loader);
        }
    }

    private void load(File file, ClassLoader loader) {
        if (!file.isFile()) {
            return;
        }
        try (JarFile jar = new JarFile(file)) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements();) {
                String name = entries.nextElement().getName();
                if (name.endsWith(SUFFIX) && !name.endsWith("module-info.class")) {
                    classes++;
                    String dotted = name.substring(0, name.length() - SUFFIX.length()).replace('/', '.');
                    loaded += canLoad(dotted, loader) ? 1 : 0;
                }
            }
        } catch (IOException e) {
            // A worker would not find these classes either, and say so where they are needed.
            System.err.println("beehive worker: " + file + ": " + e.getMessage());
        }
    }

    /** Loads without initialising: nothing of the application runs here. */
    private static boolean canLoad(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            // What it extends is at home; it comes from there if it is needed.
            return false;
        }
    }
}
