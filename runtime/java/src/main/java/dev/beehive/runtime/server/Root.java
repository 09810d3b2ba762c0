// One root: which method it is, what its invocations need on a worker, how often it could not be offloaded.
package dev.beehive.runtime.server;

import dev.beehive.runtime.offload.Frameworks;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Shared by all threads that call it. */
final class Root {
    /** Refusals in a row after which the gate closes for a while. */
    private static final int REFUSALS_MAX = 5;
    /** As which one counts that has cost the worker. */
    private static final int REFUSALS_OF_A_WORKER = 3;
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int DOUBLINGS_MAX = 6;
    private static final int FIRST = 2;

    final int number;
    final String text;
    final RootCounters counters = new RootCounters();
    final Gain gain = new Gain();
    /** Classes whose instances are sent with an invocation: those that a worker has asked for. */
    final Set<Class<?>> closure = ConcurrentHashMap.newKeySet();
    /** Classes whose static fields a worker has asked for. */
    final Set<Class<?>> statics = ConcurrentHashMap.newKeySet();
    final ProvenWays proven = new ProvenWays();
    private final String className;
    private final String methodName;
    private final String descriptor;
    private final AtomicLong decided = new AtomicLong();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private volatile Method method;
    private volatile long closedUntilNs;
    private volatile boolean closed;
    private volatile boolean usesPersistence;
    private int pauses;

    /** @param text `class#name(descriptor)` */
    Root(int number, String text) {
        int hash = text.indexOf('#');
        int paren = text.indexOf('(');
        if (hash < 0 || paren < hash) {
            throw new IllegalArgumentException("a root that is no class#name(descriptor): " + text);
        }
        this.number = number;
        this.text = text;
        className = text.substring(0, hash);
        methodName = text.substring(hash + 1, paren);
        descriptor = text.substring(paren);
    }

    /** The method, looked up at the first invocation; null when the class that called the gate has no such method. */
    Method method(Object receiver, Class<?> caller) {
        Method known = method;
        if (known != null && fits(known, receiver, caller)) {
            return known;
        }
        Method found = find(receiver == null ? caller : receiver.getClass());
        if (known == null) {
            method = found;
        }
        return found;
    }

    private static boolean fits(Method known, Object receiver, Class<?> caller) {
        Class<?> declarer = known.getDeclaringClass();
        return receiver == null ? caller == null || declarer == caller : declarer.isInstance(receiver);
    }

    String className() {
        return className;
    }

    /** Whether the method has no receiver; unknown before the first invocation. */
    boolean isStatic() {
        Method known = method;
        return known != null && Modifier.isStatic(known.getModifiers());
    }

    private Method find(Class<?> from) {
        Class<?> declarer = declarer(from);
        return declarer == null ? null : findIn(declarer);
    }

    /** The class of the root among those that a class is of; an interface for its default methods. */
    private Class<?> declarer(Class<?> from) {
        if (from == null || from.getName().equals(className)) {
            return from;
        }
        Class<?> found = declarer(from.getSuperclass());
        for (Class<?> each : from.getInterfaces()) {
            found = found == null ? declarer(each) : found;
        }
        return found;
    }

    private Method findIn(Class<?> declarer) {
        for (Method each : declarer.getDeclaredMethods()) {
            String its = MethodType.methodType(each.getReturnType(), each.getParameterTypes())
                .toMethodDescriptorString();
            if (each.getName().equals(methodName) && its.equals(descriptor)) {
                Frameworks.addApplication(declarer);
                return each;
            }
        }
        return null;
    }

    /** Takes part in a ratio: true for that share of the calls, evenly spread. */
    boolean isChosen(double ratio) {
        long n = decided.getAndIncrement();
        return Math.floor((n + 1) * ratio) > Math.floor(n * ratio);
    }

    /** Whether this is one of the first invocations that met the open gate. */
    boolean isAmongFirst() {
        return begun.get() < FIRST && begun.getAndIncrement() < FIRST;
    }

    /**
     * It could not be offloaded, for a reason that will hardly change.
     *
     * @param costWorker whether the worker could not go on
     */
    void refused(boolean costWorker) {
        if (refusals.addAndGet(costWorker ? REFUSALS_OF_A_WORKER : 1) >= REFUSALS_MAX) {
            refusals.set(0);
            closedUntilNs = System.nanoTime() + (PAUSE_NS << Math.min(pauses++, DOUBLINGS_MAX));
            closed = true;
        }
    }

    /** It has met an object of JPA's that had to stay at home. */
    void metPersistence() {
        usesPersistence = true;
    }

    boolean usesPersistence() {
        return usesPersistence;
    }

    void succeeded() {
        if (refusals.get() != 0) {
            refusals.set(0);
        }
        pauses = 0;
    }

    /** It has failed a request, or would go on drawing numbers in vain: never again. */
    void closeForGood() {
        closedUntilNs = Long.MAX_VALUE;
        closed = true;
    }

    /** Whether it rests after too many refusals. */
    boolean isResting() {
        if (closed && closedUntilNs != Long.MAX_VALUE && System.nanoTime() - closedUntilNs > 0) {
            closed = false;
        }
        return closed;
    }
}
