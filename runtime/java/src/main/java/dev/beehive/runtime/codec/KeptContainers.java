// Collections and maps of the JDK's that hold what cannot travel, as a map from threads does: where the request would fail
// otherwise, such a one stays at home from then on, with its views and iterators, and the worker calls it there. Its users
// may never look at what kept it from travelling.
package dev.beehive.runtime.codec;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;

/** Of one connection; instances, not classes. */
final class KeptContainers {
    private static final Set<OffloadRefused.Code> REASONS = Set.of(OffloadRefused.Code.OFFLOAD_HIDDEN_CLASS,
        OffloadRefused.Code.OFFLOAD_HOST_RESOURCE, OffloadRefused.Code.OFFLOAD_NATIVE_STATE,
        OffloadRefused.Code.OFFLOAD_LOADER, OffloadRefused.Code.OFFLOAD_PINNED_FINAL);

    /** Known by identity, and no longer than it lives. */
    private static final class Held extends WeakReference<Object> {
        private final int code;

        Held(Object object, ReferenceQueue<Object> gone) {
            super(object, gone);
            code = System.identityHashCode(object);
        }

        @Override
        public int hashCode() {
            return code;
        }

        @Override
        public boolean equals(Object other) {
            Object mine = get();
            return this == other || mine != null && other instanceof Held held && held.refersTo(mine);
        }
    }

    private final Set<Held> held = new HashSet<>();
    private final ReferenceQueue<Object> gone = new ReferenceQueue<>();

    /** Keeps the container that the refused object was found in; false if there is none, or it is kept already. */
    boolean add(OffloadRefused refused) {
        Object container = refused.container();
        return container != null && REASONS.contains(refused.code()) && keep(container);
    }

    private boolean keep(Object object) {
        for (Reference<?> each = gone.poll(); each != null; each = gone.poll()) {
            held.remove(each);
        }
        return held.add(new Held(object, gone));
    }

    /** Whether an object may be kept at home so. */
    static boolean mayBeKept(Object object) {
        Class<?> type = object.getClass();
        boolean contains = object instanceof Collection || object instanceof Map;
        return contains && ClassOrigin.isJdk(type) && !Shapes.of(type).has(Shape.STAYS) && Facade.of(type).isPossible();
    }

    /** An entry leads to its neighbours: one that a call on a container has brought stays with it. */
    void called(Object target, Object result) {
        boolean entry = result instanceof Map.Entry && ClassOrigin.isJdk(result.getClass());
        if (entry && !held.isEmpty() && holds(target)) {
            keep(result);
        }
    }

    boolean include(Object object, Shape shape) {
        if (held.isEmpty() || !ClassOrigin.isJdk(shape.type())) {
            return false;
        }
        // A view has views itself.
        return holds(object) || isView(object) && refersToOne(object, shape) && keep(object);
    }

    private boolean holds(Object object) {
        return held.contains(new Held(object, null));
    }

    /** What looks into a container by its fields, past the methods that a stand-in has. */
    private static boolean isView(Object object) {
        boolean looks = object instanceof Collection || object instanceof Map || object instanceof Iterator
            || object instanceof Spliterator || object instanceof Enumeration;
        return looks && object.getClass().getNestHost() != object.getClass();
    }

    private boolean refersToOne(Object view, Shape shape) {
        boolean[] found = new boolean[1];
        shape.visit(view, (target, field, index) -> found[0] |= field != null && holds(target));
        return found[0];
    }
}
