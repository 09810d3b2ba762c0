// Writes the definitions of classes: each once per connection, before the first use of its number.
// The numbers are those of Shape, the same on all connections of this JVM. The other end is ClassReader.
package dev.beehive.runtime.codec;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.BitSet;

/** The classes one side of a connection has named. */
final class ClassWriter {
    /** Kinds of definition. */
    static final int NAMED = 0;
    static final int ARRAY = 1;
    static final int PROXY = 2;
    static final int PRIMITIVE = 3;
    static final int LAMBDA = 4;

    private final MessageWriter out;
    private final Loaders loaders;
    private boolean[] defined = new boolean[64];
    /** By the message at hand. */
    private final BitSet definedLast = new BitSet();

    ClassWriter(MessageWriter out, Loaders loaders) {
        this.out = out;
        this.loaders = loaders;
    }

    /** The class's number; writes the definition first when the peer does not know it. */
    int numberOf(Shape shape) throws OffloadRefused {
        int number = shape.number();
        if (number >= defined.length || !defined[number]) {
            out.writeUnsigned(Token.DEFINE);
            define(shape, number);
            out.reserve(Encoder.REFERENCE_BYTES_MAX);
        }
        return number;
    }

    /** Writes `number + 1`, or 0 and a definition. */
    void writeReference(Class<?> type) throws OffloadRefused {
        Shape shape = Shapes.of(type);
        int number = shape.number();
        if (number >= defined.length || !defined[number]) {
            out.writeUnsigned(0);
            define(shape, number);
        } else {
            out.writeUnsigned(number + 1);
        }
    }

    private void define(Shape shape, int number) throws OffloadRefused {
        Class<?> type = shape.type();
        shape.prepare(loaders);
        out.writeUnsigned(number);
        if (type.isArray()) {
            out.writeUnsigned(ARRAY);
            writeReference(type.getComponentType());
        } else if (type.isPrimitive()) {
            out.writeUnsigned(PRIMITIVE);
            out.writeName(type.descriptorString());
        } else if (Proxy.isProxyClass(type)) {
            defineProxy(type);
        } else if (type.isHidden()) {
            out.writeUnsigned(LAMBDA);
            Lambdas.recipeOf(type).write(this, out);
        } else {
            out.writeUnsigned(NAMED);
            out.writeName(type.getName());
            out.writeInt(shape.fingerprint());
        }
        if (number >= defined.length) {
            defined = Arrays.copyOf(defined, Math.max(number + 1, 2 * defined.length));
        }
        defined[number] = true;
        definedLast.set(number);
    }

    private void defineProxy(Class<?> type) throws OffloadRefused {
        Class<?>[] interfaces = type.getInterfaces();
        out.writeUnsigned(PROXY);
        out.writeUnsigned(interfaces.length);
        for (Class<?> each : interfaces) {
            writeReference(each);
        }
    }

    /** A message begins. */
    void begin() {
        definedLast.clear();
    }

    /** The message at hand will not be sent. */
    void takeBack() {
        definedLast.stream().forEach(number -> defined[number] = false);
        definedLast.clear();
    }

    /** Forgets what the peer knows. */
    void clear() {
        Arrays.fill(defined, false);
        definedLast.clear();
    }
}
