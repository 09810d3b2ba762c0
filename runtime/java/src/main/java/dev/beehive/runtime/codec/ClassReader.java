// Resolves the classes that the other side has named and remembers them under its numbers.
// A class that is missing or has other fields here is an error of the whole connection.
package dev.beehive.runtime.codec;

import java.lang.reflect.Proxy;
import java.util.Arrays;

/** The counterpart of {@link ClassWriter}. */
final class ClassReader {
    private static final int INTERFACES_MAX = 65_535;
    private static final int NESTING_MAX = 255;

    private final Loaders loaders;
    private final int classesMax;
    private Shape[] shapes = new Shape[64];
    private int nesting;

    ClassReader(Loaders loaders, int classesMax) {
        this.loaders = loaders;
        this.classesMax = classesMax;
    }

    Shape shape(int number) throws MalformedMessage {
        Shape shape = number >= 0 && number < shapes.length ? shapes[number] : null;
        if (shape == null) {
            throw new MalformedMessage("class number " + number + " is not defined");
        }
        return shape;
    }

    Class<?> readReference(MessageReader in) throws MalformedMessage {
        int number = in.readUnsigned();
        return number == 0 ? define(in) : shape(number - 1).type();
    }

    Class<?> define(MessageReader in) throws MalformedMessage {
        int number = in.readUnsigned();
        if (number < 0 || number >= classesMax || nesting > NESTING_MAX) {
            throw new MalformedMessage("class number " + number + ", or nested too deeply");
        }
        nesting++;
        try {
            Class<?> type = resolve(in, in.readUnsigned());
            enter(number, Shapes.of(type));
            return type;
        } catch (IllegalArgumentException | LinkageError e) {
            throw new MalformedMessage("a class cannot be used: " + e.getMessage(), e);
        } finally {
            nesting--;
        }
    }

    private void enter(int number, Shape shape) {
        if (number >= shapes.length) {
            shapes = Arrays.copyOf(shapes, Math.max(number + 1, 2 * shapes.length));
        }
        shapes[number] = shape;
    }

    private Class<?> resolve(MessageReader in, int kind) throws MalformedMessage {
        return switch (kind) {
            case ClassWriter.NAMED -> named(in);
            case ClassWriter.ARRAY -> array(readReference(in));
            case ClassWriter.PROXY -> proxy(in);
            case ClassWriter.LAMBDA -> Lambdas.spin(LambdaRecipe.read(this, in));
            case ClassWriter.PRIMITIVE -> primitive(in.readName());
            default -> throw new MalformedMessage("class definition of kind " + kind);
        };
    }

    private static Class<?> array(Class<?> component) throws MalformedMessage {
        try {
            return component.arrayType();
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            // Of void, or of too many dimensions.
            throw new MalformedMessage("an array of " + component.getName(), e);
        }
    }

    private Class<?> named(MessageReader in) throws MalformedMessage {
        String name = in.readName();
        int fingerprint = in.readInt();
        Class<?> type;
        try {
            type = Class.forName(name, false, loaders.application());
        } catch (ClassNotFoundException e) {
            throw new MalformedMessage("class " + name + " is not here", e);
        }
        if (Shapes.of(type).fingerprint() != fingerprint) {
            throw new MalformedMessage("class " + name + " has other fields here");
        }
        return type;
    }

    @SuppressWarnings("deprecation")
    private Class<?> proxy(MessageReader in) throws MalformedMessage {
        int count = in.readCount(1);
        if (count > INTERFACES_MAX) {
            throw new MalformedMessage("proxy of " + count + " interfaces");
        }
        Class<?>[] interfaces = new Class<?>[count];
        for (int i = 0; i < count; i++) {
            interfaces[i] = readReference(in);
        }
        // Deprecated because such a class cannot be instantiated by reflection if encapsulated; the codec does not.
        return Proxy.getProxyClass(loaders.application(), interfaces);
    }

    private static Class<?> primitive(String descriptor) throws MalformedMessage {
        return switch (descriptor) {
            case "Z" -> boolean.class;
            case "B" -> byte.class;
            case "C" -> char.class;
            case "S" -> short.class;
            case "I" -> int.class;
            case "J" -> long.class;
            case "F" -> float.class;
            case "D" -> double.class;
            case "V" -> void.class;
            default -> throw new MalformedMessage("primitive type " + descriptor);
        };
    }

    void clear() {
        Arrays.fill(shapes, null);
    }
}
