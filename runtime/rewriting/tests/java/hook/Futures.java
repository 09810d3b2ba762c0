// A stand-in for the runtime's hook: futures and threads are those of this JVM.
package dev.beehive.runtime.hook;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

public final class Futures {
    private Futures() {}

    public static <T> CompletableFuture<T> supplyAsync(Supplier<T> supplier) {
        return CompletableFuture.supplyAsync(supplier);
    }

    public static <T> CompletableFuture<T> supplyAsync(Supplier<T> supplier, Executor executor) {
        return CompletableFuture.supplyAsync(supplier, executor);
    }

    public static CompletableFuture<Void> runAsync(Runnable task) {
        return CompletableFuture.runAsync(task);
    }

    public static CompletableFuture<Void> runAsync(Runnable task, Executor executor) {
        return CompletableFuture.runAsync(task, executor);
    }

    public static CompletableFuture<Void> allOf(CompletableFuture<?>[] futures) {
        return CompletableFuture.allOf(futures);
    }

    public static CompletableFuture<Object> anyOf(CompletableFuture<?>[] futures) {
        return CompletableFuture.anyOf(futures);
    }
}
