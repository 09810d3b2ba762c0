// How a call home is made when the plan says nothing about it. What is not known is a sync point whose effect others can
// see; a known reader has no effect, and a line of a log may come twice when a worker dies.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;

/** Flags by method, decided once. */
public final class CallKinds {
    private static final Map<Method, Integer> FLAGS = new ConcurrentHashMap<>();
    private static final Map<Method, Optional<Method>> QUESTIONS = new ConcurrentHashMap<>();
    /** Where the names of READERS are those of questions: a stream, a buffer or a function's `get` is another thing. */
    private static final Pattern ASKED = Pattern.compile(
        "java\\.(lang|util|util\\.concurrent|util\\.concurrent\\.atomic|util\\.concurrent\\.locks|util\\.logging|util\\.jar|time(\\.\\w+)?|security|math)\\.[A-Z].*");
    /** Promised by every object, and by those that compare. */
    private static final Set<String> ALWAYS = Set.of("equals", "hashCode", "toString", "compare");
    private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error", "fatal");
    /** `debugf` and `debugv` of JBoss Logging. */
    private static final Pattern FORMATTED = Pattern.compile("^(trace|debug|info|warn|error|fatal)[fv]$");
    private static final Set<String> READERS = Set.of("get", "getOrDefault", "containsKey", "contains", "containsValue",
        "size", "isEmpty", "peek", "element", "toString", "hashCode", "equals", "intValue", "longValue", "doubleValue",
        "getPlain", "getOpaque", "getAcquire", "sum", "isDone", "isCancelled", "mappingCount", "isShutdown", "lock",
        "length", "charAt", "elementAt", "firstElement", "lastElement", "indexOf", "getProperty", "pass", "entrySet",
        "keySet", "values", "keys", "elements", "iterator", "firstKey", "lastKey", "firstEntry", "lastEntry",
        "comparator", "readLock", "writeLock", "tryOptimisticRead", "validate", "isReadLocked", "isWriteLocked", "isLocked", "isHeldByCurrentThread", "getHoldCount", "compare", "adjustInto",
        "queryFrom", "stream", "toArray", "getCount", "availablePermits", "floorKey", "floorEntry", "ceilingKey",
        "ceilingEntry", "lowerKey", "lowerEntry", "higherKey", "higherEntry", "headMap", "tailMap", "subMap",
        "descendingMap", "descendingKeySet", "navigableKeySet", "listIterator", "first", "last", "getFirst", "getLast",
        "getKey", "getValue", "spliterator", "getExactSizeIfKnown", "estimateSize", "characteristics", "hasCharacteristics",
        "getComparator", "join", "getNow", "resultNow", "exceptionNow", "state", "isCompletedExceptionally", "allOf", "anyOf",
        "isBound", "orElse");
    /** Of an iterator that the invocation has got from a reader. */
    private static final Set<String> STEPS = Set.of("hasNext", "hasPrevious", "nextIndex", "previousIndex", "hasMoreElements");
    private static final Set<String> TAKING = Set.of("next", "previous", "nextElement");
    private static final Set<Class<?>> STEPPED = Set.of(Iterator.class, ListIterator.class, Enumeration.class);
    private static final Pattern SERVLET_QUESTIONS = Pattern.compile("(get|is|contains|encode)[A-Z].*");
    /** Questions to a request that change it, or take something out of it. */
    private static final Set<String> SERVLET_ACTIONS = Set.of("getSession", "getInputStream", "getReader", "getPart", "getParts",
        "getOutputStream", "getWriter", "getRequestDispatcher");
    private static final Set<String> CONTEXT_QUESTIONS = Set.of("getResource", "getResources", "getEnvironment", "getMessage",
        "getId", "getApplicationName", "getDisplayName", "getClassLoader", "isSingleton", "containsBean", "getType",
        "getAliases", "getBeanNamesForType", "isActive", "isRunning", "getParent");
    private static final Set<String> SETTING_QUESTIONS = Set.of("containsProperty", "getProperty", "getRequiredProperty",
        "resolvePlaceholders", "resolveRequiredPlaceholders", "getActiveProfiles", "getDefaultProfiles", "acceptsProfiles",
        "matchesProfiles");
    private static final String SETTINGS = "org.springframework.core.env.";
    private static final List<String> CONTEXTS = List.of("org.springframework.context.", "org.springframework.beans.factory.");
    private static final String METERS = "io.micrometer.core.instrument.";
    private static final Set<String> METER_QUESTIONS = Set.of("count", "totalAmount", "mean", "measure", "getId", "baseTimeUnit",
        "takeSnapshot", "value", "config", "getMeters", "isClosed", "type");
    /** A cache of names, the same for everybody. */
    private static final String JACKSONS_NAMES = "com.fasterxml.jackson.core.util.InternCache";
    private static final Set<String> LOGGERS = Set.of("org.slf4j.Logger", "org.apache.commons.logging.Log",
        "java.util.logging.Logger", "org.apache.logging.log4j.Logger", "java.lang.System$Logger",
        "org.jboss.logging.BasicLogger");

    private static final Set<String> CONTAINERS = Set.of("org.springframework.beans.factory.",
        "org.springframework.core.env.", "org.springframework.util.ConcurrentLruCache", "jakarta.servlet.", "javax.servlet.");

    /** Only makes what it is asked for. */
    private static final String TEMPLATES = "javax.xml.transform.Templates";

    private CallKinds() {
    }

