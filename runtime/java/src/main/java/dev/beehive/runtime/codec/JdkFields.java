// Offsets of private fields of JDK classes that a shape handles by name. Looked up once; a JVM without them is refused.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.UnsupportedJvm;
import java.lang.reflect.Field;

/** Finds fields that 17 and 25 both have. */
final class JdkFields {
    private JdkFields() {
    }

    static Field field(Class<?> declarer, String name) {
        try {
            return declarer.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            throw new UnsupportedJvm(declarer.getName() + " has no field " + name);
        }
    }

    static long offset(Class<?> declarer, String name) {
        return Memory.offsetOf(field(declarer, name));
    }

    /** A flag of an object, wherever in its class's line it is declared. */
    static boolean isTrue(Object object, String name) {
        Class<?> declarer = object.getClass();
        while (!has(declarer, name) && declarer != Object.class) {
            declarer = declarer.getSuperclass();
        }
        return Memory.getByte(object, offset(declarer, name)) != 0;
    }

    static boolean has(Class<?> declarer, String name) {
        try {
            return declarer.getDeclaredField(name) != null;
        } catch (NoSuchFieldException e) {
            return false;
        }
    }

    /** The value of a static field. */
    static Object constant(Class<?> declarer, String name) {
        Field field = field(declarer, name);
        return Memory.getReference(Memory.staticsOf(field), Memory.offsetOf(field));
    }

    static Class<?> nested(Class<?> host, String name) {
        try {
            return Class.forName(host.getName() + "$" + name, false, host.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new UnsupportedJvm(host.getName() + " has no nested class " + name);
        }
    }
}
