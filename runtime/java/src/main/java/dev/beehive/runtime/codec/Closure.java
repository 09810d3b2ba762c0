// What is shipped with an invocation. Asked once for every new object of a class whose instances may stay at home.
package dev.beehive.runtime.codec;

/** Decides between sending an application object and leaving it at home as a remote reference. */
@FunctionalInterface
public interface Closure {
    /** Everything that can be reached is sent. */
    Closure EVERYTHING = object -> true;

    /** True to send the object's contents, false to send a shell. */
    boolean includes(Object applicationObject);

    /** The worker has asked for an object that was left at home. */
    default void missed(Object applicationObject) {
    }
}
