// Enums and interfaces have their own static state on a worker, and so their own initialisers, which run when the first
// constant or the first instance is made. That must not happen while a message is read, for what an initialiser asks home
// would come between: they have to run before. Which ones is found when a class is first sent, once for all connections.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Of one connection at home: which initialisers its worker has run. */
public final class Preparation {
    private static final Set<Class<?>> MET = ConcurrentHashMap.newKeySet();
    /** Not met yet, but likely to be. */
    private static final Set<Class<?>> LIKELY = ConcurrentHashMap.newKeySet();
    /** With the number of classes that have been looked at. */
    private static final Map<ClassLoader, Integer> LOADERS = new ConcurrentHashMap<>();
    /** Libraries that make classes at home; a worker has the classes. */
    private static final List<String> GENERATORS = List.of("net.bytebuddy.", "javassist.");
    /** The rest is looked for at every so many invocations: if one is needed before, that is found out. */
    private static final int TURNS = 64;
    /** Of these some could not run: each runs alone, so that the others are not stopped by it. */
    private static final Set<Class<?>> SUSPECTS = ConcurrentHashMap.newKeySet();
    /** Cannot run on a worker, with the reason: what needs one of them stays at home. */
    private static final Map<Class<?>, String> BROKEN = new ConcurrentHashMap<>();
    private static volatile boolean onlyMet;
    private static volatile boolean hasRun;

    private final Set<Class<?>> done = new HashSet<>();
    private Class<?> unprepared;
    private int turn;
    private int metAtLast;

    Preparation() {
    }

    /** Notes what an instance of a class needs first: the message that holds it must then not be sent. */
    void check(List<Class<?>> initialisers) {
        for (Class<?> each : initialisers) {
            // One that has not run at home does not run for an instance on the worker either.
            if (done.contains(each) || !Memory.isInitialized(each)) {
                continue;
            }
            unprepared = each;
            MET.add(each);
            LOADERS.putIfAbsent(each.getClassLoader(), 0);
        }
    }

    /** Where one is needed others will be: all that have run at home, so that they are not found one by one. */
    private static void meetNew(ClassLoader loader, int from) {
        List<?> all = classesOf(loader, from);
        LOADERS.put(loader, from + all.size());
        for (Object each : all) {
            Class<?> type = (Class<?>) each;
            boolean other = GENERATORS.stream().anyMatch(type.getName()::startsWith);
            if (!other && (type.isInterface() || type.isEnum()) && runsCode(type)) {
                LIKELY.add(type);
            }
        }
    }

    /** What a loader has defined since it had defined so many. */
    static List<?> classesOf(ClassLoader loader, int from) {
        List<?> loaded = Loaders.definedBy(loader);
        synchronized (loaded) {
            return loaded.size() == from ? List.of() : new ArrayList<>(loaded.subList(from, loaded.size()));
        }
    }

    static boolean runsCode(Class<?> type) {
        try {
            return makesObjects(type);
        } catch (LinkageError e) {
            // A field of a class that the application does without.
            return false;
        }
    }

    /** Refuses a message that needs an initialiser first. */
    void checkMessage() throws OffloadRefused {
        Class<?> first = unprepared;
        unprepared = null;
        if (first != null) {
            String why = BROKEN.get(first);
            String text = first.getName() + (why == null ? "" : ", which fails on workers: " + why);
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_INITIALISER, text, "");
        }
    }

    /** What a message at hand needs, and no more, as runs that can fail apart: the worker waits for it. */
    public List<List<Class<?>>> needed() {
        return runsOf(MET);
    }

    /** What the worker has to initialise before an invocation, as runs that can fail apart. */
    public List<List<Class<?>>> missing() {
        if (turn++ % TURNS != 0 && MET.size() == metAtLast) {
            return List.of();
        }
        metAtLast = MET.size();
        Set<Class<?>> missing = new LinkedHashSet<>(MET);
        if (!onlyMet) {
            LOADERS.forEach(Preparation::meetNew);
            LIKELY.stream().filter(Memory::isInitialized).forEach(missing::add);
        }
        return runsOf(missing);
    }

    private List<List<Class<?>>> runsOf(Set<Class<?>> types) {
        List<Class<?>> together = new ArrayList<>();
        List<List<Class<?>>> runs = new ArrayList<>();
        for (Class<?> each : types) {
            if (done.contains(each) || BROKEN.containsKey(each)) {
                continue;
            }
            if (SUSPECTS.contains(each)) {
                runs.add(List.of(each));
            } else {
                together.add(each);
            }
        }
        if (!together.isEmpty()) {
            runs.add(0, List.copyOf(together));
        }
        return runs;
    }

    /** They are about to run: one may need what another makes. */
    public void begins(List<Class<?>> initialisers) {
        done.addAll(initialisers);
    }

    /**
     * They could not all run, which has cost the worker: from now on only those that are needed, and these one by one.
     *
     * @param vanished the worker was gone without a word, which may have had another reason
     */
    public static void failed(List<Class<?>> run, boolean vanished, String why) {
        onlyMet = true;
        if (vanished) {
            return;
        }
        if (run.size() == 1) {
            BROKEN.put(run.get(0), why);
        } else {
            run.stream().filter(MET::contains).forEach(SUSPECTS::add);
        }
    }

    /** Whether static fields on the worker refer to objects of this connection, of which it cannot be told to forget them. */
    public boolean isUsed() {
        return !done.isEmpty();
    }

    /** Initialisers that the first instance of a class runs and that may use the application's classes. */
    static List<Class<?>> neededFor(Class<?> type) {
        Set<Class<?>> needed = new LinkedHashSet<>();
        if (type.isInterface() && !ClassOrigin.isJdk(type) && runsCode(type)) {
            needed.add(type);
        }
        for (Class<?> c = type; c != null && !ClassOrigin.isJdk(c); c = c.getSuperclass()) {
            if (c.isEnum() && runsCode(c)) {
                needed.add(c);
            }
            addInterfaces(c, needed);
        }
        return List.copyOf(needed);
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> needed) {
        for (Class<?> each : type.getInterfaces()) {
            addInterfaces(each, needed);
            if (!ClassOrigin.isJdk(each) && runsCode(each)) {
                needed.add(each);
            }
        }
    }

    private static boolean makesObjects(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            Class<?> its = field.getType();
            while (its.isArray()) {
                its = its.getComponentType();
            }
            boolean plain = its.isPrimitive() || its == String.class || Enum.class.isAssignableFrom(its);
            if (!plain) {
                return true;
            }
        }
        return false;
    }

    /** What the worker is told to run: a root like any other. */
    public static void initialise(Class<?>[] types) {
        hasRun = true;
        for (Class<?> type : types) {
            try {
                Memory.initialize(type);
            } catch (LinkageError e) {
                // Whatever needs it will fail, and run at home.
                continue;
            }
        }
    }

    /** Static fields of this worker lead to what home knows. */
    static void holds() {
        hasRun = true;
    }

    /** Whether this JVM is a worker that has been prepared: it cannot serve another connection. */
    public static boolean hasRun() {
        return hasRun;
    }
}
