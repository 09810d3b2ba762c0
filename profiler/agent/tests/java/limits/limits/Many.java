/* Many virtual threads that enter a root and park in it. Reflection: it is compiled for JDK 17, too. */
package limits;

import java.lang.reflect.Method;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

public final class Many {
    private final AtomicLong sum = new AtomicLong();
    private final ConcurrentHashMap<Integer, String> seen = new ConcurrentHashMap<>();

    private Many() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        Many many = new Many();
        Method make = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
        ExecutorService executor = (ExecutorService) make.invoke(null);
        CountDownLatch done = new CountDownLatch(count);
        for (int i = 1; i <= count; i++) {
            int number = i;
            executor.execute(() -> {
                try {
                    many.visit(number);
                } catch (InterruptedException never) {
                    throw new IllegalStateException(never);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        executor.shutdown();
        System.out.println("done " + many.seen.size() + " threads, sum " + many.sum.get());
    }

    void visit(int number) throws InterruptedException {
        seen.put(number, "seen " + number);
        Thread.sleep(number % 5);
        synchronized (this) {
            sum.addAndGet(number);
        }
    }
}
