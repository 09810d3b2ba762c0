// How a thread-local of ThreadLocal.withInitial makes its first value, for a worker that is to make one itself.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.Lambdas;
import dev.beehive.runtime.memory.Memory;
import java.util.function.Supplier;

/** Asked by workers at home. */
public final class InitialValue {
    private static final Class<?> WITH_SUPPLIER = ThreadLocal.withInitial(() -> null).getClass();
    private static final long NONE = -1;
    private static final long OFFSET = offset();

    private InitialValue() {
    }

    private static long offset() {
        try {
            return Memory.offsetOf(WITH_SUPPLIER.getDeclaredField("supplier"));
        } catch (NoSuchFieldException e) {
            return NONE;
        }
    }

    /** The supplier, if it is the same wherever it runs; null otherwise: the value has to be made at home. */
    public static Supplier<?> supplierOf(ThreadLocal<?> local) {
        boolean has = OFFSET != NONE && local.getClass() == WITH_SUPPLIER;
        Object supplier = has ? Memory.getReference(local, OFFSET) : null;
        return supplier instanceof Supplier<?> its && Lambdas.isStateless(its) ? its : null;
    }
}
