// Threads that wait for each other while a class is loaded by a slow loader and linked slowly, and at a lock of
// the application's own that happens to be an array.
package loading;

import java.io.IOException;
import java.io.InputStream;

public final class Main {
    private static final int[] LOCK = new int[1];
    private static final int THREADS = 4;

    public static void main(String[] arguments) throws Exception {
        ClassLoader slow = new SlowLoader(Main.class.getClassLoader());
        together(() -> load(slow, false));
        together(() -> load(slow, true));
        together(Main::pass);
        System.out.println("done");
    }

    private static void together(Runnable task) throws InterruptedException {
        Thread[] threads = new Thread[THREADS];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(task);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    static void load(ClassLoader loader, boolean initialise) {
        try {
            Class.forName("loading.Slow", initialise, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    static void pass() {
        synchronized (LOCK) {
            pause();
        }
    }

    static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static final class SlowLoader extends ClassLoader {
        static {
            registerAsParallelCapable();
        }

        SlowLoader(ClassLoader home) {
            super(home.getParent());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            pause();
            try (InputStream file = Main.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}

/** The verifier has to load Left and Right by the slow loader to see that they are what is returned. */
final class Slow {
    static Base either(boolean left) {
        return left ? new Left() : new Right();
    }

    static class Base {
    }

    static final class Left extends Base {
    }

    static final class Right extends Base {
    }
}
