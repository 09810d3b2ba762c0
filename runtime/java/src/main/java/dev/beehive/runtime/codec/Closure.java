// What is shipped with an invocation. Asked once for every new object of a class whose instances may stay at home.
package dev.beehive.runtime.codec;

import java.util.Collection;
import java.util.List;

/** Decides between sending an application object and leaving it at home as a remote reference. */
@FunctionalInterface
public interface Closure {
    /** Everything that can be reached is sent. */
    Closure EVERYTHING = object -> true;

    /** True to send the object's contents, false to send a shell. */
    boolean includes(Object applicationObject);

    /** Classes whose static fields are sent along, if they have not been sent yet. */
    default Collection<Class<?>> statics() {
        return List.of();
    }

    /** The worker has asked for the static fields of a class. */
    default void missedStatics(Class<?> type) {
    }

    /** The worker has asked for an object that was left at home. */
    default void missed(Object applicationObject) {
    }
}
