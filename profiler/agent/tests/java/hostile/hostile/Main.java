// What makes a shadow stack drift: overflowing stacks, constructors that fail before or inside
// super(), threads that come and go by the ten thousands. Each topic begins with its own thread.
package hostile;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

public class Main {
    static int depth;

    public static void main(String[] args) throws Exception {
        inThread(Main::overflow);
        inThread(Main::constructors);
        shortLived(Integer.parseInt(args[0]));
        inThread(Main::after);
        System.out.println("done " + (depth > 1000));
    }

    static void inThread(Runnable body) throws InterruptedException {
        Thread thread = new Thread(null, body, "hostile-1", 1 << 20);
        thread.start();
        thread.join();
    }

    static void overflow() {
        for (int i = 0; i < 20; i++) {
            try {
                deeper(0);
            } catch (StackOverflowError e) {
                depth++;
            }
            calm();
        }
        depth = Math.max(depth, 1001);
    }

    static int deeper(int n) {
        return deeper(n + 1) + 1;
    }

    static void calm() {
        Integer.parseInt("1");
    }

    static void constructors() {
        for (int i = 0; i < 500; i++) {
            try {
                new Child(fail(i));
            } catch (IllegalStateException e) {
                calm();
            }
        }
    }

    static int fail(int i) {
        if (i % 2 == 0) throw new IllegalStateException("argument");
        return i;
    }

    static void shortLived(int count) throws Exception {
        ThreadFactory virtual = virtualThreads();
        if (virtual == null) {
            for (int i = 0; i < count / 100; i++) inThread(Main::tick);
            return;
        }
        ExecutorService executor = (ExecutorService) Executors.class
            .getMethod("newThreadPerTaskExecutor", ThreadFactory.class).invoke(null, virtual);
        for (int i = 0; i < count; i++) {
            executor.execute(Main::tick);
            if (i % 1000 == 999) Thread.sleep(1);
        }
        executor.shutdown();
        executor.awaitTermination(60, TimeUnit.SECONDS);
    }

    static ThreadFactory virtualThreads() {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder")
                .getMethod("factory").invoke(builder);
        } catch (ReflectiveOperationException beforeJdk21) {
            return null;
        }
    }

    static void tick() {
        tock();
    }

    static void tock() {
        Integer.parseInt("2");
    }

    static void after() {
        calm();
    }
}

class Parent {
    Parent(int i) {
        if (i % 3 == 0) throw new IllegalStateException("parent");
    }
}

class Child extends Parent {
    Child(int i) {
        super(Main.fail(i));
        Main.calm();
    }
}
