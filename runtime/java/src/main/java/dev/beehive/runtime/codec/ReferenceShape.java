// Weak, soft and the application's phantom references: the referent as it is now, never registered with a queue on the other side.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.util.function.Predicate;

/** Referent first, then the fields of subclasses. */
final class ReferenceShape extends FieldShape {
    private static final long REFERENT = JdkFields.offset(Reference.class, "referent");
    private static final long QUEUE = JdkFields.offset(Reference.class, "queue");
    /** The collector's own view of the referent, also where a subclass overrides `get`. */
    private static final MethodHandle GET = TrustedLookup.special(
        Reference.class, "get", MethodType.methodType(Object.class));
    private static final Object NO_QUEUE = noQueue();

    ReferenceShape(Class<?> type) {
        super(type);
    }

    private static Object noQueue() {
        String name = JdkFields.has(ReferenceQueue.class, "NULL_QUEUE") ? "NULL_QUEUE" : "NULL";
        return JdkFields.constant(ReferenceQueue.class, name);
    }

    private static Object referent(Object reference) {
        try {
            return (Object) GET.invokeExact((Reference<?>) reference);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    void writeContents(Object reference, Encoder to) throws OffloadRefused {
        Object referent = referent(reference);
        to.write(referent != null && isLost(reference, referent) ? null : referent);
        super.writeContents(reference, to);
    }

    /** What is softly held may be gone at any time: it is, if it cannot travel. */
    private static boolean isLost(Object reference, Object referent) {
        return reference instanceof SoftReference && Shapes.of(referent.getClass()) instanceof RefusedShape refused
            && !refused.has(STAYS);
    }

    @Override
    void readContents(Object reference, Decoder from) throws MalformedMessage {
        Memory.putReference(reference, REFERENT, from.read(Object.class));
        Memory.putReference(reference, QUEUE, NO_QUEUE);
        super.readContents(reference, from);
    }

    @Override
    boolean canLetGo(Object reference, Object agreed, Predicate<Object> gone) {
        Object target = referent(reference);
        return (target == null || !gone.test(target)) && super.canLetGo(reference, agreed, gone);
    }

    @Override
    void visit(Object reference, ReferenceVisitor visitor) {
        Object target = referent(reference);
        if (target != null) {
            visitor.reference(target, "referent", 0);
        }
        super.visit(reference, visitor);
    }
}
