// Objects that JDK classes hold in static final fields and recognise by identity: the empty list, the sentinel of an
// unfilled stack trace. Each JVM has its own, so they travel as the name of the field.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Known constants by identity. Filled class by class, as instances of the class are met. */
final class JdkConstants {
    private static final Set<Class<?>> SCANNED = ConcurrentHashMap.newKeySet();
    /** Replaced, never changed: readers need no lock. */
    private static volatile Map<Object, Field> constants = new IdentityHashMap<>();

    private JdkConstants() {
    }

    /** The field that holds the object, or null. Only worth asking where {@link Shape#hasConstants()}. */
    static Field placeOf(Object object) {
        return constants.get(object);
    }

    /** Learns the constants of a class, its superclasses and the classes they are nested in. */
    static void learn(Class<?> type) {
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            if (ClassOrigin.isJdk(c) && !c.isArray() && !c.isPrimitive()) {
                scan(c);
                scan(c.getNestHost());
            }
        }
    }

    private static void scan(Class<?> c) {
        if (Memory.isUninitialized(c) || !SCANNED.add(c)) {
            return;
        }
        for (Field field : c.getDeclaredFields()) {
            Object value = isConstant(field) ? valueOf(field) : null;
            if (value != null && isWorthKnowing(Shapes.of(value.getClass()))) {
                register(value, field);
            }
        }
    }

    /** Strings and what has a name anyway need no other; what may not travel is not sent under a name either. */
    private static boolean isWorthKnowing(Shape shape) {
        return !shape.has(Shape.NAMED) && shape.type() != String.class && !(shape instanceof RefusedShape);
    }

    private static boolean isConstant(Field field) {
        int wanted = Modifier.STATIC | Modifier.FINAL;
        return (field.getModifiers() & wanted) == wanted && !field.getType().isPrimitive();
    }

    private static Object valueOf(Field field) {
        return Memory.getReference(Memory.staticsOf(field), Memory.offsetOf(field));
    }

    private static synchronized void register(Object value, Field field) {
        Map<Object, Field> more = new IdentityHashMap<>(constants);
        more.putIfAbsent(value, field);
        constants = more;
        Shapes.of(value.getClass()).noteConstant();
    }

    /** The constant of this JVM that the peer means. */
    static Object resolve(Class<?> holder, String name) throws MalformedMessage {
        try {
            Field field = holder.getDeclaredField(name);
            if (!ClassOrigin.isJdk(holder) || !isConstant(field)) {
                throw new MalformedMessage(holder.getName() + "." + name + " is no constant of the JDK");
            }
            Memory.initialize(holder);
            return valueOf(field);
        } catch (NoSuchFieldException | LinkageError e) {
            throw new MalformedMessage("no constant " + holder.getName() + "." + name, e);
        }
    }
}
