// Thread-locals that a root removes and asks for again, as some frameworks do several times in each call: their next value
// is made here by the supplier that home would run. Home hears of it only if it is left there at the end.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.InitialValue;
import dev.beehive.runtime.offload.WorkerConnection;
import java.lang.reflect.Method;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** One per worker; used by the serving thread. */
final class InitialValues implements AnsweredHere {
    private static final Method SUPPLIER_OF = supplierOf();

    private final Map<Object, Optional<Supplier<?>>> byStandIn = new IdentityHashMap<>();

    private static Method supplierOf() {
        try {
            return InitialValue.class.getMethod("supplierOf", ThreadLocal.class);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    void forgetsUnless(Predicate<Object> known) {
        byStandIn.keySet().removeIf(known.negate());
    }

    @Override
    public Object answer(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        boolean get = pinned instanceof ThreadLocal && method.getName().equals("get")
            && method.getDeclaringClass() == ThreadLocal.class;
        if (!get || !home.agreed().isAbsent(pinned)) {
            return NOT_HERE;
        }
        Optional<Supplier<?>> supplier = byStandIn.get(pinned);
        if (supplier == null) {
            supplier = Optional.ofNullable((Supplier<?>) home.callWithoutEffect(null, SUPPLIER_OF, new Object[] {pinned}));
            byStandIn.put(pinned, supplier);
        }
        if (supplier.isEmpty()) {
            return NOT_HERE;
        }
        Object value = supplier.get().get();
        home.agreed().begin(pinned, value);
        return value;
    }
}
