// The JDK's own method-handle lookup, for questions that ordinary reflection answers only by loading other classes.
package dev.beehive.runtime.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/** Looks up members regardless of access. */
public final class TrustedLookup {
    private static final MethodHandles.Lookup LOOKUP = trusted();
    /** From 18 on, and up to 21. */
    private static final String[] CALLERS_OF_ANY = {"jdk.internal.reflect.DirectMethodHandleAccessor$NativeAccessor",
        "jdk.internal.reflect.NativeMethodAccessorImpl"};
    private static final MethodType RETURNS_INT = MethodType.methodType(int.class);
    private static final MethodHandle LOADED = special(ClassLoader.class, "findLoadedClass",
        MethodType.methodType(Class.class, String.class));

    private TrustedLookup() {
    }

    /** The class whose `hashCode` instances of `type` run. */
    public static Class<?> declarerOfHashCode(Class<?> type) {
        try {
            MethodHandle handle = LOOKUP.in(type).findVirtual(type, "hashCode", RETURNS_INT);
            return LOOKUP.revealDirect(handle).getDeclaringClass();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A call of `declarer`'s own version of a method, also where subclasses override it. */
    public static MethodHandle special(Class<?> declarer, String name, MethodType type) {
        try {
            return LOOKUP.findSpecial(declarer, name, type, declarer);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedJvm(declarer.getName() + " has no method " + name);
        }
    }

    /** The class of this name that a loader has loaded, or has got from another; null if it has none yet. */
    public static Class<?> loaded(ClassLoader loader, String name) {
        try {
            return (Class<?>) LOADED.invokeExact(loader, name);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A lookup with the rights of a class itself. */
    public static MethodHandles.Lookup in(Class<?> type) {
        return LOOKUP.in(type);
    }

    /** A call of exactly this method, also where a subclass overrides it; takes the receiver first. */
    public static MethodHandle exactly(Method method) {
        try {
            Class<?> declarer = method.getDeclaringClass();
            return Modifier.isStatic(method.getModifiers()) ? LOOKUP.unreflect(method)
                : LOOKUP.unreflectSpecial(method, declarer);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A call of this method or of what overrides it; takes the receiver first, unless the method is static. */
    public static MethodHandle virtual(Method method) {
        try {
            return LOOKUP.unreflect(method);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The JVM's own way to call any method, without code made for it: takes the method, the receiver and the arguments.
     * What the method throws comes in an InvocationTargetException. Null in a JVM that does not have it where we know it.
     */
    public static MethodHandle callOfAny() {
        MethodType type = MethodType.methodType(Object.class, Method.class, Object.class, Object[].class);
        for (String holder : CALLERS_OF_ANY) {
            try {
                return LOOKUP.findStatic(Class.forName(holder), "invoke0", type);
            } catch (ReflectiveOperationException | LinkageError e) {
                continue;
            }
        }
        return null;
    }

    /** The method that a handle calls directly, as it is called by name; null for any other handle. */
    public static Method methodOf(MethodHandle handle) {
        try {
            MethodHandleInfo info = LOOKUP.revealDirect(handle);
            boolean byName = info.getReferenceKind() == MethodHandleInfo.REF_invokeVirtual
                || info.getReferenceKind() == MethodHandleInfo.REF_invokeInterface
                || info.getReferenceKind() == MethodHandleInfo.REF_invokeStatic;
            return byName && !handle.isVarargsCollector() ? info.reflectAs(Method.class, LOOKUP) : null;
        } catch (IllegalArgumentException | ClassCastException e) {
            return null;
        }
    }

    /** The field of an object that a handle reads or writes as it is, or null. */
    public static MethodHandleInfo fieldOf(MethodHandle handle) {
        try {
            MethodHandleInfo info = LOOKUP.revealDirect(handle);
            int kind = info.getReferenceKind();
            boolean plain = kind == MethodHandleInfo.REF_getField || kind == MethodHandleInfo.REF_putField;
            return plain ? info : null;
        } catch (IllegalArgumentException | ClassCastException e) {
            return null;
        }
    }

    /** Reads or writes a field of an object. */
    public static MethodHandle accessTo(Field field, boolean writes) throws IllegalAccessException {
        return writes ? LOOKUP.unreflectSetter(field) : LOOKUP.unreflectGetter(field);
    }

    /** The field that a handle is one of. */
    public static Field reflected(MethodHandleInfo field) {
        return field.reflectAs(Field.class, LOOKUP);
    }

    /** Lets a module use classes of the boot class path that are in no module, as this runtime is. */
    public static void letReadUnnamed(Module module) {
        try {
            LOOKUP.findVirtual(Module.class, "implAddReadsAllUnnamed", MethodType.methodType(void.class))
                .invokeExact(module);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandles.Lookup trusted() {
        try {
            Field field = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
            return (MethodHandles.Lookup) Memory.getReference(Memory.staticsOf(field), Memory.offsetOf(field));
        } catch (NoSuchFieldException e) {
            throw new UnsupportedJvm("no trusted method-handle lookup");
        }
    }
}
