// Stand-ins for objects that stay at home: subclasses whose methods all call home, allocated without a constructor.
// The class is defined in the package of the class it extends, so that it may override what that package may.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.ClassFile;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.codec.StubMaker;
import dev.beehive.runtime.hook.Pinned;
import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One class for each superclass and list of interfaces. */
final class StubFactory implements StubMaker {
    private static final int SUPER_SYNTHETIC = 0x1020;
    private static final String OWN_PACKAGE = "dev.beehive.runtime.stub";

    private record Look(Class<?> superclass, List<Class<?>> interfaces) {
    }

    /** By superclass and interfaces. Not by a record: its hash code would be made at run time, at each worker's start. */
    private final Map<List<Class<?>>, Class<?>> made = new HashMap<>();

    @Override
    public Object make(Class<?> superclass, Class<?>[] interfaces) throws MalformedMessage {
        Look look = new Look(superclass, List.of(interfaces));
        List<Class<?>> key = new ArrayList<>(look.interfaces);
        key.add(0, superclass);
        try {
            Class<?> type = made.get(key);
            if (type == null) {
                type = define(look, made.size());
                made.put(key, type);
            }
            return Memory.allocate(type);
        } catch (InstantiationException | RuntimeException | LinkageError e) {
            throw new MalformedMessage("no stand-in for a " + superclass.getName() + " " + look.interfaces, e);
        }
    }

    private static Class<?> define(Look look, int number) {
        Class<?> host = look.superclass;
        Module module = host.getModule();
        boolean own = host == Object.class;
        ClassLoader loader = own ? loaderOf(look.interfaces) : host.getClassLoader();
        if (!own && module.isNamed()) {
            TrustedLookup.letReadUnnamed(module);
        }
        String simple = host.getName().substring(host.getName().lastIndexOf('.') + 1);
        String name = (own ? OWN_PACKAGE : host.getPackageName()) + '.' + simple + "$$beehive" + number;
        Method[] methods = StubMethods.of(host, look.interfaces.toArray(Class<?>[]::new));
        Class<?> type = Memory.define(name.replace('.', '/'), classFile(name, look, methods), loader);
        Pinned.register(type, methods);
        return type;
    }

    private static ClassLoader loaderOf(List<Class<?>> interfaces) {
        ClassLoader loader = null;
        for (Class<?> each : interfaces) {
            loader = each.getClassLoader() == null ? loader : each.getClassLoader();
        }
        return loader;
    }

    private static byte[] classFile(String name, Look look, Method[] methods) {
        List<String> interfaces = new ArrayList<>();
        interfaces.add(internal(PinnedStub.class));
        look.interfaces.forEach(each -> interfaces.add(internal(each)));
        ClassFile file = new ClassFile(SUPER_SYNTHETIC, name.replace('.', '/'), internal(look.superclass), interfaces);
        for (int i = 0; i < methods.length; i++) {
            Method method = methods[i];
            int access = method.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED);
            file.method(access, method.getName(), StubMethods.descriptor(method), StubCode.STACK_MAX,
                StubCode.localsOf(method), new StubCode(file).of(method, i));
        }
        return file.toByteArray();
    }

    private static String internal(Class<?> type) {
        return type.getName().replace('.', '/');
    }
}
