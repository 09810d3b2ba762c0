// Fonts of the JDK, which are names and sizes: each side finds the glyphs by itself. One that was made from a file has
// only that, and does not travel. Known by name, since the runtime does not need the JDK's desktop module.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** The glyphs are among the fields that FieldLayout leaves out. */
final class FontShape extends FieldShape {
    private static final String FONT = "java.awt.Font";

    private final long madeFromFile;

    FontShape(Class<?> type) {
        super(type);
        madeFromFile = JdkFields.offset(fontOf(type), "createdFont");
    }

    static boolean isFor(Class<?> type) {
        return fontOf(type) != null;
    }

    private static Class<?> fontOf(Class<?> type) {
        Class<?> c = type;
        while (c != null && !c.getName().equals(FONT)) {
            c = c.getSuperclass();
        }
        return c;
    }

    @Override
    void writeContents(Object object, Encoder to) throws OffloadRefused {
        if (Memory.getByte(object, madeFromFile) != 0) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_HOST_RESOURCE, type().getName(), "");
        }
        super.writeContents(object, to);
    }
}
