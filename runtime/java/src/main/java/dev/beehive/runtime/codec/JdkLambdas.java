// Lambdas that methods of the JDK make (`Function.andThen`, `Comparator.comparing`, `Predicate.negate`): nobody has seen
// their sites linked, so their recipes are found out. A method is called once with arguments that do nothing; the class
// of what it answers tells what it captures, and with that which synthetic method is its body.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Looked into interface by interface, when a lambda of it is met. */
final class JdkLambdas {
    private static final String HIDDEN = "$$Lambda";
    private static final Set<String> LEARNT = ConcurrentHashMap.newKeySet();

    private JdkLambdas() {
    }

    /** Records the recipes of the interface that has made this hidden class, if it is one of the JDK's. */
    static void learn(Class<?> hidden) {
        String name = hidden.getName();
        int end = name.indexOf(HIDDEN);
        boolean known = end > 0
            && (name.startsWith("java.util.function.") || name.startsWith(Comparator.class.getName()));
        if (!known || !LEARNT.add(name.substring(0, end))) {
            return;
        }
        try {
            Class<?> type = Class.forName(name.substring(0, end));
            for (Method maker : type.getDeclaredMethods()) {
                int modifiers = maker.getModifiers();
                if (type.isInterface() && Modifier.isPublic(modifiers) && !Modifier.isAbstract(modifiers)) {
                    record(type, maker);
                }
            }
        } catch (Throwable e) {
            // Without a recipe such a lambda stays at home, as other hidden classes do.
            return;
        }
    }

    private static void record(Class<?> type, Method maker) throws Throwable {
        Class<?> made = make(type, maker);
        Method answered = made == null || !made.isHidden() ? null : functionOf(maker.getReturnType());
        if (answered == null) {
            return;
        }
        List<Class<?>> captured = new ArrayList<>();
        for (Field field : made.getDeclaredFields()) {
            captured.add(field.getType());
        }
        List<Method> bodies = new ArrayList<>();
        for (Method each : type.getDeclaredMethods()) {
            if (isBody(each, maker, captured, answered)) {
                bodies.add(each);
            }
        }
        if (bodies.size() == 1) {
            Lambdas.record(made, recipe(maker.getReturnType(), bodies.get(0), captured, answered, made));
        }
    }

    private static LambdaRecipe recipe(Class<?> type, Method body, List<Class<?>> captured, Method answered,
            Class<?> made) {
        Class<?> owner = body.getDeclaringClass();
        boolean isStatic = Modifier.isStatic(body.getModifiers());
        MethodType function = MethodType.methodType(answered.getReturnType(), answered.getParameterTypes());
        int flags = java.io.Serializable.class.isAssignableFrom(made) ? LambdaMetafactory.FLAG_SERIALIZABLE : 0;
        return new LambdaRecipe(owner, answered.getName(), MethodType.methodType(type, captured), function,
            isStatic ? MethodHandleInfo.REF_invokeStatic : MethodHandleInfo.REF_invokeInterface, owner, body.getName(),
            MethodType.methodType(body.getReturnType(), body.getParameterTypes()), function, flags, List.of(),
            List.of());
    }

    /** Captured values come first, the object itself foremost, then the arguments. */
    private static boolean isBody(Method body, Method maker, List<Class<?>> captured, Method answered) {
        if (!body.isSynthetic() || !body.getName().startsWith("lambda$" + maker.getName() + "$")) {
            return false;
        }
        List<Class<?>> expected = new ArrayList<>(captured);
        expected.addAll(List.of(answered.getParameterTypes()));
        List<Class<?>> its = new ArrayList<>();
        if (!Modifier.isStatic(body.getModifiers())) {
            its.add(body.getDeclaringClass());
        }
        its.addAll(List.of(body.getParameterTypes()));
        return its.equals(expected);
    }

    /** The one abstract method of an interface; null if there is none or another. */
    private static Method functionOf(Class<?> type) {
        Method found = null;
        for (Method each : type.getMethods()) {
            boolean ofObject = each.getName().equals("equals") && each.getParameterCount() == 1;
            if (Modifier.isAbstract(each.getModifiers()) && !ofObject) {
                if (found != null) {
                    return null;
                }
                found = each;
            }
        }
        return found;
    }

    private static Class<?> make(Class<?> type, Method maker) {
        Object[] arguments = new Object[maker.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            Class<?> parameter = maker.getParameterTypes()[i];
            if (!parameter.isInterface() && parameter != Object.class) {
                return null;
            }
            arguments[i] = parameter == Object.class ? parameter : idle(parameter);
        }
        try {
            MethodHandles.Lookup lookup = TrustedLookup.in(type);
            MethodHandle handle = Modifier.isStatic(maker.getModifiers()) ? lookup.unreflect(maker)
                : lookup.unreflectSpecial(maker, type).bindTo(idle(type));
            Object made = handle.invokeWithArguments(arguments);
            return made == null ? null : made.getClass();
        } catch (Throwable e) {
            // It wants more of its arguments than that they are there.
            return null;
        }
    }

    private static Object idle(Class<?> type) {
        ClassLoader loader = JdkLambdas.class.getClassLoader();
        return Proxy.newProxyInstance(loader, new Class<?>[] {type}, (proxy, method, arguments) -> null);
    }
}
