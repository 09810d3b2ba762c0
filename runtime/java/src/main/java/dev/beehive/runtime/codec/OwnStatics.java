// The static fields that a worker has of its own: those of enums and interfaces, whose initialisers it runs itself. They
// may hold what home knows, such as a stand-in for a logger. Home must not forget that, and cannot see it: it is told at
// the end of an invocation.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Of a worker's end of a connection. */
final class OwnStatics {
    /** Objects of the worker's that are looked through. */
    private static final int VISITED_MAX = 1_000_000;

    /** The static fields of one class that can hold something. */
    private record Holder(Object base, long[] references) {
        static Holder of(Class<?> type) {
            List<Field> fields = Stream.of(type.getDeclaredFields())
                .filter(f -> Modifier.isStatic(f.getModifiers()) && !f.getType().isPrimitive()).toList();
            return new Holder(Memory.staticsOf(fields.get(0)), fields.stream().mapToLong(Memory::offsetOf).toArray());
        }

        /** Until the initialiser runs, nothing. A few reads, where asking the JVM costs a call: asked after each invocation. */
        boolean holdsAny() {
            for (long offset : references) {
                if (Memory.getReference(base, offset) != null) {
                    return true;
                }
            }
            return false;
        }
    }

    private final ClassLoader application;
    private final Map<ClassLoader, Integer> looked = new HashMap<>();
    private final List<Holder> waiting = new ArrayList<>();
    private final List<Holder> used = new ArrayList<>();
    private final Set<Object> found = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Of what was found, what has not been sent, or was in a message that was taken back. */
    private final List<Object> untold = new ArrayList<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> left = new ArrayDeque<>();
    private final Map<Class<?>, long[]> offsets = new HashMap<>();

    OwnStatics(ClassLoader application) {
        this.application = application;
    }

    /**
     * What static fields lead to, of the objects that home knows, and has not been told: see {@link #told}. What can be
     * reached through those home sees itself.
     */
    List<Object> newlyHeld(ObjectTable table) {
        for (ClassLoader each = application; each != null; each = each.getParent()) {
            addClasses(each);
        }
        if (waiting.removeIf(each -> each.holdsAny() && used.add(each))) {
            walk(table);
        }
        // What became known with a message that was taken back is not known any more.
        return untold.isEmpty() ? untold : untold.stream().filter(each -> table.idOf(each) != ObjectTable.NONE).toList();
    }

    /** They are on their way. */
    void told(List<Object> held) {
        Set<Object> sent = Collections.newSetFromMap(new IdentityHashMap<>());
        sent.addAll(held);
        untold.removeIf(sent::contains);
    }

    private void walk(ObjectTable table) {
        used.forEach(this::addAll);
        while (!left.isEmpty() && seen.size() < VISITED_MAX) {
            follow(left.remove(), table);
        }
        left.clear();
        seen.clear();
        if (!found.isEmpty()) {
            Preparation.holds();
        }
    }

    private void addClasses(ClassLoader loader) {
        int from = looked.getOrDefault(loader, 0);
        List<?> loaded = Preparation.classesOf(loader, from);
        looked.put(loader, from + loaded.size());
        for (Object each : loaded) {
            Class<?> type = (Class<?>) each;
            if ((type.isInterface() || type.isEnum()) && Preparation.runsCode(type)) {
                waiting.add(Holder.of(type));
            }
        }
    }

    private void addAll(Holder holder) {
        for (long offset : holder.references) {
            add(Memory.getReference(holder.base, offset));
        }
    }

    private void add(Object object) {
        boolean leaf = object == null || object instanceof Class || object instanceof String || object instanceof Thread
            || object instanceof ClassLoader;
        if (!leaf && seen.add(object)) {
            left.add(object);
        }
    }

    private void follow(Object object, ObjectTable table) {
        boolean isKnown = table.idOf(object) != ObjectTable.NONE;
        if (isKnown && found.add(object)) {
            untold.add(object);
        }
        if (isKnown && !(object instanceof Enum)) {
            // But a constant is known by its name only: its fields are this side's own.
            return;
        }
        if (object instanceof Object[] array) {
            for (Object element : array) {
                add(element);
            }
            return;
        }
        for (long offset : offsets.computeIfAbsent(object.getClass(), OwnStatics::referencesOf)) {
            add(Memory.getReference(object, offset));
        }
    }

    private static long[] referencesOf(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                fields.addAll(List.of(c.getDeclaredFields()));
            } catch (LinkageError e) {
                // Of a library that the application does without.
                continue;
            }
        }
        return fields.stream().filter(f -> !Modifier.isStatic(f.getModifiers()) && !f.getType().isPrimitive())
            .mapToLong(Memory::offsetOf).toArray();
    }
}
