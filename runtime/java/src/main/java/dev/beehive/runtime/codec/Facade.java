// What the stand-in of a pinned object looks like on a worker: which class it extends and what else it implements.
// Mostly it extends the object's own class. A private class of the JDK or a hidden class is only ever used under the name
// of something public, so there the stand-in extends or implements that.
package dev.beehive.runtime.codec;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The look of one class.
 *
 * @param superclass nearest class that can be extended, so that every call can be overridden
 * @param interfaces what the object implements besides
 */
record Facade(Class<?> superclass, List<Class<?>> interfaces) {
    private static final ClassValue<Facade> OF = new ClassValue<>() {
        @Override
        protected Facade computeValue(Class<?> type) {
            return choose(type);
        }
    };
    /** Final methods of these are called through Atomics, or only tell how many threads wait. */
    private static final Set<String> FINAL_METHODS_KNOWN = Set.of("java.util.concurrent.atomic.AtomicInteger",
        "java.util.concurrent.atomic.AtomicLong", "java.util.concurrent.atomic.AtomicBoolean",
        "java.util.concurrent.atomic.AtomicReference", "java.util.concurrent.locks.ReentrantLock",
        "java.util.concurrent.locks.ReentrantReadWriteLock", "java.util.concurrent.Semaphore");

    /** Nearly always held as the Set that `newKeySet` is known as; a worker refuses it where its own name is expected. */
    private static final String KEY_SET = "java.util.concurrent.ConcurrentHashMap$KeySetView";

    static Facade of(Class<?> type) {
        return OF.get(type);
    }

    /** False for a class that its users could tell from the stand-in. */
    boolean isPossible() {
        return superclass != Object.class || !interfaces.isEmpty();
    }

    private static Facade choose(Class<?> type) {
        if (type.getName().equals(KEY_SET)) {
            return new Facade(Object.class, List.of(Set.class));
        }
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        Class<?> base = type;
        while (base != Object.class && !canBeExtended(base)) {
            if (canBeNamed(base) && !WorkerNative.includes(base) || base.isHidden() && isKnownAsPrivate(base)) {
                return new Facade(Object.class, List.of());
            }
            addPublic(base.getInterfaces(), interfaces);
            base = base.getSuperclass();
        }
        return new Facade(base, new ArrayList<>(interfaces));
    }

    /** Whether the application can know the class by its own name. */
    private static boolean canBeNamed(Class<?> type) {
        boolean inside = ClassOrigin.isJdk(type) && !type.getModule().isExported(type.getPackageName());
        return Modifier.isPublic(type.getModifiers()) && !type.isHidden() && !Proxy.isProxyClass(type) && !inside;
    }

    /** A lambda of the JDK's that is held under the name of an interface which nobody else can implement. */
    private static boolean isKnownAsPrivate(Class<?> hidden) {
        return Arrays.stream(hidden.getInterfaces()).anyMatch(each -> !Modifier.isPublic(each.getModifiers()) && ClassOrigin.isJdk(each));
    }

    private static void addPublic(Class<?>[] candidates, Set<Class<?>> into) {
        for (Class<?> each : candidates) {
            if (Modifier.isPublic(each.getModifiers()) && !each.isSealed()) {
                into.add(each);
            } else {
                addPublic(each.getInterfaces(), into);
            }
        }
    }

    private static boolean canBeExtended(Class<?> type) {
        if (WorkerNative.includes(type)) {
            // Its initialiser is the worker's own and would run while a message is read.
            return false;
        }
        boolean special = type.isHidden() || type.isSealed() || type.isRecord() || Proxy.isProxyClass(type)
            || type == Proxy.class;
        if (special || !ClassOrigin.isJdk(type)) {
            // A worker's application classes and their methods are not final: the rewriting sees to it.
            return !special;
        }
        return !Modifier.isFinal(type.getModifiers()) && !hasFinalMethods(type) && isOpen(type);
    }

    /** The runtime can extend what is exported, and all of java.base. */
    private static boolean isOpen(Class<?> type) {
        Module its = type.getModule();
        return its == Object.class.getModule() || its.isExported(type.getPackageName());
    }

    private static boolean hasFinalMethods(Class<?> type) {
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            boolean known = FINAL_METHODS_KNOWN.contains(c.getName())
                || c.getName().equals("java.util.concurrent.locks.AbstractQueuedSynchronizer");
            for (Method method : known ? new Method[0] : c.getDeclaredMethods()) {
                int modifiers = method.getModifiers();
                if (Modifier.isFinal(modifiers) && Modifier.isPublic(modifiers) && !Modifier.isStatic(modifiers)) {
                    return true;
                }
            }
        }
        return false;
    }
}
