// A stand-in for the runtime's hook: looks at what a reflective access touches.
package dev.beehive.runtime.hook;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

public final class Reflected {
    private Reflected() {}

    public static void look(Field field, Object holder) throws Throwable {
        if (Modifier.isStatic(field.getModifiers())) {
            Barrier.statics(field.getDeclaringClass());
        } else {
            Barrier.read(holder);
        }
    }

    public static VarHandle findStaticVarHandle(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        Barrier.statics(holder);
        return lookup.findStaticVarHandle(holder, name, type);
    }

    public static MethodHandle findStaticGetter(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        Barrier.statics(holder);
        return lookup.findStaticGetter(holder, name, type);
    }

    public static MethodHandle unreflectGetter(MethodHandles.Lookup lookup, Field field) throws Throwable {
        look(field, null);
        return lookup.unreflectGetter(field);
    }

    public static void writeObject(ObjectOutputStream out, Object object) throws IOException {
        Barrier.read(object);
        out.writeObject(object);
    }

    public static void writeUnshared(ObjectOutputStream out, Object object) throws IOException {
        Barrier.read(object);
        out.writeUnshared(object);
    }
}
