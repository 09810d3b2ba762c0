// Which class loaders both sides have: the platform's, the system's, and the application's.
// Others (of a container, of generated classes) do not exist on the worker.
package dev.beehive.runtime.codec;

import java.lang.reflect.Proxy;

/** Names loaders by a small number. */
record Loaders(ClassLoader application) {
    private static final int NONE = 0;
    private static final int PLATFORM = 1;
    private static final int SYSTEM = 2;
    private static final int APPLICATION = 3;

    void write(ClassLoader loader, MessageWriter out) throws OffloadRefused {
        out.writeUnsigned(numberOf(loader));
    }

    private int numberOf(ClassLoader loader) throws OffloadRefused {
        if (loader == null) {
            return NONE;
        }
        if (loader == application) {
            return APPLICATION;
        }
        if (loader == ClassLoader.getPlatformClassLoader()) {
            return PLATFORM;
        }
        if (loader == ClassLoader.getSystemClassLoader()) {
            return SYSTEM;
        }
        throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_LOADER, loader.getClass().getName(), "");
    }

    ClassLoader read(MessageReader in) throws MalformedMessage {
        int number = in.readUnsigned();
        return switch (number) {
            case NONE -> null;
            case PLATFORM -> ClassLoader.getPlatformClassLoader();
            case SYSTEM -> ClassLoader.getSystemClassLoader();
            case APPLICATION -> application;
            default -> throw new MalformedMessage("class loader " + number);
        };
    }

    /** Refuses a class that has a name but that the application's loader would not find under it. */
    void checkNameable(Class<?> type) throws OffloadRefused {
        boolean made = Proxy.isProxyClass(type) || Lambdas.recipeOf(type) != null;
        if (type.isArray() || type.isPrimitive() || made) {
            return;
        }
        if (type.isHidden()) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_HIDDEN_CLASS, type.getName(), "");
        }
        try {
            if (Class.forName(type.getName(), false, application) == type) {
                return;
            }
        } catch (ClassNotFoundException | LinkageError e) {
            // Falls through to the refusal: the class is there, but not for this loader.
        }
        throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_LOADER, type.getName(), "");
    }
}
