// Work that a root hands to threads, and futures that others have made: written as the rewriting would leave it.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.hook.Barrier;
import dev.beehive.runtime.hook.Futures;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Of one shop. */
public final class Errands {
    public transient int $bh;
    final ExecutorService pool = Executors.newFixedThreadPool(2);
    final CompletableFuture<Integer> begun = new CompletableFuture<>();

    /** What is handed over: no lambda, since nobody here has linked one. */
    record Doubled(int amount) implements Supplier<Integer> {
        @Override
        public Integer get() {
            return 2 * amount;
        }
    }

    /** Waits for what others do. */
    int await(int amount) throws Throwable {
        Barrier.read(this, $bh);
        CompletableFuture<Integer> own = CompletableFuture.completedFuture(amount);
        int sum = (int) Futures.anyOf(new CompletableFuture<?>[] {own}).join();
        Futures.allOf(new CompletableFuture<?>[] {begun}).join();
        return sum + begun.join();
    }

    /** Has others do something. */
    int send(int amount) throws Throwable {
        Barrier.read(this, $bh);
        CompletableFuture<Integer> one = Futures.supplyAsync(new Doubled(amount), pool);
        CompletableFuture<Integer> other = Futures.supplyAsync(new Doubled(amount + 1));
        Futures.allOf(new CompletableFuture<?>[] {one, other}).join();
        return one.join() + other.join();
    }
}
