// All that an invokedynamic instruction says about a lambda, so that another JVM can link the same one.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.hook.LambdaSites;
import java.lang.invoke.CallSite;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of a bootstrap.
 *
 * @param name of the interface's method
 * @param factory captured values to the interface
 * @param method the interface's method, erased
 * @param kind of the reference to the implementation, as in MethodHandleInfo
 * @param dynamic the interface's method as used here
 * @param flags of altMetafactory, 0 for the plain one
 */
public record LambdaRecipe(Class<?> caller, String name, MethodType factory, MethodType method, int kind,
        Class<?> owner, String implementation, MethodType type, MethodType dynamic, int flags,
        List<Class<?>> markers, List<MethodType> bridges) {

    /** The recipe of a site; `flags`, `markers` and `bridges` as altMetafactory was given them. */
    public static LambdaRecipe of(MethodHandles.Lookup caller, String name, MethodType factory, MethodType method,
            MethodHandle implementation, MethodType dynamic, int flags, List<Class<?>> markers,
            List<MethodType> bridges) {
        MethodHandleInfo info = caller.revealDirect(implementation);
        return new LambdaRecipe(caller.lookupClass(), name, factory, method, info.getReferenceKind(),
            info.getDeclaringClass(), info.getName(), info.getMethodType(), dynamic, flags, markers, bridges);
    }

    /** Links the lambda and returns its hidden class. */
    Class<?> link(MethodHandles.Lookup lookup) throws Throwable {
        MethodHandle body = switch (kind) {
            case MethodHandleInfo.REF_invokeStatic -> lookup.findStatic(owner, implementation, type);
            case MethodHandleInfo.REF_newInvokeSpecial -> lookup.findConstructor(owner, type);
            case MethodHandleInfo.REF_invokeSpecial -> lookup.findSpecial(owner, implementation, type, caller);
            default -> {
                MethodHandle followed = LambdaSites.inPlaceOf(owner, implementation, type);
                yield followed == null ? lookup.findVirtual(owner, implementation, type) : followed;
            }
        };
        CallSite site = flags == 0 ? LambdaMetafactory.metafactory(lookup, name, factory, method, body, dynamic)
            : LambdaMetafactory.altMetafactory(lookup, name, factory, alternatives(body));
        return classOf(site, factory);
    }

    private Object[] alternatives(MethodHandle body) {
        List<Object> all = new ArrayList<>(List.of(method, body, dynamic, flags));
        if ((flags & LambdaMetafactory.FLAG_MARKERS) != 0) {
            all.add(markers.size());
            all.addAll(markers);
        }
        if ((flags & LambdaMetafactory.FLAG_BRIDGES) != 0) {
            all.add(bridges.size());
            all.addAll(bridges);
        }
        return all.toArray();
    }

    /** The class of what a site makes: found by making one, whose captured values are zero and null. */
    public static Class<?> classOf(CallSite site, MethodType factory) throws Throwable {
        Object[] nothing = new Object[factory.parameterCount()];
        for (int i = 0; i < nothing.length; i++) {
            Class<?> parameter = factory.parameterType(i);
            nothing[i] = parameter.isPrimitive() ? java.lang.reflect.Array.get(
                java.lang.reflect.Array.newInstance(parameter, 1), 0) : null;
        }
        return site.getTarget().invokeWithArguments(nothing).getClass();
    }

    void write(ClassWriter classes, MessageWriter out) throws OffloadRefused {
        classes.writeReference(caller);
        out.writeName(name);
        writeType(factory, classes, out);
        writeType(method, classes, out);
        out.writeUnsigned(kind);
        classes.writeReference(owner);
        out.writeName(implementation);
        writeType(type, classes, out);
        writeType(dynamic, classes, out);
        out.writeUnsigned(flags);
        out.writeUnsigned(markers.size());
        for (Class<?> each : markers) {
            classes.writeReference(each);
        }
        out.writeUnsigned(bridges.size());
        for (MethodType each : bridges) {
            writeType(each, classes, out);
        }
    }

    private static void writeType(MethodType type, ClassWriter classes, MessageWriter out) throws OffloadRefused {
        classes.writeReference(type.returnType());
        out.writeUnsigned(type.parameterCount());
        for (Class<?> each : type.parameterList()) {
            classes.writeReference(each);
        }
    }

    static LambdaRecipe read(ClassReader classes, MessageReader in) throws MalformedMessage {
        Class<?> caller = classes.readReference(in);
        String name = in.readName();
        MethodType factory = readType(classes, in);
        MethodType method = readType(classes, in);
        int kind = in.readUnsigned();
        Class<?> owner = classes.readReference(in);
        String implementation = in.readName();
        MethodType type = readType(classes, in);
        MethodType dynamic = readType(classes, in);
        int flags = in.readUnsigned();
        List<Class<?>> markers = new ArrayList<>();
        for (int i = in.readCount(1); i > 0; i--) {
            markers.add(classes.readReference(in));
        }
        List<MethodType> bridges = new ArrayList<>();
        for (int i = in.readCount(1); i > 0; i--) {
            bridges.add(readType(classes, in));
        }
        return new LambdaRecipe(caller, name, factory, method, kind, owner, implementation, type, dynamic, flags,
            markers, bridges);
    }

    private static MethodType readType(ClassReader classes, MessageReader in) throws MalformedMessage {
        Class<?> result = classes.readReference(in);
        Class<?>[] parameters = new Class<?>[in.readCount(1)];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = classes.readReference(in);
        }
        return MethodType.methodType(result, parameters);
    }
}
