// Makes the stand-ins of objects that stay at home. Only a worker has one.
package dev.beehive.runtime.codec;

/** Called while a message is read. */
@FunctionalInterface
public interface StubMaker {
    /** Home asks for none, and never gets any. */
    StubMaker NONE = (superclass, interfaces) -> {
        throw new MalformedMessage("a pinned object where none may be");
    };

    /** Whether home knows an object. */
    default boolean isShared(Object object) {
        return false;
    }

    /** Before a field of an object is read or written by one who does not know of the other JVM. */
    default void look(Object object) {
    }

    /** Ends the invocation, because it needs what cannot be here. */
    default Error refuse(String code, String text) {
        throw new IllegalStateException(code + " " + text);
    }

    /** A new instance, without a constructor's work, of a class that calls home for every method it may override. */
    Object make(Class<?> superclass, Class<?>[] interfaces) throws MalformedMessage;
}
