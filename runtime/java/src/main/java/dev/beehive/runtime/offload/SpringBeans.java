// Beans that are asked for by name or type (`getBean`, service locators): one that is there already is found again by
// whoever asks, and its container notes nothing. Names stand here so that nothing depends on Spring.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Decides for the server's own containers. */
final class SpringBeans {
    private static final List<String> CONTAINERS = List.of("org.springframework.beans.factory.", "org.springframework.context.",
        "org.springframework.boot.");
    private static final String LAZY = "doResolveDependency";
    private static final String DEPENDENT = "registerDependentBean";
    private static final Set<String> QUESTIONS = Set.of("getBean", "getBeansOfType", LAZY, DEPENDENT);
    private static final String FACTORY_OF_ONE = "org.springframework.beans.factory.FactoryBean";

    private SpringBeans() {
    }

    /** Whether a call makes no bean: all that it could mean are singletons that have been made. */
    static boolean isHit(Method method, Object target, Object[] arguments) {
        boolean asks = target != null && QUESTIONS.contains(method.getName()) && arguments.length > 0
            && CONTAINERS.stream().anyMatch(method.getDeclaringClass().getName()::startsWith);
        if (!asks || method.isVarArgs()) {
            return false;
        }
        try {
            Object container = containerOf(target);
            if (method.getName().equals(DEPENDENT)) {
                return isKnownToDepend(arguments, container);
            }
            Object asked = method.getName().equals(LAZY) ? typeOf(arguments[0]) : arguments[0];
            String[] names = namesOf(asked, container);
            boolean any = names.length > 0 || method.getName().equals("getBeansOfType");
            return any && Stream.of(names).allMatch(name -> isMade(name, container));
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Of a version that is not known, or not open: the general rule does for it.
            return false;
        }
    }

    /** What the proxy of a `@Lazy` dependency stands for, if that is one bean; it is looked up at each use. */
    private static Object typeOf(Object descriptor) throws ReflectiveOperationException {
        Class<?> type = (Class<?>) descriptor.getClass().getMethod("getDependencyType").invoke(descriptor);
        boolean one = !type.isArray() && !type.getName().startsWith("java.") && !type.getName().startsWith("jakarta.inject.")
            && !type.getName().startsWith("org.springframework.beans.factory.");
        return one ? type : null;
    }

    /** What such a proxy notes each time. */
    private static boolean isKnownToDepend(Object[] beans, Object container) throws ReflectiveOperationException {
        Object known = container.getClass().getMethod("getDependentBeans", String.class).invoke(container, beans[0]);
        return known instanceof String[] names && List.of(names).contains(beans[1]);
    }

    /** Of an application context, the factory that it delegates to. */
    private static Object containerOf(Object target) throws ReflectiveOperationException {
        Class<?> type = target.getClass();
        boolean context = Stream.of(type.getMethods()).anyMatch(each -> each.getName().equals("getAutowireCapableBeanFactory"));
        return context ? type.getMethod("getAutowireCapableBeanFactory").invoke(target) : target;
    }

    private static String[] namesOf(Object asked, Object container) throws ReflectiveOperationException {
        if (asked instanceof String name) {
            return new String[] {name};
        }
        if (!(asked instanceof Class)) {
            return new String[0];
        }
        Method names = container.getClass().getMethod("getBeanNamesForType", Class.class, boolean.class, boolean.class);
        return (String[]) names.invoke(container, asked, true, false);
    }

    private static boolean isMade(String name, Object container) {
        try {
            Class<?> type = container.getClass();
            if (!Boolean.TRUE.equals(type.getMethod("containsSingleton", String.class).invoke(container, name))) {
                return false;
            }
            Object bean = type.getMethod("getSingleton", String.class).invoke(container, name);
            return bean != null && (!isFactory(bean.getClass()) || hasProduct(name, container));
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Whether what a factory makes is a singleton, and has been made. */
    private static boolean hasProduct(String name, Object container) throws ReflectiveOperationException {
        for (Class<?> c = container.getClass(); c != null; c = c.getSuperclass()) {
            for (Method each : c.getDeclaredMethods()) {
                if (each.getName().equals("getCachedObjectForFactoryBean") && each.getParameterCount() == 1) {
                    each.setAccessible(true);
                    return each.invoke(container, name) != null;
                }
            }
        }
        return false;
    }

    /** It may make something at each call. */
    private static boolean isFactory(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Class<?> each : c.getInterfaces()) {
                if (each.getName().equals(FACTORY_OF_ONE) || isFactory(each)) {
                    return true;
                }
            }
        }
        return false;
    }
}
