// Stands in the object tables for objects that never move: home has the object, the worker a stand-in that calls home.
package dev.beehive.runtime.codec;

/** See Facade for what the stand-in looks like. */
final class PinnedShape extends Shape {
    static final PinnedShape INSTANCE = new PinnedShape();

    private PinnedShape() {
        super(PinnedShape.class, NAMED);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        throw new MalformedMessage("a pinned object declared as another");
    }
}
