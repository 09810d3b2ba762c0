// How lookups of method handles travel: as the class whose rights they have, and how many of these. And which constructor
// a handle calls, also where it is held under the name of a superclass, which such a lookup was used for.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;

/** Writes and reads lookups; Names holds the table. */
final class Lookups {
    private static final MethodType MAKES = MethodType.methodType(void.class, Class.class, Class.class, int.class);
    private static final String OF_CONSTRUCTORS = "java.lang.invoke.DirectMethodHandle$Constructor";

    private Lookups() {
    }

    static void write(Object object, Encoder to) throws OffloadRefused {
        MethodHandles.Lookup lookup = (MethodHandles.Lookup) object;
        Class<?> previous = lookup.previousLookupClass();
        to.writeClass(lookup.lookupClass());
        // Of two modules; the class itself where there is none.
        to.writeClass(previous == null ? lookup.lookupClass() : previous);
        to.writer().writeUnsigned(lookup.lookupModes());
    }

    static Object read(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        Class<?> type = from.readClass();
        Class<?> previous = from.readClass();
        int modes = from.reader().readUnsigned();
        MethodHandle made = TrustedLookup.in(MethodHandles.Lookup.class).findConstructor(MethodHandles.Lookup.class, MAKES);
        try {
            return made.invoke(type, previous == type ? null : previous, modes);
        } catch (Throwable e) {
            throw new MalformedMessage("a lookup of " + type.getName() + " with modes " + modes, e);
        }
    }

    /** The constructor that a handle calls and does nothing besides; null for any other handle. */
    static Constructor<?> constructorOf(MethodHandle handle) {
        if (!handle.getClass().getName().equals(OF_CONSTRUCTORS) || handle.isVarargsCollector()) {
            return null;
        }
        try {
            long made = JdkFields.offset(handle.getClass(), "instanceClass");
            Class<?> type = (Class<?>) Memory.getReference(handle, made);
            return type.getDeclaredConstructor(handle.type().parameterArray());
        } catch (NoSuchMethodException e) {
            // Its arguments are held under other names, too.
            return null;
        }
    }

    static MethodHandle handleOf(Constructor<?> constructor) throws IllegalAccessException {
        Class<?> type = constructor.getDeclaringClass();
        return TrustedLookup.in(type).unreflectConstructor(constructor).asFixedArity();
    }
}
