// Keeps interrupts of a thread away from the channel that it waits on. The JDK closes a channel when a thread that uses it
// is interrupted; but whom the application interrupts is its own thread, and the worker must live on. The interrupt stays
// pending, as with a blocking socket.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Proxy;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/** Where the JDK has no such field an interrupt ends the connection: a lost worker, no wrong answer. */
final class Uninterruptible {
    private static final long NONE = -1;
    private static final long OFFSET = offset();
    private static final Object IGNORES = OFFSET == NONE ? null : ignores();

    private Uninterruptible() {
    }

    static void make(SocketChannel channel) {
        if (IGNORES != null) {
            Memory.putReference(channel, OFFSET, IGNORES);
        }
    }

    private static long offset() {
        try {
            return Memory.offsetOf(AbstractInterruptibleChannel.class.getDeclaredField("interruptor"));
        } catch (NoSuchFieldException e) {
            return NONE;
        }
    }

    private static Object ignores() {
        try {
            Class<?> type = AbstractInterruptibleChannel.class.getDeclaredField("interruptor").getType();
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (proxy, method, arguments) -> null);
        } catch (NoSuchFieldException | IllegalArgumentException e) {
            return null;
        }
    }
}
