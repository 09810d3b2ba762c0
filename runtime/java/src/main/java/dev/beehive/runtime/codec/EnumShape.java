// Enum constants are named by their ordinal: both sides have the same class, which its fingerprint confirms.
package dev.beehive.runtime.codec;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/** Constants, also those with a body of their own. */
final class EnumShape extends Shape {
    private final boolean hasState;
    private Object[] constants;

    EnumShape(Class<?> type) {
        super(type, DECLARES | NAMED | EARLY_HASH);
        hasState = hasState(type);
    }

    private static Class<?> enumOf(Class<?> type) {
        return type.isEnum() ? type : type.getSuperclass();
    }

    private Object[] constants() throws MalformedMessage {
        if (constants == null) {
            try {
                constants = enumOf(type()).getEnumConstants();
            } catch (LinkageError e) {
                throw new MalformedMessage("enum " + type().getName() + " cannot be initialised", e);
            }
        }
        return constants;
    }

    /** Constants, and numbers in static fields, that can change would change on one side only. */
    private static boolean hasState(Class<?> type) {
        for (Class<?> c = type; c != Enum.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isFinal(field.getModifiers()) && !ClassOrigin.isJdk(c) && canChange(c, field)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean canChange(Class<?> declaring, Field field) {
        if (Modifier.isStatic(field.getModifiers())) {
            // A static reference that is not final is a cache filled at the first use: each JVM has its own.
            return field.getType().isPrimitive();
        }
        return !(Modifier.isPrivate(field.getModifiers()) && WrittenFields.isSettled(declaring, field.getName()));
    }

    @Override
    void declare(Object constant, Encoder to) throws OffloadRefused {
        if (hasState) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_ENUM_STATE, type().getName(), "");
        }
        to.writer().writeUnsigned(((Enum<?>) constant).ordinal());
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        int ordinal = from.reader().readUnsigned();
        Object[] all = constants();
        if (all == null || ordinal < 0 || ordinal >= all.length) {
            throw new MalformedMessage("constant " + ordinal + " of " + type().getName());
        }
        return all[ordinal];
    }

    @Override
    boolean lasts() {
        return true;
    }
}
