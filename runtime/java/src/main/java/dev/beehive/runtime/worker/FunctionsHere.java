// Calls that have home run a function of the application on a concurrent map or a counter. A rehearsal cannot make them, since
// nobody knows what the function does; so as long as an invocation may become one, the function runs here, as in
// ConcurrentMap's own defaults: read, compute, exchange if nobody has been faster. Only for values that cannot change.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.hook.WorkerHooks;
import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.Frameworks;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Two calls instead of one, and more if others write the same. */
@SuppressWarnings("unchecked")
final class FunctionsHere {
    private static final int TRIES_MAX = 100;
    /** The JDK's maps and the caches of frameworks; another library's may count how it is asked. */
    private static final List<String> OF_THESE = List.of("java.util.concurrent.", "org.springframework.", "org.hibernate.",
        "com.fasterxml.jackson.");
    private static final Method GET = method(ConcurrentMap.class, "get", Object.class);
    private static final Method PUT_IF_ABSENT = method(ConcurrentMap.class, "putIfAbsent", Object.class, Object.class);
    private static final Method REPLACE = method(ConcurrentMap.class, "replace", Object.class, Object.class, Object.class);
    private static final Method REMOVE = method(ConcurrentMap.class, "remove", Object.class, Object.class);

    private FunctionsHere() {
    }

    private static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return type.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What the call brings; {@link AnsweredHere#NOT_HERE} if home has to make it. */
    static Object answer(WorkerHooks session, Object pinned, Method method, Object[] arguments) throws Throwable {
        String type = pinned == null ? "" : pinned.getClass().getSuperclass().getName();
        if (pinned instanceof ConcurrentMap && Frameworks.include(type, OF_THESE)) {
            return ofMap(session, pinned, method.getName(), arguments);
        }
        return pinned instanceof AtomicInteger || pinned instanceof AtomicLong
            ? ofNumber(session, pinned, method.getName(), arguments) : AnsweredHere.NOT_HERE;
    }

    private static Object ofMap(WorkerHooks session, Object map, String name, Object[] arguments) throws Throwable {
        int count = arguments.length;
        if (name.equals("computeIfAbsent") && count == 2) {
            return MapCalls.computeIfAbsent(session, map, arguments);
        }
        boolean merges = name.equals("merge") && count == 3;
        boolean computes = (name.equals("compute") || name.equals("computeIfPresent")) && count == 2;
        if (!merges && !computes) {
            return AnsweredHere.NOT_HERE;
        }
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            Object old = session.call(map, GET, new Object[] {arguments[0]});
            if (old == null && name.equals("computeIfPresent")) {
                return null;
            }
            if (old != null && !isValue(old)) {
                return AnsweredHere.NOT_HERE;
            }
            Object next = merges && old == null ? arguments[1]
                : ((BiFunction<Object, Object, Object>) arguments[count - 1]).apply(merges ? old : arguments[0],
                    merges ? arguments[1] : old);
            if (exchange(session, map, arguments[0], old, next)) {
                return next;
            }
        }
        return AnsweredHere.NOT_HERE;
    }

    private static boolean exchange(WorkerHooks session, Object map, Object key, Object old, Object next) throws Throwable {
        if (old == null) {
            return next == null || session.call(map, PUT_IF_ABSENT, new Object[] {key, next}) == null;
        }
        return (boolean) (next == null ? session.call(map, REMOVE, new Object[] {key, old})
            : session.call(map, REPLACE, new Object[] {key, old, next}));
    }

    /** Equal ones are as good as the same. */
    private static boolean isValue(Object old) {
        boolean number = old instanceof Number && old.getClass().getName().startsWith("java.lang.");
        return number || old instanceof String || old instanceof Boolean || old instanceof Character || old instanceof Enum
            || old.getClass() == BigDecimal.class || old.getClass() == BigInteger.class;
    }

    private static Object ofNumber(WorkerHooks session, Object number, String name, Object[] arguments) throws Throwable {
        boolean before = name.equals("getAndUpdate") || name.equals("getAndAccumulate");
        if (!before && !name.equals("updateAndGet") && !name.equals("accumulateAndGet")) {
            return AnsweredHere.NOT_HERE;
        }
        boolean isInt = number instanceof AtomicInteger;
        Class<?> type = isInt ? AtomicInteger.class : AtomicLong.class;
        Class<?> value = isInt ? int.class : long.class;
        Method get = method(type, "get");
        Method exchange = method(type, "compareAndSet", value, value);
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            Object old = session.call(number, get, new Object[0]);
            Object next = isInt ? nextInt((int) old, arguments) : (Object) nextLong((long) old, arguments);
            if ((boolean) session.call(number, exchange, new Object[] {old, next})) {
                return before ? old : next;
            }
        }
        return AnsweredHere.NOT_HERE;
    }

    private static int nextInt(int old, Object[] arguments) {
        return arguments.length == 1 ? ((IntUnaryOperator) arguments[0]).applyAsInt(old)
            : ((IntBinaryOperator) arguments[1]).applyAsInt(old, (int) arguments[0]);
    }

    private static long nextLong(long old, Object[] arguments) {
        return arguments.length == 1 ? ((LongUnaryOperator) arguments[0]).applyAsLong(old)
            : ((LongBinaryOperator) arguments[1]).applyAsLong(old, (long) arguments[0]);
    }
}