    /** The flags of a call, as in CallFlags. */
    static int flagsOf(Method method) {
        return FLAGS.computeIfAbsent(method, CallKinds::decide);
    }

    private static int decide(Method method) {
        Class<?> type = method.getDeclaringClass();
        boolean jdk = type.getName().startsWith("java.");
        if (isLogger(type)) {
            return isLevelQuestion(method) ? 0 : CallFlags.SYNC;
        }
        return isReader(type, jdk, method) ? CallFlags.SYNC : CallFlags.SYNC | CallFlags.EFFECT;
    }

    /** Maps of others than the JDK keep what Map promises. */
    private static boolean isReader(Class<?> type, boolean jdk, Method method) {
        String name = method.getName();
        boolean steps = isStepped(type) && (TAKING.contains(name) || STEPS.contains(name));
        boolean asks = CONTEXTS.stream().anyMatch(type.getName()::startsWith) && CONTEXT_QUESTIONS.contains(name);
        asks |= type.getName().startsWith(SETTINGS) && SETTING_QUESTIONS.contains(name);
        boolean names = type.getName().equals(JACKSONS_NAMES) && name.equals("intern");
        boolean meter = type.getName().startsWith(METERS) && METER_QUESTIONS.contains(name) && method.getParameterCount() == 0;
        if (steps || asks || names || meter || isServletQuestion(type, name)) {
            return true;
        }
        boolean asked = jdk && ALWAYS.contains(name) || ASKED.matcher(type.getName()).matches() || ConcurrentMap.class.isAssignableFrom(type);
        return type.getName().equals(TEMPLATES) || asked && READERS.contains(name);
    }

    /** Whether a call takes something from an iterator, which only who has got it may do without being seen. */
    static boolean isStep(Method method) {
        return TAKING.contains(method.getName()) && isStepped(method.getDeclaringClass());
    }

    /** The JDK's own iterators, too, are what their interface says; a scanner reads from elsewhere. */
    private static boolean isStepped(Class<?> type) {
        boolean jdk = type.getName().startsWith("java.util.") && type != Scanner.class;
        return STEPPED.contains(type) || jdk && STEPPED.stream().anyMatch(each -> each.isAssignableFrom(type));
    }

    private static boolean isServletQuestion(Class<?> type, String name) {
        boolean asks = SERVLET_QUESTIONS.matcher(name).matches() && !SERVLET_ACTIONS.contains(name);
        return asks && isOfServlets(type);
    }

    /** Whether a call gives its caller something new to write into: `getRequestURL`, by its contract. */
    static boolean makesResult(Method method) {
        return method.getReturnType() == StringBuffer.class && method.getParameterCount() == 0 && isOfServlets(method.getDeclaringClass());
    }

    /** Containers and filters have classes of their own for what the interfaces promise. */
    static boolean isOfServlets(Class<?> type) {
        if (type == null || type.getName().startsWith("jakarta.servlet.") || type.getName().startsWith("javax.servlet.")) {
            return type != null;
        }
        for (Class<?> each : type.getInterfaces()) {
            if (isOfServlets(each)) {
                return true;
            }
        }
        return isOfServlets(type.getSuperclass());
    }

    /** A call that runs nothing of the application at home but hash codes and comparisons. */
    public static boolean isPlain(Method method) {
        String type = method.getDeclaringClass().getName();
        boolean library = type.startsWith("java.") || CONTAINERS.stream().anyMatch(type::startsWith)
            || ConcurrentMap.class.isAssignableFrom(method.getDeclaringClass());
        return isLogger(method.getDeclaringClass()) || library && !takesCode(method);
    }

    /** Whether the callee may run something of the application's. */
    static boolean takesCode(Method method) {
        for (Class<?> each : method.getParameterTypes()) {
            boolean code = each.getName().startsWith("java.util.function.") || each == Runnable.class
                || each == java.util.concurrent.Callable.class;
            if (code) {
                return true;
            }
        }
        return false;
    }

    /**
     * The question whether a line would be written at all, for a call that writes one.
     *
     * @return null when the call writes no line, or one that more than its level decides about
     */
    public static Method levelQuestionOf(Method method) {
        return QUESTIONS.computeIfAbsent(method, m -> Optional.ofNullable(findQuestion(m))).orElse(null);
    }

    private static Method findQuestion(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        String level = FORMATTED.matcher(method.getName()).replaceFirst("$1");
        boolean line = LEVELS.contains(level) && method.getReturnType() == void.class && parameters.length > 0
            && (parameters[0] == String.class || parameters[0] == Object.class || parameters[0] == Throwable.class);
        if (!line || !isLogger(method.getDeclaringClass())) {
            return null;
        }
        String question = "is" + Character.toUpperCase(level.charAt(0)) + level.substring(1) + "Enabled";
        try {
            return method.getDeclaringClass().getMethod(question);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    /** Whether an answer may be kept for a while: a level that is changed at home is seen here a little later. */
    public static boolean isLevelQuestion(Method method) {
        return method.getName().startsWith("is") && method.getReturnType() == boolean.class
            && method.getParameterCount() == 0 && isLogger(method.getDeclaringClass());
    }

    private static boolean isLogger(Class<?> type) {
        if (type == null || LOGGERS.contains(type.getName())) {
            return type != null;
        }
        for (Class<?> each : type.getInterfaces()) {
            if (isLogger(each)) {
                return true;
            }
        }
        return isLogger(type.getSuperclass());
    }
}
