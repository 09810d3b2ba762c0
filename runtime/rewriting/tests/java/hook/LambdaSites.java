// A stand-in for the runtime's hook: links as the JDK does and counts.
package dev.beehive.runtime.hook;

import java.lang.invoke.CallSite;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

public final class LambdaSites {
    public static int linked;

    private LambdaSites() {}

    public static CallSite metafactory(MethodHandles.Lookup caller, String name, MethodType factory,
            MethodType method, MethodHandle implementation, MethodType dynamic) throws Exception {
        linked++;
        return LambdaMetafactory.metafactory(caller, name, factory, method, implementation, dynamic);
    }

    public static CallSite altMetafactory(MethodHandles.Lookup caller, String name, MethodType factory,
            Object... arguments) throws Exception {
        linked++;
        return LambdaMetafactory.altMetafactory(caller, name, factory, arguments);
    }
}
