// Tells the JDK's classes, which are alike on both sides and never rewritten, from all others.
package dev.beehive.runtime.codec;

/** Where a class comes from. */
public final class ClassOrigin {
    private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();

    private ClassOrigin() {
    }

    /** True when JDK code reads fields of the instances, past any barrier: these must be there from the start. */
    static boolean hasJdkState(Class<?> type) {
        Class<?> jdk = type;
        while (!isJdk(jdk)) {
            jdk = jdk.getSuperclass();
        }
        return jdk != Object.class;
    }

    public static boolean isJdk(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        ClassLoader loader = element.getClassLoader();
        return (loader == null || loader == PLATFORM) && !element.isHidden();
    }
}
