// Walks through concurrent collections at home: their elements come with one call, and again only when they have changed.
// Between two sync points they are those of before, as a worker sees what others do at sync points only. Iterators here
// remove as those at home do, by the key; where there is none, the invocation ends, and this worker asks element by element.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.memory.TrustedLookup;
import dev.beehive.runtime.memory.UnsupportedJvm;
import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.CallFlags;
import dev.beehive.runtime.offload.Walk;
import dev.beehive.runtime.offload.WorkerConnection;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** Used by the serving thread. */
@SuppressWarnings("unchecked")
final class Walks implements AnsweredHere {
    /** A loop that waits for another element must come to a sync point some time. */
    private static final int USES_MAX = 1_000;
    private static final int KNOWN_MAX = 500;
    private static final Map<String, Integer> VIEWS = Map.of("keySet", Walk.KEYS, "values", Walk.VALUES, "entrySet", Walk.ENTRIES);
    private static final Set<String> WALKING = Set.of("iterator", "forEach", "stream", "parallelStream", "spliterator", "toArray");
    private static final Method THROUGH = through();
    private static final MethodHandle ENTRY = entry();

    /** Something at home, or a part of it. */
    private static final class Walked {
        private final Object source;
        private final int part;
        private Object[] elements;
        private int turn;
        private int uses;
        private boolean isOther;

        Walked(Object source, int part) {
            this.source = source;
            this.part = part;
        }
    }

    /** By stand-in: of a collection, or of a map's view. */
    private final Map<Object, Walked> known = new IdentityHashMap<>();
    /** Stand-ins of views that a map has made, which are the same each time. */
    private final Map<Object, Object[]> views = new IdentityHashMap<>();
    private boolean off;

