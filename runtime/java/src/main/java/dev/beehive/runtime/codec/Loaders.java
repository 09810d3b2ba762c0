// Which class loaders both sides have: the platform's, the system's, and the application's. One that only asks the
// application's (a container's, a framework's) has its like on the worker; others, of generated classes, do not.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.reflect.Proxy;
import java.util.List;

/** Names loaders by a small number. */
record Loaders(ClassLoader application) {
    private static final int NONE = 0;
    private static final int PLATFORM = 1;
    private static final int SYSTEM = 2;
    private static final int APPLICATION = 3;
    private static final int ASKS_APPLICATION = 4;
    /** Classes that a loader has defined, as the JVM tells it. */
    private static final long DEFINED = Memory.offsetOf(ClassLoader.class, "classes");

    /** Classes of such libraries that are loaded with them: implementations of JAXB. */
    private static final List<String> COMPARE_STRINGS = List.of("org.glassfish.jaxb.runtime.v2.util.QNameMap",
        "com.sun.xml.bind.v2.util.QNameMap");

    /** What stands on a worker for a loader without classes of its own. */
    private static final class Asking extends ClassLoader {
        Asking(ClassLoader application) {
            super(application);
        }
    }

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
        if (asksApplication(loader)) {
            return ASKS_APPLICATION;
        }
        throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_LOADER, loader.getClass().getName(), "");
    }

    private boolean asksApplication(ClassLoader loader) {
        ClassLoader parent = loader.getParent();
        while (parent != null && parent != application) {
            parent = parent.getParent();
        }
        return parent != null && definedBy(loader).isEmpty();
    }

    /** The classes that a loader has defined, in that order; grows at any time, under its own monitor. */
    static List<?> definedBy(ClassLoader loader) {
        return (List<?>) Memory.getReference(loader, DEFINED);
    }

    ClassLoader read(MessageReader in) throws MalformedMessage {
        int number = in.readUnsigned();
        return switch (number) {
            case NONE -> null;
            case PLATFORM -> ClassLoader.getPlatformClassLoader();
            case SYSTEM -> ClassLoader.getSystemClassLoader();
            case APPLICATION -> application;
            case ASKS_APPLICATION -> new Asking(application);
            default -> throw new MalformedMessage("class loader " + number);
        };
    }

    /** Whether the application has a library that tells strings apart by identity, having interned them. */
    boolean comparesStrings() {
        return application != null
            && COMPARE_STRINGS.stream().anyMatch(name -> TrustedLookup.loaded(application, name) != null);
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
