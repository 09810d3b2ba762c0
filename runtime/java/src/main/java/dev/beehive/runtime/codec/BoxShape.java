// Boxed values. A box that is the one `valueOf` gives has its equal on the other side; any other box has an identity
// that the application can see with `==`, and keeps it.
package dev.beehive.runtime.codec;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

/** One shape for each of the eight classes; a value travels as 64 bits. */
final class BoxShape extends Shape {
    private static final int HEAP_BYTES = 16;

    private record Box(Function<Object, Long> bits, LongFunction<Object> shared, LongFunction<Object> fresh) {
    }

    /** The deprecated constructors are the only way to a box with an identity of its own. */
    @SuppressWarnings("deprecation")
    private static final Map<Class<?>, Box> BOXES = Map.of(
        Boolean.class, new Box(o -> (boolean) o ? 1L : 0, v -> v != 0, v -> new Boolean(v != 0)),
        Byte.class, new Box(o -> (long) (byte) o, v -> (byte) v, v -> new Byte((byte) v)),
        Short.class, new Box(o -> (long) (short) o, v -> (short) v, v -> new Short((short) v)),
        Character.class, new Box(o -> (long) (char) o, v -> (char) v, v -> new Character((char) v)),
        Integer.class, new Box(o -> (long) (int) o, v -> (int) v, v -> new Integer((int) v)),
        Long.class, new Box(o -> (long) o, v -> v, Long::new),
        Float.class, new Box(o -> (long) Float.floatToRawIntBits((float) o), v -> Float.intBitsToFloat((int) v),
            v -> new Float(Float.intBitsToFloat((int) v))),
        Double.class, new Box(o -> Double.doubleToRawLongBits((double) o), v -> Double.longBitsToDouble(v),
            v -> new Double(Double.longBitsToDouble(v))));

    private final Box box;

    private BoxShape(Class<?> type, Box box) {
        // Named, because a shared box may have been given a code before.
        super(type, DECLARES | NAMED | EARLY_HASH);
        this.box = box;
    }

    static Optional<Shape> of(Class<?> type) {
        return Optional.ofNullable(BOXES.get(type)).map(box -> new BoxShape(type, box));
    }

    @Override
    void declare(Object object, Encoder to) {
        long bits = box.bits.apply(object);
        boolean shared = box.shared.apply(bits) == object;
        MessageWriter out = to.writer();
        out.reserve(1 + MessageWriter.NUMBER_BYTES_MAX);
        out.putByte(shared ? 1 : 0);
        out.putSigned(bits);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(HEAP_BYTES);
        boolean shared = from.reader().readByte() != 0;
        long bits = from.reader().readSigned();
        return shared ? box.shared.apply(bits) : box.fresh.apply(bits);
    }
}