    private static Method through() {
        try {
            return Walk.class.getMethod("through", Object.class, int.class, Object[].class);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static MethodHandle entry() {
        try {
            Class<?> type = Class.forName("java.util.concurrent.ConcurrentHashMap$MapEntry");
            MethodType made = MethodType.methodType(void.class, Object.class, Object.class, ConcurrentHashMap.class);
            return TrustedLookup.in(type).findConstructor(type, made)
                .asType(MethodType.methodType(Map.Entry.class, Object.class, Object.class, ConcurrentHashMap.class));
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedJvm(e.toString());
        }
    }

    void forgets() {
        known.clear();
        views.clear();
    }

    void forgetsUnless(Predicate<Object> shared) {
        known.keySet().removeIf(shared.negate());
        views.keySet().removeIf(shared.negate());
    }

    /** Notes the view of a map that a call has brought. */
    void called(Object pinned, Method method, Object value) {
        Integer part = VIEWS.get(method.getName());
        if (part != null && value != null && method.getParameterCount() == 0 && isMap(pinned)) {
            if (known.size() > KNOWN_MAX) {
                forgets();
            }
            known.put(value, new Walked(pinned, part));
            views.computeIfAbsent(pinned, its -> new Object[VIEWS.size()])[part] = value;
        }
    }

    private static boolean isMap(Object pinned) {
        return pinned instanceof Map && Walk.isMap(pinned.getClass().getSuperclass());
    }

    @Override
    public Object answer(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        if (off || !(pinned instanceof Collection) && !(pinned instanceof Map)) {
            return NOT_HERE;
        }
        if (pinned instanceof Map) {
            return isMap(pinned) ? ofMap(home, pinned, method, arguments) : NOT_HERE;
        }
        if (!WALKING.contains(method.getName())) {
            return NOT_HERE;
        }
        Walked walked = walkedOf(pinned);
        Object[] elements = walked == null || walked.isOther ? null : elements(home, walked);
        return elements == null ? NOT_HERE : walk(home, walked, elements, method, arguments);
    }

    private Object ofMap(WorkerConnection home, Object map, Method method, Object[] arguments) throws Throwable {
        Integer part = arguments.length == 0 ? VIEWS.get(method.getName()) : null;
        if (part != null) {
            Object[] of = views.get(map);
            Object view = of == null ? null : of[part];
            return view != null && home.isShared(view) ? view : NOT_HERE;
        }
        if (!method.getName().equals("forEach") || arguments.length != 1 || !(arguments[0] instanceof BiConsumer)) {
            return NOT_HERE;
        }
        Object[] elements = elements(home, known.computeIfAbsent(map, its -> new Walked(map, Walk.ENTRIES)));
        if (elements == null) {
            return NOT_HERE;
        }
        for (int i = 0; i < elements.length; i += 2) {
            ((BiConsumer<Object, Object>) arguments[0]).accept(elements[i], elements[i + 1]);
        }
        return null;
    }

    /** Home knows what an object is of which there are only interfaces here. */
    private Walked walkedOf(Object pinned) {
        Walked walked = known.get(pinned);
        Class<?> type = pinned.getClass().getSuperclass();
        if (walked != null || type != Object.class && !Walk.isCollection(type)) {
            return walked;
        }
        walked = new Walked(pinned, Walk.ELEMENTS);
        known.put(pinned, walked);
        return walked;
    }

    private Object[] elements(WorkerConnection home, Walked walked) throws Throwable {
        boolean here = walked.elements != null && home.isShared(walked.elements);
        if (here && walked.turn == home.agreed().turn() && walked.uses++ < USES_MAX) {
            return walked.elements;
        }
        Object[] before = here ? walked.elements : null;
        walked.elements = (Object[]) home.call(CallFlags.SYNC, null, THROUGH, walked.source, walked.part, before);
        walked.turn = home.agreed().turn();
        walked.uses = 0;
        walked.isOther = walked.elements == null && walked.part == Walk.ELEMENTS;
        return walked.elements;
    }

    private Object walk(WorkerConnection home, Walked walked, Object[] elements, Method method, Object[] arguments)
            throws Throwable {
        List<Object> all = walked.part == Walk.ENTRIES ? entries(walked.source, elements) : Arrays.asList(elements);
        switch (method.getName()) {
            case "iterator":
                return new Steps(home, walked, all);
            case "forEach":
                all.forEach((Consumer<Object>) arguments[0]);
                return null;
            case "spliterator":
                return spliterator(walked, all);
            case "stream":
                return StreamSupport.stream(spliterator(walked, all), false);
            case "parallelStream":
                return StreamSupport.stream(spliterator(walked, all), true);
            default:
                return toArray(all, arguments);
        }
    }

    private static Object toArray(List<Object> all, Object[] arguments) {
        // Not the list's own array, which is not the caller's.
        List<Object> copy = new ArrayList<>(all);
        return arguments.length == 0 ? copy.toArray()
            : arguments[0] instanceof IntFunction<?> maker ? copy.toArray((IntFunction<Object[]>) maker) : copy.toArray((Object[]) arguments[0]);
    }

    /** As the collection's own, which tells its size only if it cannot change. */
    private static Spliterator<Object> spliterator(Walked walked, List<Object> all) {
        if (isCopyOnWrite(walked.source)) {
            return Spliterators.spliterator(all.toArray(), Spliterator.IMMUTABLE | Spliterator.ORDERED);
        }
        int distinct = walked.part == Walk.KEYS || walked.part == Walk.ENTRIES ? Spliterator.DISTINCT : 0;
        int ordered = walked.source instanceof ConcurrentHashMap || walked.source instanceof Set ? 0 : Spliterator.ORDERED;
        return Spliterators.spliteratorUnknownSize(all.iterator(), distinct | ordered | Spliterator.CONCURRENT | Spliterator.NONNULL);
    }

    private static boolean isCopyOnWrite(Object source) {
        return source instanceof CopyOnWriteArrayList || source instanceof CopyOnWriteArraySet;
    }

    /** Entries that write into the map, as the map's own. */
    private static List<Object> entries(Object map, Object[] elements) throws Throwable {
        List<Object> entries = new ArrayList<>(elements.length / 2);
        for (int i = 0; i < elements.length; i += 2) {
            entries.add(map instanceof ConcurrentHashMap<?, ?> its
                ? (Map.Entry<?, ?>) ENTRY.invokeExact(elements[i], elements[i + 1], (ConcurrentHashMap<?, ?>) its)
                : new AbstractMap.SimpleImmutableEntry<>(elements[i], elements[i + 1]));
        }
        return entries;
    }

    /** An iterator. */
    private final class Steps implements Iterator<Object> {
        private final WorkerConnection home;
        private final Walked walked;
        private final List<Object> all;
        private int next;
        private boolean canRemove;

        Steps(WorkerConnection home, Walked walked, List<Object> all) {
            this.home = home;
            this.walked = walked;
            this.all = all;
        }

        @Override
        public boolean hasNext() {
            return next < all.size();
        }

        @Override
        public Object next() {
            if (next >= all.size()) {
                throw new NoSuchElementException();
            }
            canRemove = true;
            return all.get(next++);
        }

        @Override
        public void remove() {
            if (isCopyOnWrite(walked.source)) {
                throw new UnsupportedOperationException();
            }
            if (!canRemove) {
                throw new IllegalStateException();
            }
            canRemove = false;
            Object last = all.get(next - 1);
            if (walked.part == Walk.KEYS) {
                ((Map<?, ?>) walked.source).remove(last);
            } else if (walked.part == Walk.ENTRIES) {
                ((Map<?, ?>) walked.source).remove(((Map.Entry<?, ?>) last).getKey());
            } else {
                removeElement(last);
            }
        }

        /** Of a set there is one; of others it may be another that is equal. */
        private void removeElement(Object last) {
            if (walked.source instanceof Set<?> set) {
                set.remove(last);
                return;
            }
            off = true;
            throw home.refuse("OFFLOAD_ITERATOR_REMOVE", "an element that may not be the only one of its kind");
        }
    }
}
