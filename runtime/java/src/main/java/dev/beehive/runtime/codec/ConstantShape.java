// Stands in the object tables for constants of the JDK: known to both sides, never written, never filled.
package dev.beehive.runtime.codec;

/** See JdkConstants. */
final class ConstantShape extends Shape {
    static final ConstantShape INSTANCE = new ConstantShape();

    private ConstantShape() {
        super(ConstantShape.class, NAMED);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        throw new MalformedMessage("a constant declared as an object");
    }

    @Override
    boolean lasts() {
        return true;
    }
}
