// Which methods a stand-in overrides: all that its users could call and that the JVM lets it override.
package dev.beehive.runtime.worker;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects methods by name and descriptor, those of subclasses before those of superclasses. */
final class StubMethods {
    private final Map<String, Method> found = new LinkedHashMap<>();
    private final String stubPackage;

    private StubMethods(String stubPackage) {
        this.stubPackage = stubPackage;
    }

    /** The methods in a fixed order. */
    static Method[] of(Class<?> superclass, Class<?>[] interfaces) {
        StubMethods methods = new StubMethods(superclass.getPackageName());
        for (Class<?> c = superclass; c != null && c != Object.class; c = c.getSuperclass()) {
            for (Method method : c.getDeclaredMethods()) {
                methods.add(method);
            }
        }
        for (Class<?> c = superclass; c != null; c = c.getSuperclass()) {
            methods.addInterfaces(c.getInterfaces());
        }
        methods.addInterfaces(interfaces);
        methods.addToString();
        return methods.found.values().stream().filter(StubMethods::canBeOverridden).toArray(Method[]::new);
    }

    private void addInterfaces(Class<?>[] interfaces) {
        for (Class<?> each : interfaces) {
            for (Method method : each.getMethods()) {
                add(method);
            }
        }
    }

    /** Object's own says the name of the class, which is not the stand-in's. */
    private void addToString() {
        try {
            add(Object.class.getMethod("toString"));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(Method method) {
        int modifiers = method.getModifiers();
        boolean hidden = !Modifier.isPublic(modifiers) && !Modifier.isProtected(modifiers)
            && !method.getDeclaringClass().getPackageName().equals(stubPackage);
        boolean isFinalizer = method.getName().equals("finalize") && method.getParameterCount() == 0;
        if (!Modifier.isStatic(modifiers) && !Modifier.isPrivate(modifiers) && !hidden && !isFinalizer) {
            // A final method is kept, so that what it overrides is not taken for overridable.
            found.putIfAbsent(method.getName() + descriptor(method), method);
        }
    }

    private static boolean canBeOverridden(Method method) {
        return !Modifier.isFinal(method.getModifiers());
    }

    static String descriptor(Method method) {
        return java.lang.invoke.MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .toMethodDescriptorString();
    }
}
