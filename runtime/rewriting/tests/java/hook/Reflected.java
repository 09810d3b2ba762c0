// A stand-in for the runtime's hook: looks at what a reflective access touches.
package dev.beehive.runtime.hook;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

public final class Reflected {
    private Reflected() {}

    public static void look(Field field, Object holder) throws Throwable {
        if (Modifier.isStatic(field.getModifiers())) {
            Barrier.statics(field.getDeclaringClass());
        } else {
            Barrier.read(holder);
        }
    }

    public static Field[] getDeclaredFields(Class<?> type) {
        return own(type.getDeclaredFields());
    }

    public static Field[] getFields(Class<?> type) {
        return own(type.getFields());
    }

    public static Method[] getDeclaredMethods(Class<?> type) {
        return own(type.getDeclaredMethods());
    }

    public static Method[] getMethods(Class<?> type) {
        return own(type.getMethods());
    }

    private static <M extends Member> M[] own(M[] all) {
        int kept = 0;
        for (M each : all) {
            boolean added = each.getName().startsWith("$bh") || each.getName().equals("serialVersionUID");
            if (!each.isSynthetic() || !added) {
                all[kept++] = each;
            }
        }
        return kept == all.length ? all : Arrays.copyOf(all, kept);
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
        if (!Modifier.isStatic(field.getModifiers())) {
            return looking(lookup.unreflectGetter(field));
        }
        look(field, null);
        return lookup.unreflectGetter(field);
    }

    public static MethodHandle findGetter(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        return looking(lookup.findGetter(holder, name, type));
    }

    public static MethodHandle findSetter(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        return looking(lookup.findSetter(holder, name, type));
    }

    private static MethodHandle looking(MethodHandle access) throws Throwable {
        Class<?> holder = access.type().parameterType(0);
        MethodHandle look = MethodHandles.lookup().findStatic(Reflected.class, "looked",
            MethodType.methodType(Object.class, Object.class));
        return MethodHandles.filterArguments(access, 0, look.asType(MethodType.methodType(holder, holder)));
    }

    public static Object looked(Object object) {
        Barrier.read(object);
        return object;
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
