// A stand-in for the runtime's hook, without a home: statics are made by running the initialiser that the
// rewriter kept, and an object becomes a shell when a program asks for it (Shells.hollow).
package dev.beehive.runtime.hook;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.IdentityHashMap;
import java.util.Map;

public final class Barrier {
    private static final Map<Object, Map<Field, Object>> SHELLS = new IdentityHashMap<>();
    public static int filled;
    public static int acquired;
    public static int released;

    private Barrier() {}

    public static void read(Object object, int handle) {
        if (handle < 0) {
            fill(object);
        }
    }

    public static void read(Object object) {
        if (object != null) {
            fill(object);
        }
    }

    private static synchronized void fill(Object object) {
        Map<Field, Object> values = SHELLS.remove(object);
        if (values != null) {
            values.forEach((field, value) -> put(field, object, value));
            filled++;
        }
    }

    /** Takes the contents of a rewritten object away until it is looked at. */
    public static synchronized void hollow(Object object) {
        if (SHELLS.containsKey(object)) {
            return;
        }
        Map<Field, Object> values = new IdentityHashMap<>();
        Field state = null;
        for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    continue;
                }
                field.setAccessible(true);
                if (field.getName().equals("$bh")) {
                    state = field;
                } else {
                    values.put(field, get(field, object));
                }
            }
        }
        if (state == null) {
            return;
        }
        values.put(state, 0);
        SHELLS.put(object, values);
        for (Field field : values.keySet()) {
            put(field, object, field == state ? (Object) (-1) : zero(field.getType()));
        }
    }

    public static void statics(int state, Class<?> type) throws Throwable {
        if (state < 0) {
            statics(type);
        }
    }

    public static void statics(Class<?> type) throws Throwable {
        if (type.getSuperclass() != null && type.getSuperclass().getClassLoader() != null) {
            statics(type.getSuperclass());
        }
        for (Field field : type.getDeclaredFields()) {
            if (!field.getName().equals("$bhs")) {
                continue;
            }
            field.setAccessible(true);
            if (field.getInt(null) < 0) {
                field.setInt(null, 0);
                for (Method method : type.getDeclaredMethods()) {
                    if (method.getName().equals("$bhinit")) {
                        method.setAccessible(true);
                        method.invoke(null);
                    }
                }
            }
        }
    }

    public static void acquire(Object holder) {
        holder.hashCode();
        acquired++;
    }

    public static void release(Object holder) {
        holder.hashCode();
        released++;
    }

    public static Class<?> classOf(Object object) {
        return object.getClass();
    }

    private static Object get(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static void put(Field field, Object object, Object value) {
        try {
            field.set(object, value);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Object zero(Class<?> type) {
        return type.isPrimitive() ? java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(type, 1), 0) : null;
    }
}
