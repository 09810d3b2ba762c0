// The final methods of the JDK's atomic classes, which a stand-in cannot override: rewritten classes of a worker call
// these in their place, with the receiver first. An atomic of home's is changed at home. Long because the JDK's list is:
// one method each, all alike.
package dev.beehive.runtime.hook;

import dev.beehive.runtime.codec.PinnedStub;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/** Called by rewritten code only. */
@SuppressWarnings("deprecation")
public final class Atomics {
    private static final Map<String, Method> METHODS = new ConcurrentHashMap<>();

    private Atomics() {
    }

    /**
     * What a worker calls in place of a final method, which a stand-in cannot override: a method reference names it, too.
     *
     * @return null when it is none of these
     */
    static MethodHandle inPlaceOf(Class<?> owner, String name, MethodType type) throws ReflectiveOperationException {
        boolean atomic = owner == AtomicInteger.class || owner == AtomicLong.class || owner == AtomicBoolean.class
            || owner == AtomicReference.class;
        boolean questions = name.equals("getClass") && type.parameterCount() == 0;
        if (questions) {
            return MethodHandles.publicLookup().findStatic(Barrier.class, "classOf", type.insertParameterTypes(0, Object.class));
        }
        return atomic ? MethodHandles.publicLookup().findStatic(Atomics.class, name, type.insertParameterTypes(0, owner)) : null;
    }

    private static Object home(Object atomic, Class<?> type, String name, Object... arguments) throws Throwable {
        Method method = METHODS.computeIfAbsent(type.getSimpleName() + '.' + name, key -> find(type, name));
        return Hooks.current().call(atomic, method, arguments);
    }

    private static Method find(Class<?> type, String name) {
        for (Method method : type.getDeclaredMethods()) {
            if (method.getName().equals(name) && Modifier.isPublic(method.getModifiers())) {
                return method;
            }
        }
        throw new IllegalArgumentException(type + " has no method " + name);
    }

