// Enum constants are named by their ordinal: both sides have the same class, which its fingerprint confirms.
package dev.beehive.runtime.codec;

/** Constants, also those with a body of their own. */
final class EnumShape extends Shape {
    private Object[] constants;

    EnumShape(Class<?> type) {
        super(type, DECLARES | NAMED | EARLY_HASH);
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

    @Override
    void declare(Object constant, Encoder to) {
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
}
