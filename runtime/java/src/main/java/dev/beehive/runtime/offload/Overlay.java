// What a rehearsal would change in objects that stay at home and that others use: copies stand for them, until its end.
// Only of the JDK's own containers and counters, whose copy is as good; a rehearsal ends where anything else is changed.
package dev.beehive.runtime.offload;

import static java.util.Map.entry;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.Vector;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/** Of one invocation; used by its thread. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Overlay {
    private static final int ENTRIES_MAX = 10_000;
    private static final Map<Class<?>, UnaryOperator<Object>> COPIES = Map.ofEntries(
        entry(AtomicInteger.class, o -> new AtomicInteger(((AtomicInteger) o).get())),
        entry(AtomicLong.class, o -> new AtomicLong(((AtomicLong) o).get())),
        entry(AtomicBoolean.class, o -> new AtomicBoolean(((AtomicBoolean) o).get())),
        entry(AtomicReference.class, o -> new AtomicReference<>(((AtomicReference<?>) o).get())),
        entry(LongAdder.class, Overlay::adder),
        entry(DoubleAdder.class, Overlay::doubleAdder),
        entry(ConcurrentHashMap.class, o -> new ConcurrentHashMap<>((Map<?, ?>) o)),
        entry(ConcurrentSkipListMap.class, o -> ((ConcurrentSkipListMap) o).clone()),
        entry(ConcurrentSkipListSet.class, o -> ((ConcurrentSkipListSet) o).clone()),
        entry(ConcurrentLinkedQueue.class, o -> new ConcurrentLinkedQueue<>((Collection<?>) o)),
        entry(ConcurrentLinkedDeque.class, o -> new ConcurrentLinkedDeque<>((Collection<?>) o)),
        entry(CopyOnWriteArrayList.class, o -> new CopyOnWriteArrayList<>((Collection<?>) o)),
        entry(CopyOnWriteArraySet.class, o -> new CopyOnWriteArraySet<>((Collection<?>) o)),
        entry(Hashtable.class, o -> ((Hashtable) o).clone()),
        entry(Vector.class, o -> ((Vector) o).clone()),
        entry(HashMap.class, o -> ((HashMap) o).clone()),
        entry(LinkedHashMap.class, o -> ((LinkedHashMap) o).clone()),
        entry(TreeMap.class, o -> ((TreeMap) o).clone()),
        entry(WeakHashMap.class, o -> new WeakHashMap<>((Map<?, ?>) o)),
        entry(HashSet.class, o -> ((HashSet) o).clone()),
        entry(LinkedHashSet.class, o -> ((LinkedHashSet) o).clone()),
        entry(ArrayList.class, o -> ((ArrayList) o).clone()),
        entry(LinkedList.class, o -> ((LinkedList) o).clone()),
        entry(ArrayDeque.class, o -> ((ArrayDeque) o).clone()),
        entry(classOf(Collections.synchronizedMap(Map.of())), o -> Collections.synchronizedMap(mapOf(o))),
        entry(classOf(Collections.synchronizedSet(Set.of())), o -> Collections.synchronizedSet(setOf(o))),
        entry(classOf(Collections.synchronizedList(new ArrayList<>())), o -> Collections.synchronizedList(listOf(o))));

    private final Map<Object, Object> copies = new IdentityHashMap<>(0);
    /** Of sessions and of the application: what a shadow has set, null for what it has removed. */
    private final Map<Object, Map<Object, Object>> attributes = new IdentityHashMap<>(0);

    private static Class<?> classOf(Object view) {
        return view.getClass();
    }

    private static Map<?, ?> mapOf(Object view) {
        synchronized (view) {
            return new LinkedHashMap<>((Map<?, ?>) view);
        }
    }

    private static Set<?> setOf(Object view) {
        synchronized (view) {
            return new LinkedHashSet<>((Set<?>) view);
        }
    }

    private static List<?> listOf(Object view) {
        synchronized (view) {
            return new ArrayList<>((List<?>) view);
        }
    }

    private static LongAdder adder(Object of) {
        LongAdder copy = new LongAdder();
        copy.add(((LongAdder) of).sum());
        return copy;
    }

    private static DoubleAdder doubleAdder(Object of) {
        DoubleAdder copy = new DoubleAdder();
        copy.add(((DoubleAdder) of).sum());
        return copy;
    }

    /** Whether a call that others would see can be made on a copy of its target, which then stands for the target. */
    boolean covers(Method method, Object target) {
        if (method.getDeclaringClass() == SyncPoint.class) {
            // What it lets others see are the changes that come with it.
            return true;
        }
        if (target == null || CallKinds.takesCode(method)) {
            return false;
        }
        if (Servlets.isAttributeOfOthers(method, target)) {
            return true;
        }
        UnaryOperator<Object> copier = COPIES.get(target.getClass());
        if (copier == null || sizeOf(target) > ENTRIES_MAX) {
            return false;
        }
        copies.computeIfAbsent(target, copier);
        return true;
    }

    /** Whether a copy could stand for the target of a call. */
    static boolean couldCover(Method method, Object target) {
        boolean copied = target != null && !CallKinds.takesCode(method) && COPIES.containsKey(target.getClass());
        return copied || method.getDeclaringClass() == SyncPoint.class || Servlets.isAttributeOfOthers(method, target);
    }

    /** Of an effect, for a person and for {@link Proven}: all that changes a container is one. */
    static String nameOf(Method method, Object target) {
        boolean copied = target != null && COPIES.containsKey(target.getClass());
        return copied ? "a change of a " + target.getClass().getName() : method.getDeclaringClass().getName() + '#' + method.getName();
    }

    private static int sizeOf(Object target) {
        return target instanceof Map<?, ?> map ? map.size() : target instanceof Collection<?> all ? all.size() : 0;
    }

    /** The answer of a call that reads or writes an attribute of which the shadow has its own; empty for any other. */
    Optional<Performed> answer(Method method, Object target, Object[] arguments) {
        if (!Servlets.isAttributeOfOthers(method, target)) {
            return Optional.empty();
        }
        Map<Object, Object> own = attributes.computeIfAbsent(target, any -> new HashMap<>());
        if (method.getName().equals("getAttribute")) {
            return own.containsKey(arguments[0]) ? Optional.of(Performed.returned(own.get(arguments[0]))) : Optional.empty();
        }
        own.put(arguments[0], arguments.length > 1 ? arguments[1] : null);
        return Optional.of(Performed.returned(null));
    }

    /** What a call is made on: the copy, where there is one. */
    Object standInFor(Object target) {
        return copies.isEmpty() ? target : copies.getOrDefault(target, target);
    }
}
