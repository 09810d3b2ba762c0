// Classes whose instances stay: each refusal names its code, and the encoder adds the path.
package dev.beehive.runtime.codec;

/** Refuses on both sides: an honest peer never sends such a class. */
final class RefusedShape extends Shape {
    private final OffloadRefused.Code code;

    /** @param stays whether a stand-in on the worker can call it at home instead */
    RefusedShape(Class<?> type, OffloadRefused.Code code, boolean stays) {
        super(type, stays ? DECLARES | STAYS : DECLARES);
        this.code = code;
    }

    @Override
    void declare(Object object, Encoder to) throws OffloadRefused {
        throw new OffloadRefused(code, type().getName(), "");
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        throw new MalformedMessage("instance of " + type().getName() + ": " + code);
    }
}
