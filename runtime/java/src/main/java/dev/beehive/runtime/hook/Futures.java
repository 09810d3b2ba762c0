// Work that a root hands to threads, and futures that it puts together: on a worker the threads are home's, and a stand-in
// of a future has nothing that the JDK's own code could look at.
package dev.beehive.runtime.hook;

import dev.beehive.runtime.codec.PinnedStub;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Static twins of methods of CompletableFuture. Called by rewritten code only. */
public final class Futures {
    private static final Method SUPPLY = method("supplyAsync", Supplier.class);
    private static final Method SUPPLY_BY = method("supplyAsync", Supplier.class, Executor.class);
    private static final Method RUN = method("runAsync", Runnable.class);
    private static final Method RUN_BY = method("runAsync", Runnable.class, Executor.class);
    private static final Method ALL = method("allOf", CompletableFuture[].class);
    private static final Method ANY = method("anyOf", CompletableFuture[].class);

    private Futures() {
    }

    private static Method method(String name, Class<?>... parameters) {
        try {
            return CompletableFuture.class.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public static <T> CompletableFuture<T> supplyAsync(Supplier<T> supplier) throws Throwable {
        return Hooks.isWorker() ? atHome(SUPPLY, supplier) : CompletableFuture.supplyAsync(supplier);
    }

    public static <T> CompletableFuture<T> supplyAsync(Supplier<T> supplier, Executor executor) throws Throwable {
        return Hooks.isWorker() ? atHome(SUPPLY_BY, supplier, executor) : CompletableFuture.supplyAsync(supplier, executor);
    }

    public static CompletableFuture<Void> runAsync(Runnable task) throws Throwable {
        return Hooks.isWorker() ? atHome(RUN, task) : CompletableFuture.runAsync(task);
    }

    public static CompletableFuture<Void> runAsync(Runnable task, Executor executor) throws Throwable {
        return Hooks.isWorker() ? atHome(RUN_BY, task, executor) : CompletableFuture.runAsync(task, executor);
    }

    public static CompletableFuture<Void> allOf(CompletableFuture<?>[] futures) throws Throwable {
        return hasOfHome(futures) ? atHome(ALL, (Object) futures) : CompletableFuture.allOf(futures);
    }

    public static CompletableFuture<Object> anyOf(CompletableFuture<?>[] futures) throws Throwable {
        return hasOfHome(futures) ? atHome(ANY, (Object) futures) : CompletableFuture.anyOf(futures);
    }

    private static boolean hasOfHome(CompletableFuture<?>[] futures) {
        return futures != null && Arrays.stream(futures).anyMatch(PinnedStub.class::isInstance);
    }

    @SuppressWarnings("unchecked")
    private static <T> CompletableFuture<T> atHome(Method method, Object... arguments) throws Throwable {
        return (CompletableFuture<T>) Hooks.current().callStatic(method, arguments);
    }
}
