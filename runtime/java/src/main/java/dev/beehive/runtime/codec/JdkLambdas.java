// Lambdas that the JDK's own code makes (`Function.andThen`, `Comparator.comparing`, streams that wait): nobody has seen
// their sites linked, so their recipes are read off their classes. Such a class does one thing, and its constant pool
// names the method that it does it with; its fields are what it captures.
package dev.beehive.runtime.codec;

import java.io.Serializable;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looked into class by class, when a lambda of one is met. */
final class JdkLambdas {
    private static final String HIDDEN = "$$Lambda";
    /** What else such a class may call: its superclass, and what makes it serializable or keeps it from being so. */
    private static final Set<String> AROUND = Set.of("java.lang.Object", "java.lang.invoke.SerializedLambda",
        "java.io.NotSerializableException");
    private static final Set<Class<?>> BOXES = Set.of(Boolean.class, Byte.class, Short.class, Character.class,
        Integer.class, Long.class, Float.class, Double.class, Number.class);

    private JdkLambdas() {
    }

    /** The recipe of this hidden class, if it is a lambda of the JDK's; else null, and so if it cannot be told. */
    static LambdaRecipe recipeOf(Class<?> hidden) {
        int end = hidden.getName().indexOf(HIDDEN);
        boolean known = end > 0 && hidden.getName().startsWith("java.") && hidden.getInterfaces().length > 0
            && !hidden.getName().startsWith("java.lang.invoke.");
        if (!known) {
            return null;
        }
        try {
            Executable body = bodyOf(ConstantPool.of(hidden));
            Method function = functionOf(hidden);
            Class<?> caller = Class.forName(hidden.getName().substring(0, end), false, hidden.getClassLoader());
            return body == null || function == null ? null : recipe(hidden, caller, body, function);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // Without a recipe such a lambda stays at home, as other hidden classes do.
            return null;
        }
    }

    /** The one method that is called and is neither of the lambda's own making nor a conversion of its arguments. */
    private static Executable bodyOf(ConstantPool pool) throws ReflectiveOperationException {
        List<Executable> bodies = new ArrayList<>();
        List<Executable> conversions = new ArrayList<>();
        for (Executable each : pool.called()) {
            boolean constructs = each instanceof Constructor;
            if (constructs && AROUND.contains(each.getDeclaringClass().getName())) {
                continue;
            }
            boolean converts = BOXES.contains(each.getDeclaringClass())
                && (each.getName().equals("valueOf") || each.getName().endsWith("Value"));
            (converts ? conversions : bodies).add(each);
        }
        List<Executable> likely = bodies.isEmpty() ? conversions : bodies;
        return likely.size() == 1 ? likely.get(0) : null;
    }

    /** The interface's method that the lambda answers, as the interface declares it. */
    private static Method functionOf(Class<?> hidden) {
        Method found = null;
        for (Method each : hidden.getInterfaces()[0].getMethods()) {
            boolean ofObject = each.getName().equals("equals") && each.getParameterCount() == 1;
            if (!Modifier.isAbstract(each.getModifiers()) || ofObject) {
                continue;
            }
            if (found != null) {
                return null;
            }
            found = each;
        }
        return found;
    }

    private static LambdaRecipe recipe(Class<?> hidden, Class<?> caller, Executable body, Method function) {
        List<Class<?>> captured = new ArrayList<>();
        for (Field field : hidden.getDeclaredFields()) {
            captured.add(field.getType());
        }
        Class<?>[] interfaces = hidden.getInterfaces();
        List<Class<?>> markers = new ArrayList<>();
        int flags = 0;
        for (Class<?> each : interfaces) {
            if (each == Serializable.class) {
                flags |= LambdaMetafactory.FLAG_SERIALIZABLE;
            } else if (each != interfaces[0]) {
                flags |= LambdaMetafactory.FLAG_MARKERS;
                markers.add(each);
            }
        }
        MethodType erased = MethodType.methodType(function.getReturnType(), function.getParameterTypes());
        return new LambdaRecipe(caller, function.getName(), MethodType.methodType(interfaces[0], captured), erased,
            kindOf(body), body.getDeclaringClass(), body.getName(), typeOf(body), used(erased, captured, body), flags,
            markers, List.of());
    }

    private static int kindOf(Executable body) {
        if (body instanceof Constructor) {
            return MethodHandleInfo.REF_newInvokeSpecial;
        }
        if (Modifier.isStatic(body.getModifiers())) {
            return MethodHandleInfo.REF_invokeStatic;
        }
        return body.getDeclaringClass().isInterface() ? MethodHandleInfo.REF_invokeInterface
            : MethodHandleInfo.REF_invokeVirtual;
    }

    private static MethodType typeOf(Executable body) {
        Class<?> result = body instanceof Method method ? method.getReturnType() : void.class;
        return MethodType.methodType(result, body.getParameterTypes());
    }

    /** The interface's method with the types of arguments that the body takes: what the class casts them to. */
    private static MethodType used(MethodType erased, List<Class<?>> captured, Executable body) {
        List<Class<?>> taken = new ArrayList<>();
        if (body instanceof Method && !Modifier.isStatic(body.getModifiers())) {
            taken.add(body.getDeclaringClass());
        }
        taken.addAll(List.of(body.getParameterTypes()));
        MethodType used = erased;
        for (int i = 0; i < erased.parameterCount(); i++) {
            Class<?> asked = erased.parameterType(i);
            Class<?> its = taken.get(captured.size() + i);
            Class<?> boxed = its.isPrimitive() ? MethodType.methodType(its).wrap().returnType() : its;
            if (!asked.isPrimitive() && asked.isAssignableFrom(boxed)) {
                used = used.changeParameterType(i, boxed);
            }
        }
        return used;
    }
}