    // AtomicInteger
    public static int get(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "get") : a.get();
    }

    public static void set(AtomicInteger a, int b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicInteger.class, "set", b);
        } else {
            a.set(b);
        }
    }

    public static void lazySet(AtomicInteger a, int b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicInteger.class, "lazySet", b);
        } else {
            a.lazySet(b);
        }
    }

    public static int getAndSet(AtomicInteger a, int b) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAndSet", b) : a.getAndSet(b);
    }

    public static boolean compareAndSet(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicInteger.class, "compareAndSet", b, c)
            : a.compareAndSet(b, c);
    }

    public static boolean weakCompareAndSet(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicInteger.class, "weakCompareAndSet", b, c)
            : a.weakCompareAndSet(b, c);
    }

    public static boolean weakCompareAndSetPlain(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicInteger.class, "weakCompareAndSetPlain", b, c)
            : a.weakCompareAndSetPlain(b, c);
    }

    public static int getAndIncrement(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAndIncrement") : a.getAndIncrement();
    }

    public static int getAndDecrement(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAndDecrement") : a.getAndDecrement();
    }

    public static int getAndAdd(AtomicInteger a, int b) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAndAdd", b) : a.getAndAdd(b);
    }

    public static int incrementAndGet(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "incrementAndGet") : a.incrementAndGet();
    }

    public static int decrementAndGet(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "decrementAndGet") : a.decrementAndGet();
    }

    public static int addAndGet(AtomicInteger a, int b) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "addAndGet", b) : a.addAndGet(b);
    }

    public static int getAndUpdate(AtomicInteger a, IntUnaryOperator b) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAndUpdate", b) : a.getAndUpdate(b);
    }

    public static int updateAndGet(AtomicInteger a, IntUnaryOperator b) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "updateAndGet", b) : a.updateAndGet(b);
    }

    public static int getAndAccumulate(AtomicInteger a, int b, IntBinaryOperator c) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAndAccumulate", b, c)
            : a.getAndAccumulate(b, c);
    }

    public static int accumulateAndGet(AtomicInteger a, int b, IntBinaryOperator c) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "accumulateAndGet", b, c)
            : a.accumulateAndGet(b, c);
    }

    public static int getPlain(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getPlain") : a.getPlain();
    }

    public static void setPlain(AtomicInteger a, int b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicInteger.class, "setPlain", b);
        } else {
            a.setPlain(b);
        }
    }

    public static int getOpaque(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getOpaque") : a.getOpaque();
    }

    public static void setOpaque(AtomicInteger a, int b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicInteger.class, "setOpaque", b);
        } else {
            a.setOpaque(b);
        }
    }

    public static int getAcquire(AtomicInteger a) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "getAcquire") : a.getAcquire();
    }

    public static void setRelease(AtomicInteger a, int b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicInteger.class, "setRelease", b);
        } else {
            a.setRelease(b);
        }
    }

    public static int compareAndExchange(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "compareAndExchange", b, c)
            : a.compareAndExchange(b, c);
    }

    public static int compareAndExchangeAcquire(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "compareAndExchangeAcquire", b, c)
            : a.compareAndExchangeAcquire(b, c);
    }

    public static int compareAndExchangeRelease(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (int) home(a, AtomicInteger.class, "compareAndExchangeRelease", b, c)
            : a.compareAndExchangeRelease(b, c);
    }

    public static boolean weakCompareAndSetVolatile(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicInteger.class, "weakCompareAndSetVolatile", b, c)
            : a.weakCompareAndSetVolatile(b, c);
    }

    public static boolean weakCompareAndSetAcquire(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicInteger.class, "weakCompareAndSetAcquire", b, c)
            : a.weakCompareAndSetAcquire(b, c);
    }

    public static boolean weakCompareAndSetRelease(AtomicInteger a, int b, int c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicInteger.class, "weakCompareAndSetRelease", b, c)
            : a.weakCompareAndSetRelease(b, c);
    }

    // AtomicLong
    public static long get(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "get") : a.get();
    }

    public static void set(AtomicLong a, long b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicLong.class, "set", b);
        } else {
            a.set(b);
        }
    }

    public static void lazySet(AtomicLong a, long b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicLong.class, "lazySet", b);
        } else {
            a.lazySet(b);
        }
    }

    public static long getAndSet(AtomicLong a, long b) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAndSet", b) : a.getAndSet(b);
    }

    public static boolean compareAndSet(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicLong.class, "compareAndSet", b, c)
            : a.compareAndSet(b, c);
    }

    public static boolean weakCompareAndSet(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicLong.class, "weakCompareAndSet", b, c)
            : a.weakCompareAndSet(b, c);
    }

    public static boolean weakCompareAndSetPlain(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicLong.class, "weakCompareAndSetPlain", b, c)
            : a.weakCompareAndSetPlain(b, c);
    }

    public static long getAndIncrement(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAndIncrement") : a.getAndIncrement();
    }

    public static long getAndDecrement(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAndDecrement") : a.getAndDecrement();
    }

    public static long getAndAdd(AtomicLong a, long b) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAndAdd", b) : a.getAndAdd(b);
    }

    public static long incrementAndGet(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "incrementAndGet") : a.incrementAndGet();
    }

    public static long decrementAndGet(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "decrementAndGet") : a.decrementAndGet();
    }

    public static long addAndGet(AtomicLong a, long b) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "addAndGet", b) : a.addAndGet(b);
    }

    public static long getAndUpdate(AtomicLong a, LongUnaryOperator b) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAndUpdate", b) : a.getAndUpdate(b);
    }

    public static long updateAndGet(AtomicLong a, LongUnaryOperator b) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "updateAndGet", b) : a.updateAndGet(b);
    }

    public static long getAndAccumulate(AtomicLong a, long b, LongBinaryOperator c) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAndAccumulate", b, c)
            : a.getAndAccumulate(b, c);
    }

    public static long accumulateAndGet(AtomicLong a, long b, LongBinaryOperator c) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "accumulateAndGet", b, c)
            : a.accumulateAndGet(b, c);
    }

    public static long getPlain(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getPlain") : a.getPlain();
    }

    public static void setPlain(AtomicLong a, long b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicLong.class, "setPlain", b);
        } else {
            a.setPlain(b);
        }
    }

    public static long getOpaque(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getOpaque") : a.getOpaque();
    }

    public static void setOpaque(AtomicLong a, long b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicLong.class, "setOpaque", b);
        } else {
            a.setOpaque(b);
        }
    }

    public static long getAcquire(AtomicLong a) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "getAcquire") : a.getAcquire();
    }

    public static void setRelease(AtomicLong a, long b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicLong.class, "setRelease", b);
        } else {
            a.setRelease(b);
        }
    }

    public static long compareAndExchange(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "compareAndExchange", b, c)
            : a.compareAndExchange(b, c);
    }

    public static long compareAndExchangeAcquire(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "compareAndExchangeAcquire", b, c)
            : a.compareAndExchangeAcquire(b, c);
    }

    public static long compareAndExchangeRelease(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (long) home(a, AtomicLong.class, "compareAndExchangeRelease", b, c)
            : a.compareAndExchangeRelease(b, c);
    }

    public static boolean weakCompareAndSetVolatile(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicLong.class, "weakCompareAndSetVolatile", b, c)
            : a.weakCompareAndSetVolatile(b, c);
    }

    public static boolean weakCompareAndSetAcquire(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicLong.class, "weakCompareAndSetAcquire", b, c)
            : a.weakCompareAndSetAcquire(b, c);
    }

    public static boolean weakCompareAndSetRelease(AtomicLong a, long b, long c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicLong.class, "weakCompareAndSetRelease", b, c)
            : a.weakCompareAndSetRelease(b, c);
    }

    // AtomicBoolean
    public static boolean get(AtomicBoolean a) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "get") : a.get();
    }

    public static boolean compareAndSet(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "compareAndSet", b, c)
            : a.compareAndSet(b, c);
    }

    public static void set(AtomicBoolean a, boolean b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicBoolean.class, "set", b);
        } else {
            a.set(b);
        }
    }

    public static void lazySet(AtomicBoolean a, boolean b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicBoolean.class, "lazySet", b);
        } else {
            a.lazySet(b);
        }
    }

    public static boolean getAndSet(AtomicBoolean a, boolean b) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "getAndSet", b) : a.getAndSet(b);
    }

    public static boolean getPlain(AtomicBoolean a) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "getPlain") : a.getPlain();
    }

    public static void setPlain(AtomicBoolean a, boolean b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicBoolean.class, "setPlain", b);
        } else {
            a.setPlain(b);
        }
    }

    public static boolean getOpaque(AtomicBoolean a) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "getOpaque") : a.getOpaque();
    }

    public static void setOpaque(AtomicBoolean a, boolean b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicBoolean.class, "setOpaque", b);
        } else {
            a.setOpaque(b);
        }
    }

    public static boolean getAcquire(AtomicBoolean a) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "getAcquire") : a.getAcquire();
    }

    public static void setRelease(AtomicBoolean a, boolean b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicBoolean.class, "setRelease", b);
        } else {
            a.setRelease(b);
        }
    }

    public static boolean compareAndExchange(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "compareAndExchange", b, c)
            : a.compareAndExchange(b, c);
    }

    public static boolean compareAndExchangeAcquire(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "compareAndExchangeAcquire", b, c)
            : a.compareAndExchangeAcquire(b, c);
    }

    public static boolean compareAndExchangeRelease(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "compareAndExchangeRelease", b, c)
            : a.compareAndExchangeRelease(b, c);
    }

    public static boolean weakCompareAndSetVolatile(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "weakCompareAndSetVolatile", b, c)
            : a.weakCompareAndSetVolatile(b, c);
    }

    public static boolean weakCompareAndSetAcquire(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "weakCompareAndSetAcquire", b, c)
            : a.weakCompareAndSetAcquire(b, c);
    }

    public static boolean weakCompareAndSetRelease(AtomicBoolean a, boolean b, boolean c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicBoolean.class, "weakCompareAndSetRelease", b, c)
            : a.weakCompareAndSetRelease(b, c);
    }

    // AtomicReference
    public static Object get(AtomicReference<Object> a) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "get") : a.get();
    }

    public static void set(AtomicReference<Object> a, Object b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicReference.class, "set", b);
        } else {
            a.set(b);
        }
    }

    public static void lazySet(AtomicReference<Object> a, Object b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicReference.class, "lazySet", b);
        } else {
            a.lazySet(b);
        }
    }

    public static boolean compareAndSet(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicReference.class, "compareAndSet", b, c)
            : a.compareAndSet(b, c);
    }

    public static boolean weakCompareAndSet(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicReference.class, "weakCompareAndSet", b, c)
            : a.weakCompareAndSet(b, c);
    }

    public static boolean weakCompareAndSetPlain(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicReference.class, "weakCompareAndSetPlain", b, c)
            : a.weakCompareAndSetPlain(b, c);
    }

    public static Object getAndSet(AtomicReference<Object> a, Object b) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "getAndSet", b) : a.getAndSet(b);
    }

    public static Object getAndUpdate(AtomicReference<Object> a, UnaryOperator<Object> b) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "getAndUpdate", b) : a.getAndUpdate(b);
    }

    public static Object updateAndGet(AtomicReference<Object> a, UnaryOperator<Object> b) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "updateAndGet", b) : a.updateAndGet(b);
    }

    public static Object getAndAccumulate(AtomicReference<Object> a, Object b,
            BinaryOperator<Object> c) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "getAndAccumulate", b, c)
            : a.getAndAccumulate(b, c);
    }

    public static Object accumulateAndGet(AtomicReference<Object> a, Object b,
            BinaryOperator<Object> c) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "accumulateAndGet", b, c)
            : a.accumulateAndGet(b, c);
    }

    public static Object getPlain(AtomicReference<Object> a) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "getPlain") : a.getPlain();
    }

    public static void setPlain(AtomicReference<Object> a, Object b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicReference.class, "setPlain", b);
        } else {
            a.setPlain(b);
        }
    }

    public static Object getOpaque(AtomicReference<Object> a) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "getOpaque") : a.getOpaque();
    }

    public static void setOpaque(AtomicReference<Object> a, Object b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicReference.class, "setOpaque", b);
        } else {
            a.setOpaque(b);
        }
    }

    public static Object getAcquire(AtomicReference<Object> a) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "getAcquire") : a.getAcquire();
    }

    public static void setRelease(AtomicReference<Object> a, Object b) throws Throwable {
        if (a instanceof PinnedStub) {
            home(a, AtomicReference.class, "setRelease", b);
        } else {
            a.setRelease(b);
        }
    }

    public static Object compareAndExchange(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "compareAndExchange", b, c)
            : a.compareAndExchange(b, c);
    }

    public static Object compareAndExchangeAcquire(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "compareAndExchangeAcquire", b, c)
            : a.compareAndExchangeAcquire(b, c);
    }

    public static Object compareAndExchangeRelease(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? home(a, AtomicReference.class, "compareAndExchangeRelease", b, c)
            : a.compareAndExchangeRelease(b, c);
    }

    public static boolean weakCompareAndSetVolatile(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicReference.class, "weakCompareAndSetVolatile", b, c)
            : a.weakCompareAndSetVolatile(b, c);
    }

    public static boolean weakCompareAndSetAcquire(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicReference.class, "weakCompareAndSetAcquire", b, c)
            : a.weakCompareAndSetAcquire(b, c);
    }

    public static boolean weakCompareAndSetRelease(AtomicReference<Object> a, Object b, Object c) throws Throwable {
        return a instanceof PinnedStub ? (boolean) home(a, AtomicReference.class, "weakCompareAndSetRelease", b, c)
            : a.weakCompareAndSetRelease(b, c);
    }
}
