// A root and its objects, written as the rewriting would leave them: the gate at its entry, a barrier before each field
// of an object, static fields behind their state. Real rewritten classes are tested where the rewriting is.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.hook.Atomics;
import dev.beehive.runtime.hook.Barrier;
import dev.beehive.runtime.hook.Gate;
import dev.beehive.runtime.hook.LambdaSites;
import dev.beehive.runtime.hook.Monitors;
import dev.beehive.runtime.hook.Scoped;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.springframework.beehive.FrameworkCache;

/** The receiver. `mode` chooses what the root does. */
public final class Till {
    /** Set by the test in the server's JVM: whether this JVM is the server's. */
    static boolean isServer;
    static final ThreadLocal<String> USER = new ThreadLocal<>();
    static final ThreadLocal<SoftReference<AtomicReferenceArray<byte[]>>> BUFFERS = new ThreadLocal<>();
    static final ThreadLocal<Drawer> SCRATCH = new ThreadLocal<>();
    static final ThreadLocal<List<Integer>> CONTEXT = ThreadLocal.withInitial(fresh());

    /** A root that its classes do not have themselves. */
    public interface Priced {
        int price();

        default String label(String currency) throws Throwable {
            if (Gate.isOpen(2)) {
                Object result = Gate.invoke(2, this, new Object[] {currency});
                if (result != Gate.LOCAL) {
                    return (String) result;
                }
            }
            return price() + " " + currency + (isServer ? " at home" : " on a worker");
        }
    }

    /** Calls the root before it is finished, and again behind that. */
    public static final class Tagged implements Priced {
        public transient int $bh;
        final int price;
        final String label;

        Tagged(int amount) throws Throwable {
            label = label("EUR");
            price = amount;
        }

        @Override
        public int price() {
            Barrier.read(this, $bh);
            return price;
        }
    }

    /** One of many. */
    public static class Coat implements Priced {
        public transient int $bh;
        int price;

        @Override
        public int price() {
            Barrier.read(this, $bh);
            return price;
        }
    }

    /** Has the root from its superclass. */
    public static final class WinterCoat extends Coat {
    }

    /** An object that stays at home until it is asked for. */
    public static final class Drawer {
        public transient int $bh;
        int coins;
        Drawer next;

        Drawer(int coins, Drawer next) {
            this.coins = coins;
            this.next = next;
        }
    }

    /** Has its map for ever. */
    public static final class Shelf {
        public transient int $bh;
        final Map<String, Integer> sizes;

        Shelf(Map<String, Integer> sizes) {
            this.sizes = sizes;
        }
    }

    /** Stays at home until it is asked for; then it brings an enum whose initialiser asks home, too. */
    public static final class Box {
        public transient int $bh;
        final Colour colour;

        Box(Colour colour) {
            this.colour = colour;
        }
    }

    /** Each JVM runs its initialiser. */
    public enum Colour {
        RED, GREEN;

        private static final List<String> SHADES = new ArrayList<>();

        static {
            try {
                if (!isServer) {
                    Barrier.statics(Rates.$bhs, Rates.class);
                }
            } catch (Throwable e) {
                throw new ExceptionInInitializerError(e);
            }
            Rates.factors.forEach(each -> SHADES.add("shade " + each));
        }
    }

    /** Each JVM runs its initialiser; only this field of the worker's keeps what it has got from home. */
    enum Sign {
        ON;

        private static final AtomicInteger SEEN;

        static {
            try {
                if (!isServer) {
                    Barrier.statics(Rates.$bhs, Rates.class);
                }
            } catch (Throwable e) {
                throw new ExceptionInInitializerError(e);
            }
            SEEN = Rates.seen;
        }
    }

    /** Each JVM runs its initialiser; a worker's changes something of home's, and then asks for what cannot travel. */
    public enum Jam {
        STUCK;

        private static final List<String> JAMMED = new ArrayList<>();

