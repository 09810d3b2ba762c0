// The ordinary way: an instance is allocated without its constructor and its fields are copied.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** Objects of application classes and of JDK classes without a way of their own. */
class FieldShape extends Shape {
    private static final int HEADER_BYTES = 16;

    private final FieldCopier fields;
    private final int heapBytes;

    FieldShape(Class<?> type, Class<?> stop) {
        super(type, mayStayHome(type) ? CONTENTS | MAY_STAY : CONTENTS);
        FieldLayout layout = FieldLayout.of(type, stop);
        fields = new FieldCopier(layout);
        heapBytes = HEADER_BYTES + 8 * layout.references.length + layout.primitiveBytesMax();
    }

    FieldShape(Class<?> type) {
        this(type, null);
    }

    /** Records are filled before anyone sees them: the JIT takes their fields for constants. */
    private static boolean mayStayHome(Class<?> type) {
        return !ClassOrigin.isJdk(type) && !type.isRecord() && !ClassOrigin.hasJdkState(type);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(heapBytes);
        return allocate(type());
    }

    /** An instance without contents. */
    static Object allocate(Class<?> type) throws MalformedMessage {
        try {
            return Memory.allocate(type);
        } catch (InstantiationException | LinkageError e) {
            throw new MalformedMessage("no instance of " + type.getName(), e);
        }
    }

    @Override
    void writeContents(Object object, Encoder to) throws OffloadRefused {
        fields.write(object, to);
    }

    @Override
    void readContents(Object object, Decoder from) throws MalformedMessage {
        fields.read(object, from);
    }

    @Override
    void visit(Object object, ReferenceVisitor visitor) {
        fields.visit(object, visitor);
    }

    @Override
    int fingerprint() {
        return fields.layout().fingerprint;
    }
}
