// What a loaded class calls, as its constant pool says: the JDK's own reflection of pools, which it keeps for annotations.
// Hidden classes have no class file to read.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Executable;
import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.List;

/** The constant pool of one class. */
final class ConstantPool {
    private final Object pool;
    private final Class<?> type;

    private ConstantPool(Object pool, Class<?> type) {
        this.pool = pool;
        this.type = type;
    }

    /** Throws where this JVM does not have it under the names that JDK 17 to 25 know it by. */
    static ConstantPool of(Class<?> owner) throws ReflectiveOperationException {
        Class<?> type = Class.forName("jdk.internal.reflect.ConstantPool");
        MethodHandle asked = TrustedLookup.in(Class.class).findVirtual(Class.class, "getConstantPool",
            MethodType.methodType(type));
        return new ConstantPool(answer(asked, owner), type);
    }

    /** The methods and constructors of other classes than its own that a lambda's class calls, each once. */
    List<Executable> called() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = TrustedLookup.in(type);
        MethodHandle size = lookup.findVirtual(type, "getSize", MethodType.methodType(int.class));
        MethodHandle method = lookup.findVirtual(type, "getMethodAt", MethodType.methodType(Member.class, int.class));
        List<Executable> found = new ArrayList<>();
        int entries = (int) answer(size, pool);
        for (int i = 1; i < entries; i++) {
            if (memberAt(method, i) instanceof Executable each && !found.contains(each)) {
                found.add(each);
            }
        }
        return found;
    }

    /** Null for an entry of another kind, which it says by an exception. */
    private Object memberAt(MethodHandle method, int index) throws ReflectiveOperationException {
        try {
            return answer(method, pool, index);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Object answer(MethodHandle asked, Object... arguments) throws ReflectiveOperationException {
        try {
            return asked.invokeWithArguments(arguments);
        } catch (RuntimeException | Error | ReflectiveOperationException e) {
            throw e;
        } catch (Throwable e) {
            throw new ReflectiveOperationException(e);
        }
    }
}
