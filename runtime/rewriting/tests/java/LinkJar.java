// Links every class of a jar and prints one line for each that does not link. Argument: the jar.
// It does not know what was done to the classes.
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

public final class LinkJar {
    private LinkJar() {}

    public static void main(String[] arguments) throws Exception {
        Path path = Path.of(arguments[0]);
        List<String> names;
        try (JarFile jar = new JarFile(path.toFile())) {
            names = jar.stream().map(ZipEntry::getName).toList();
        }
        URL[] urls = {path.toUri().toURL()};
        ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        int linked = 0;
        for (String file : names) {
            String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
            try {
                // Asking for the methods links a class.
                Class.forName(name, false, loader).getDeclaredMethods();
                linked++;
            } catch (Throwable problem) {
                String text = String.valueOf(problem).replace('\n', ' ');
                System.out.println("FAILED " + name + " " + text);
            }
        }
        System.out.println("LINKED " + linked);
    }
}
