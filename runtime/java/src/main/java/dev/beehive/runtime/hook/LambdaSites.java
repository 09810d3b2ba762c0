// Bootstraps of rewritten classes, on both sides: link the lambda as the JDK does, and remember how, so that the other
// side can be told. What cannot be remembered stays a lambda like any other, and does not travel.
package dev.beehive.runtime.hook;

import dev.beehive.runtime.codec.LambdaRecipe;
import dev.beehive.runtime.codec.Lambdas;
import java.lang.invoke.CallSite;
import java.lang.invoke.LambdaConversionException;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The same descriptors as LambdaMetafactory's. */
public final class LambdaSites {
    private static final AtomicLong UNRECORDED = new AtomicLong();

    private LambdaSites() {
    }

    /** Lambdas that have been linked without being remembered. */
    public static long unrecorded() {
        return UNRECORDED.get();
    }

    /** As LambdaMetafactory.metafactory. */
    public static CallSite metafactory(MethodHandles.Lookup caller, String name, MethodType factory,
            MethodType method, MethodHandle implementation, MethodType dynamic) throws LambdaConversionException {
        MethodHandle body = followed(caller, implementation);
        CallSite site = LambdaMetafactory.metafactory(caller, name, factory, method, body, dynamic);
        record(site, caller, name, factory, new Object[] {method, implementation, dynamic, 0});
        return site;
    }

    /** As LambdaMetafactory.altMetafactory. */
    public static CallSite altMetafactory(MethodHandles.Lookup caller, String name, MethodType factory,
            Object... arguments) throws LambdaConversionException {
        Object[] followed = arguments.clone();
        followed[1] = followed(caller, (MethodHandle) arguments[1]);
        CallSite site = LambdaMetafactory.altMetafactory(caller, name, factory, followed);
        record(site, caller, name, factory, arguments);
        return site;
    }

    /** On a worker a reference to a method that stand-ins cannot override becomes one to what is called in its place. */
    private static MethodHandle followed(MethodHandles.Lookup caller, MethodHandle implementation) {
        if (!Hooks.isWorker()) {
            return implementation;
        }
        MethodHandleInfo info = caller.revealDirect(implementation);
        HostEffects.reference(info.getDeclaringClass(), info.getName());
        boolean virtual = info.getReferenceKind() == MethodHandleInfo.REF_invokeVirtual;
        MethodHandle other = virtual ? inPlaceOf(info.getDeclaringClass(), info.getName(), info.getMethodType()) : null;
        return other == null ? implementation : other;
    }

    /** The same for a lambda that is linked as home has told; null when there is nothing to follow. */
    public static MethodHandle inPlaceOf(Class<?> owner, String name, MethodType type) {
        if (!Hooks.isWorker()) {
            return null;
        }
        try {
            MethodHandle other = Atomics.inPlaceOf(owner, name, type);
            other = other == null ? Reflected.inPlaceOf(owner, name, type) : other;
            return other == null ? Scoped.inPlaceOf(owner, name, type) : other;
        } catch (ReflectiveOperationException e) {
            // Not a final one: a stand-in has its own.
            return null;
        }
    }

    private static void record(CallSite site, MethodHandles.Lookup caller, String name, MethodType factory,
            Object[] arguments) {
        try {
            int flags = (Integer) arguments[3];
            int at = 4;
            List<Class<?>> markers = new ArrayList<>();
            if ((flags & LambdaMetafactory.FLAG_MARKERS) != 0) {
                for (int left = (Integer) arguments[at++]; left > 0; left--) {
                    markers.add((Class<?>) arguments[at++]);
                }
            }
            List<MethodType> bridges = new ArrayList<>();
            if ((flags & LambdaMetafactory.FLAG_BRIDGES) != 0) {
                for (int left = (Integer) arguments[at++]; left > 0; left--) {
                    bridges.add((MethodType) arguments[at++]);
                }
            }
            Lambdas.record(LambdaRecipe.classOf(site, factory), LambdaRecipe.of(caller, name, factory,
                (MethodType) arguments[0], (MethodHandle) arguments[1], (MethodType) arguments[2], flags, markers,
                bridges));
        } catch (Throwable e) {
            // The application's lambda is right in any case.
            UNRECORDED.incrementAndGet();
        }
    }
}