        static {
            try {
                if (!isServer) {
                    Barrier.statics(Rates.$bhs, Rates.class);
                    Rates.jammed.put("begun", "once");
                    Rates.jammed.get("file");
                }
            } catch (Throwable e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    /** Static fields that the worker has to ask for. */
    public static final class Rates {
        public static int $bhs = -1;
        static List<Integer> factors;
        static AtomicInteger seen;
        static Map<String, Object> jammed;

        private Rates() {
        }
    }

    public transient int $bh;
    final Drawer drawer = new Drawer(1, new Drawer(2, new Drawer(3, null)));
    final Map<String, Integer> counts = new ConcurrentHashMap<>();
    final AtomicInteger calls = new AtomicInteger();
    final ReentrantLock lock = new ReentrantLock();
    final ThreadLocal<String> user = USER;
    final ThreadLocal<SoftReference<AtomicReferenceArray<byte[]>>> buffers = BUFFERS;
    final ThreadLocal<Drawer> scratch = SCRATCH;
    final ThreadLocal<List<Integer>> context = CONTEXT;
    final List<String> log = new ArrayList<>();
    IntUnaryOperator adder;
    Box box;
    Jam jam;
    Map<String, Integer> lazy;
    Object[] shelves;
    final Map<String, Object> registry = new HashMap<>();
    final List<Object> registered = new ArrayList<>();
    final Map<String, Cell> leaked = new ConcurrentHashMap<>();
    final FrameworkCache cache = new FrameworkCache();
    final Queue<Drawer> queue = new ConcurrentLinkedQueue<>();
    final Set<String> names = ConcurrentHashMap.newKeySet();
    final List<String> events = new CopyOnWriteArrayList<>();
    Roster roster;
    Errands errands;
    Object scoped;
    int total;
    int shared;

    /** The root. */
    public String run(String mode, int amount) throws Throwable {
        if (Gate.isOpen(0)) {
            Object result = Gate.invoke(0, this, new Object[] {mode, amount});
            if (result != Gate.LOCAL) {
                return (String) result;
            }
        }
        Barrier.read(this, $bh);
        return switch (mode) {
            case "sum" -> sum(amount);
            case "paint" -> paint(amount);
            case "statics" -> statics(amount);
            case "pinned" -> pinned(amount);
            case "users" -> users(amount);
            case "buffer" -> buffer(amount);
            case "scratch" -> scratch(amount);
            case "context" -> context(amount);
            case "lambda" -> lambda(amount);
            case "thread" -> thread();
            case "parallel" -> java.util.stream.LongStream.range(0, amount).parallel().sum() + where();
            case "pool" -> pool(amount);
            case "virtual" -> virtual();
            case "throw" -> throw new IllegalStateException("asked for " + amount);
            case "settings" -> System.getProperty("shop.name") + java.util.Locale.getDefault();
            case "sleep" -> sleep(amount);
            case "die" -> die(amount);
            case "lock" -> lock(amount);
            case "lazy" -> lazy(amount);
            case "reference" -> reference() + where();
            case "walk" -> walk(amount) + where();
            case "dequeue" -> dequeue() + where();
            case "leak" -> new Comb(this, amount).kind + where();
            case "dive" -> dive() + where();
            case "sign" -> sign(amount) + where();
            case "cache" -> cache(amount) + where();
            case "scoped" -> scoped() + where();
            case "await" -> errands.await(amount) + where();
            case "send" -> errands.send(amount) + where();
            case "roster" -> Atomics.getAndAdd(calls, amount) + roster.describe("task" + amount) + where();
            default -> throw new IllegalArgumentException(mode);
        };
    }

    private String sum(int amount) {
        int sum = 0;
        for (Drawer each = drawer; each != null; each = each.next) {
            Barrier.read(each, each.$bh);
            each.coins += amount;
            sum += each.coins;
        }
        total += amount;
        log.add("sum " + amount);
        return sum + where();
    }

    /** Others have seen something of it when the box is fetched: then it cannot be begun again at home. */
    private String paint(int amount) throws Throwable {
        Monitors.enter(this);
        total += amount;
        Monitors.exit(this);
        Barrier.read(box, box.$bh);
        return box.colour + " " + Colour.SHADES + where();
    }

    private String statics(int amount) throws Throwable {
        Barrier.statics(Rates.$bhs, Rates.class);
        Rates.factors.add(amount);
        return Rates.factors + where();
    }

    /** A map, an atomic, a thread-local that belong to the server's threads. */
    private String pinned(int amount) throws Throwable {
        counts.put("k", counts.getOrDefault("k", 0) + amount);
        int before = Atomics.getAndAdd(calls, amount);
        return counts.get("k") + " " + before + " " + user.get() + " " + counts.size() + where();
    }

    /** Reads a thread-local before and after the worker sets it. */
    private String users(int amount) throws Throwable {
        String before = user.get() + user.get();
        user.set("worker" + amount);
        String set = user.get();
        counts.put("user" + amount, amount);
        user.remove();
        return before + " " + set + " " + user.get() + where();
    }

    /** Sets a thread-local without having asked for it; removes it again unless the amount is negative. */
    private String scratch(int amount) {
        scratch.set(new Drawer(amount, null));
        int coins = scratch.get().coins;
        if (amount >= 0) {
            scratch.remove();
        }
        return coins + where();
    }

    /** A lambda as rewritten classes link it. */
    @SuppressWarnings("unchecked")
    private static Supplier<List<Integer>> fresh() {
        try {
            MethodHandles.Lookup here = MethodHandles.lookup();
            return (Supplier<List<Integer>>) LambdaSites.metafactory(here, "get", MethodType.methodType(Supplier.class),
                MethodType.methodType(Object.class), here.findStatic(Till.class, "empty",
                MethodType.methodType(List.class)), MethodType.methodType(List.class)).getTarget().invokeExact();
        } catch (Throwable e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static List<Integer> empty() {
        return new ArrayList<>();
    }

    /** Takes a context, fills it and drops it three times; a negative amount stays. */
    private String context(int amount) {
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            context.get().add(amount);
            seen.append(context.get());
            if (amount >= 0 || i < 2) {
                context.remove();
            }
        }
        return seen + where();
    }

    /** Buffers that a thread keeps for itself, as JSON libraries do: counts how often this thread has used them. */
    private String buffer(int amount) {
        SoftReference<AtomicReferenceArray<byte[]>> kept = buffers.get();
        AtomicReferenceArray<byte[]> own = kept == null ? null : kept.get();
        if (own == null) {
            own = new AtomicReferenceArray<>(1);
            own.set(0, new byte[1]);
            buffers.set(new SoftReference<>(own));
        }
        own.get(0)[0] += (byte) amount;
        total += amount;
        return own.get(0)[0] + where();
    }

    private String lambda(int amount) throws Throwable {
        int old = adder == null ? 0 : adder.applyAsInt(amount);
        adder = (IntUnaryOperator) LambdaSites.metafactory(MethodHandles.lookup(), "applyAsInt",
            MethodType.methodType(IntUnaryOperator.class, int.class), MethodType.methodType(int.class, int.class),
            MethodHandles.lookup().findStatic(Till.class, "plus",
                MethodType.methodType(int.class, int.class, int.class)),
            MethodType.methodType(int.class, int.class)).getTarget().invoke(amount);
        return old + where();
    }

    /** A negative amount is not counted, and leaves something that cannot go home. */
    private int sign(int amount) throws Throwable {
        if (amount >= 0) {
            return Atomics.getAndAdd(Sign.SEEN, amount);
        }
        shelves = new Object[] {new java.util.zip.Inflater()};
        return Sign.SEEN == null ? 0 : 1;
    }

    /** `calls::get` as rewritten classes link it: on a worker, of a stand-in for a class whose methods are final. */
    private int reference() throws Throwable {
        MethodHandles.Lookup here = MethodHandles.lookup();
        MethodType type = MethodType.methodType(int.class);
        IntSupplier got = (IntSupplier) LambdaSites.metafactory(here, "getAsInt",
            MethodType.methodType(IntSupplier.class, AtomicInteger.class), type,
            here.findVirtual(AtomicInteger.class, "get", type), type).getTarget().invoke(calls);
        return got.getAsInt();
    }

    static int plus(int captured, int given) {
        return captured + given;
    }

    /** Leaves something to be done by the common pool. */
    private String pool(int amount) {
        java.util.concurrent.ForkJoinPool.commonPool().execute(() ->
            java.util.concurrent.locks.LockSupport.parkNanos(amount * 1_000_000L));
        return "left" + where();
    }

    /** Starts a virtual thread where there are any. */
    private String virtual() throws ReflectiveOperationException {
        Runnable nothing = () -> { };
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, nothing);
        return "started" + where();
    }

    private String thread() throws InterruptedException {
        Thread thread = new Thread(() -> {
            try {
                Thread.sleep(500);
            } catch (InterruptedException e) {
                log.add("interrupted");
            }
        });
        thread.setDaemon(true);
        thread.start();
        return "started" + where();
    }

    private String sleep(int ms) throws InterruptedException {
        if (!isServer) {
            Thread.sleep(ms);
        }
        total += 1;
        return "slept" + where();
    }

    /** A worker dies in the middle, after changes that nobody has seen; before that it may do something visible. */
    private String die(int amount) throws Throwable {
        total += amount;
        if (amount > 100) {
            counts.put("seen", amount);
        }
        if (!isServer) {
            user.set("somebody who is lost");
            Runtime.getRuntime().halt(7);
        }
        return "survived" + where();
    }

    private String lock(int amount) throws Throwable {
        for (int i = 0; i < amount; i++) {
            if (isServer) {
                synchronized (this) {
                    shared++;
                }
            } else {
                Monitors.enter(this);
                shared++;
                Monitors.exit(this);
            }
        }
        lock.lock();
        try {
            Atomics.incrementAndGet(calls);
        } finally {
            lock.unlock();
        }
        return "counted" + where();
    }

    /** Makes a map that threads share when it is first wanted; others refer to it, one of them for good. */
    private String lazy(int amount) throws Throwable {
        if (lazy == null) {
            lazy = new ConcurrentHashMap<>();
            shelves = new Object[] {new Shelf(lazy), lazy};
            registry.put("lazy", lazy);
            registered.add(lazy);
        }
        lazy.put("k", lazy.getOrDefault("k", 0) + amount);
        Shelf shelf = (Shelf) shelves[0];
        Barrier.read(shelf, shelf.$bh);
        return shelf.sizes.get("k") + " " + (shelves[1] == lazy)
            + (registry.get("lazy") == lazy && registered.get(registered.size() - 1) == lazy) + where();
    }

    /** Walks through whatever other threads may change meanwhile, in each way that there is. */
    private String walk(int amount) {
        StringBuilder walked = new StringBuilder();
        for (String key : counts.keySet()) {
            walked.append(key);
        }
        for (Map.Entry<String, Integer> each : counts.entrySet()) {
            if (each.getKey().equals("k")) {
                each.setValue(each.getValue() + amount);
            }
        }
        Map<String, Integer> sums = new HashMap<>();
        counts.forEach((key, value) -> sums.merge("all", value, Integer::sum));
        walked.append(sums).append(counts.values().stream().mapToInt(each -> each).sum());
        for (Iterator<String> left = names.iterator(); left.hasNext();) {
            if (left.next().equals("gone" + amount)) {
                left.remove();
            }
        }
        for (Drawer each : queue) {
            Barrier.read(each, each.$bh);
            walked.append(each.coins).append(' ');
        }
        List<Map.Entry<String, Integer>> sorted = new ArrayList<>(counts.entrySet());
        sorted.sort(Map.Entry.comparingByKey());
        return walked.append(sorted).append(names.size()).append(events.stream().count()).append(last(events)).toString();
    }

    private static String last(List<String> events) {
        Iterator<String> each = events.iterator();
        String last = "";
        while (each.hasNext()) {
            last = each.next();
        }
        try {
            each.remove();
        } catch (UnsupportedOperationException e) {
            return last;
        }
        return "removed";
    }

    /** Others have it before it has all its fields. */
    static class Cell {
        public transient int $bh;

        Cell(Till till) {
            till.leaked.put("last", this);
        }
    }

    static final class Comb extends Cell {
        final String kind;
        final int cells;
        final boolean full;

        Comb(Till till, int amount) {
            super(till);
            kind = "wax";
            cells = amount;
            full = amount > 0;
            till.leaked.remove("none");
        }

        @Override
        public String toString() {
            return cells + kind + full;
        }
    }

    /** Asks home for something new where the stack has just come to its end, and lives on, whatever that throws. */
    private String dive() {
        try {
            return dive();
        } catch (StackOverflowError e) {
            return "under " + counts.put("depth", 7);
        }
    }

    /** Tells of an object before it is finished, puts it into a cache, and leaves something that cannot go home. */
    private int cache(int amount) {
        Drawer made = new Drawer(0, null);
        registered.add(made);
        int size = counts.size();
        made.coins = amount + size;
        Drawer first = (Drawer) cache.putIfAbsent("k", made);
        if (!isServer) {
            shelves = new Object[] {new java.util.zip.Inflater()};
        }
        Drawer found = first == null ? made : first;
        Barrier.read(found, found.$bh);
        return found.coins;
    }

    /** Of two that are equal, which one does the iterator remove? */
    private String dequeue() {
        Iterator<Drawer> each = queue.iterator();
        each.next();
        each.remove();
        return "left " + queue.size();
    }

    private String scoped() throws Throwable {
        Barrier.read(this, $bh);
        return Scoped.orElse(scoped, "nobody") + " " + Scoped.isBound(scoped);
    }

    private static String where() {
        return isServer ? " at home" : " on a worker";
    }
}
