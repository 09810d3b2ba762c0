// Links every class of a list and prints one line for each that does not link.
// Arguments: the list ("module class" a line, "-" for no module) and the jar of the classes
// without a module. The rewritten classes come in through --patch-module and that jar; this
// program does not know what was done to them.
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

public final class LinkAll {
    private LinkAll() {}

    public static void main(String[] arguments) throws IOException {
        ClassLoader jar = loader(arguments[1]);
        int linked = 0;
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            int space = line.indexOf(' ');
            String module = line.substring(0, space);
            String name = line.substring(space + 1);
            try {
                link(module, name, jar);
                linked++;
            } catch (Throwable problem) {
                String text = String.valueOf(problem).replace('\n', ' ');
                System.out.println("FAILED " + name + " " + text);
            }
        }
        System.out.println("LINKED " + linked);
    }

    private static ClassLoader loader(String path) throws MalformedURLException {
        URL[] urls = {Path.of(path).toUri().toURL()};
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    private static void link(String module, String name, ClassLoader jar)
            throws ClassNotFoundException {
        if (module.equals("-")) {
            linkNow(Class.forName(name, false, jar));
            return;
        }
        var found = ModuleLayer.boot().findModule(module);
        if (found.isEmpty()) {
            throw new ClassNotFoundException("module " + module + " is not there");
        }
        Class<?> loaded = Class.forName(found.get(), name);
        if (loaded == null) {
            throw new ClassNotFoundException(name);
        }
        linkNow(loaded);
    }

    /** Asking for the methods links a class; their types need not all be there for that. */
    private static void linkNow(Class<?> loaded) {
        loaded.getDeclaredMethods();
    }
}
