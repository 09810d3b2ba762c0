// Fields that rewritten classes of a worker reach without naming them: by reflection, by handles of static fields, and
// by serialization. The look that a field access by name gets, these get here.
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
import java.util.Set;

/**
 * Static twins of the methods of Field, Lookup and ObjectOutputStream, with the receiver first. Called by rewritten code
 * only.
 */
public final class Reflected {
    /** Begins the names of members that rewritten classes have besides their own. */
    private static final String ADDED = "$bh";
    /** One of these, too, where the class names none itself. */
    private static final String VERSION = "serialVersionUID";
    private static final Set<String> LISTS = Set.of("getDeclaredFields", "getFields", "getDeclaredMethods", "getMethods");

    private Reflected() {
    }

    /** What a method reference to one of Class's methods becomes; null when it is none of these. */
    static MethodHandle inPlaceOf(Class<?> owner, String name, MethodType type) throws ReflectiveOperationException {
        boolean lists = owner == Class.class && LISTS.contains(name);
        return lists ? MethodHandles.lookup().findStatic(Reflected.class, name, type.insertParameterTypes(0, owner)) : null;
    }

    /** Before a field is read or written by reflection: what holds it is looked at. */
    public static void look(Field field, Object holder) throws Throwable {
        if (!lookIfStatic(field)) {
            Barrier.read(holder);
        }
    }

    public static Object get(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.get(holder);
    }

    public static void set(Field field, Object holder, Object value) throws Throwable {
        look(field, holder);
        field.set(holder, value);
    }

    public static boolean getBoolean(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getBoolean(holder);
    }

    public static void setBoolean(Field field, Object holder, boolean value) throws Throwable {
        look(field, holder);
        field.setBoolean(holder, value);
    }

    public static byte getByte(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getByte(holder);
    }

    public static void setByte(Field field, Object holder, byte value) throws Throwable {
        look(field, holder);
        field.setByte(holder, value);
    }

    public static char getChar(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getChar(holder);
    }

    public static void setChar(Field field, Object holder, char value) throws Throwable {
        look(field, holder);
        field.setChar(holder, value);
    }

    public static short getShort(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getShort(holder);
    }

    public static void setShort(Field field, Object holder, short value) throws Throwable {
        look(field, holder);
        field.setShort(holder, value);
    }

    public static int getInt(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getInt(holder);
    }

    public static void setInt(Field field, Object holder, int value) throws Throwable {
        look(field, holder);
        field.setInt(holder, value);
    }

    public static long getLong(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getLong(holder);
    }

    public static void setLong(Field field, Object holder, long value) throws Throwable {
        look(field, holder);
        field.setLong(holder, value);
    }

    public static float getFloat(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getFloat(holder);
    }

    public static void setFloat(Field field, Object holder, float value) throws Throwable {
        look(field, holder);
        field.setFloat(holder, value);
    }

    public static double getDouble(Field field, Object holder) throws Throwable {
        look(field, holder);
        return field.getDouble(holder);
    }

    public static void setDouble(Field field, Object holder, double value) throws Throwable {
        look(field, holder);
        field.setDouble(holder, value);
    }

    /** A handle of a static field is used without a barrier: the fields are here before it is. */
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

    public static MethodHandle findStaticSetter(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        Barrier.statics(holder);
        return lookup.findStaticSetter(holder, name, type);
    }

    /** A handle of an instance field looks at the object each time, or keeps off what home knows. */
    public static VarHandle findVarHandle(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        return checked(lookup.findVarHandle(holder, name, type));
    }

    public static MethodHandle findGetter(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        return looking(lookup.findGetter(holder, name, type));
    }

    public static MethodHandle findSetter(MethodHandles.Lookup lookup, Class<?> holder, String name, Class<?> type)
            throws Throwable {
        return looking(lookup.findSetter(holder, name, type));
    }

    public static VarHandle unreflectVarHandle(MethodHandles.Lookup lookup, Field field) throws Throwable {
        VarHandle handle = lookup.unreflectVarHandle(field);
        return lookIfStatic(field) ? handle : checked(handle);
    }

    public static MethodHandle unreflectGetter(MethodHandles.Lookup lookup, Field field) throws Throwable {
        MethodHandle handle = lookup.unreflectGetter(field);
        return lookIfStatic(field) ? handle : looking(handle);
    }

    public static MethodHandle unreflectSetter(MethodHandles.Lookup lookup, Field field) throws Throwable {
        MethodHandle handle = lookup.unreflectSetter(field);
        return lookIfStatic(field) ? handle : looking(handle);
    }

    /** As {@link Class#getDeclaredFields}, without those that the rewriting has added. */
    public static Field[] getDeclaredFields(Class<?> type) {
        return own(type.getDeclaredFields());
    }

    /** As {@link Class#getFields}. */
    public static Field[] getFields(Class<?> type) {
        return own(type.getFields());
    }

    /** As {@link Class#getDeclaredMethods}. */
    public static Method[] getDeclaredMethods(Class<?> type) {
        return own(type.getDeclaredMethods());
    }

    /** As {@link Class#getMethods}. */
    public static Method[] getMethods(Class<?> type) {
        return own(type.getMethods());
    }

    private static <M extends Member> M[] own(M[] all) {
        int kept = 0;
        for (M each : all) {
            boolean added = each.getName().startsWith(ADDED) || each.getName().equals(VERSION);
            if (!each.isSynthetic() || !added) {
                all[kept++] = each;
            }
        }
        return kept == all.length ? all : Arrays.copyOf(all, kept);
    }

    private static MethodHandle looking(MethodHandle access) {
        return Hooks.isWorker() ? Hooks.current().looking(access) : access;
    }

    private static VarHandle checked(VarHandle handle) throws ReflectiveOperationException {
        return Hooks.isWorker() ? Hooks.current().checked(handle) : handle;
    }

    private static boolean lookIfStatic(Field field) throws Throwable {
        boolean isStatic = Modifier.isStatic(field.getModifiers());
        if (isStatic) {
            Barrier.statics(field.getDeclaringClass());
        }
        return isStatic;
    }

    /** Serialization reads all fields of all that can be reached: everything must be here first. */
    public static void writeObject(ObjectOutputStream out, Object object) throws IOException {
        if (Hooks.isWorker()) {
            Hooks.current().fetchAll(object);
        }
        out.writeObject(object);
    }

    /** As {@link #writeObject}. */
    public static void writeUnshared(ObjectOutputStream out, Object object) throws IOException {
        if (Hooks.isWorker()) {
            Hooks.current().fetchAll(object);
        }
        out.writeUnshared(object);
    }
}
