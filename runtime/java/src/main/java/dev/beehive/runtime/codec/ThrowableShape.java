// Exceptions: the JVM keeps the raw stack in a form no other JVM can read, so the trace is made readable first.
package dev.beehive.runtime.codec;

/** Fields, with the stack trace filled in. */
final class ThrowableShape extends FieldShape {
    ThrowableShape(Class<?> type) {
        super(type);
    }

    @Override
    void writeContents(Object throwable, Encoder to) throws OffloadRefused {
        ((Throwable) throwable).getStackTrace();
        super.writeContents(throwable, to);
    }
}
