// What handles of instance fields do before they act on a worker: the object must be here, and where an atomic or volatile
// access would pass the other JVM by, it must be the worker's own.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Modifier;

/** For handles that come from home and those that code on the worker makes. */
public final class FieldHandles {
    private static final MethodType OF_OBJECT = MethodType.methodType(Object.class, StubMaker.class, Object.class);
    private static final MethodType FILTERING = MethodType.methodType(VarHandle.class, VarHandle.class, int.class,
        MethodHandle[].class);
    private static final MethodHandle UNSHARED = own("unshared");
    private static final MethodHandle LOOKED = own("looked");

    private FieldHandles() {
    }

    private static MethodHandle own(String name) {
        try {
            return MethodHandles.lookup().findStatic(FieldHandles.class, name, OF_OBJECT);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The object that an instruction may work on because nobody else sees it. */
    static Object unshared(StubMaker worker, Object target) {
        if (target != null && worker.isShared(target)) {
            String what = "a field or element of a " + target.getClass().getName();
            throw worker.refuse(OffloadRefused.Code.OFFLOAD_RAW_CAS.name(), what);
        }
        return target;
    }

    /** The object of which a field is about to be read or written: it must be here. */
    static Object looked(StubMaker worker, Object target) {
        worker.look(target);
        return target;
    }

    /** A getter or setter as it may be used on a worker; any other handle as it is. */
    public static MethodHandle looking(MethodHandle access, StubMaker worker) {
        MethodHandleInfo field = TrustedLookup.fieldOf(access);
        if (field == null) {
            return access;
        }
        MethodHandle check = Modifier.isVolatile(field.getModifiers()) ? UNSHARED : LOOKED;
        Class<?> holder = access.type().parameterType(0);
        return MethodHandles.filterArguments(access, 0, check.bindTo(worker).asType(MethodType.methodType(holder, holder)));
    }

    /** A handle of an instance field or of elements that acts only on what is the worker's own. */
    public static VarHandle checked(VarHandle handle, StubMaker worker) throws ReflectiveOperationException {
        Class<?> holder = handle.coordinateTypes().get(0);
        MethodHandle check = UNSHARED.bindTo(worker).asType(MethodType.methodType(holder, holder));
        return adapted("filterCoordinates", FILTERING, handle, 0, new MethodHandle[] {check});
    }

    /** The JDK's adapters, which are public from 22 on. */
    static VarHandle adapted(String adapter, MethodType type, VarHandle handle, int at, Object parts)
            throws ReflectiveOperationException {
        try {
            Class<?> adapters = Class.forName("java.lang.invoke.VarHandles");
            MethodHandle found = TrustedLookup.in(adapters).findStatic(adapters, adapter, type).asFixedArity();
            return (VarHandle) found.invoke(handle, at, parts);
        } catch (ReflectiveOperationException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
