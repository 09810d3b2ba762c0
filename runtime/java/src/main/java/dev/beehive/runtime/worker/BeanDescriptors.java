// Descriptors of beans that the JDK keeps for each class (java.beans): made by a root and shown to home, they hold
// stand-ins from then on. When those are forgotten, the descriptors have to be made anew.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Method;

/** Of this JVM; the one cache of the JDK's whose contents libraries keep among their own. */
final class BeanDescriptors {
    private static final String KEEPER = "java.beans.Introspector";

    private BeanDescriptors() {
    }

    /** Throws away what is kept, if anything is. */
    static void forget() {
        try {
            Class<?> keeper = Class.forName(KEEPER, false, null);
            if (Memory.isInitialized(keeper)) {
                Method flush = keeper.getMethod("flushCaches");
                flush.invoke(null);
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            // A JVM without that module has no descriptors either.
            return;
        }
    }
}
