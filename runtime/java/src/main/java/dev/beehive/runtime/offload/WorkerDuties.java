// What a real worker adds to its end of a connection: stand-ins, static fields that must be asked for again, and
// reasons not to trust what a root has done.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.StubMaker;
import java.lang.reflect.Method;

/** Called on the thread that runs the roots. */
public interface WorkerDuties extends StubMaker {
    /** Duties of tests whose classes are not rewritten. */
    WorkerDuties NONE = new WorkerDuties() {
        @Override
        public Object make(Class<?> superclass, Class<?>[] interfaces) throws MalformedMessage {
            throw new MalformedMessage("no stand-ins here");
        }

        @Override
        public void waits() {
        }

        @Override
        public void begins(Method root, boolean databasesAtHome, boolean rehearses, boolean isNew) {
        }

        @Override
        public void abandons(Iterable<?> shared) {
        }

        @Override
        public void ends(ClassLoader application) {
        }

        @Override
        public void forgets() {
        }

        @Override
        public void forgetsInvocation() {
        }

        @Override
        public void forgetsUnreachable() {
        }

        @Override
        public void staticsAreHere(Class<?> type) {
        }

        @Override
        public String objectionTo(Iterable<?> shared) {
            return null;
        }

        @Override
        public String objection() {
            return null;
        }
    };

    /** There is nothing to do until the server says something. */
    void waits();

    /**
     * A root is about to run.
     *
     * @param root what is about to run
     * @param databasesAtHome whether it must use the server's connections
     * @param rehearses whether it must write nothing into a database
     * @param isNew whether it may become a rehearsal at the first thing that others would see
     */
    void begins(Method root, boolean databasesAtHome, boolean rehearses, boolean isNew);

    /**
     * A root has been unwound: what it has come to hold is given back unused, what it kept for the next is forgotten.
     *
     * @param shared objects that both sides know
     */
    void abandons(Iterable<?> shared);

    /** A root has ended; what it has come to hold for the application's next use is given back. Home may refuse on the way. */
    void ends(ClassLoader application);

    /** All objects of the connection are forgotten: static fields are unknown again. */
    void forgets();

    /** What the invocation before has brought is forgotten. */
    void forgetsInvocation();

    /** Some objects have been forgotten, none of them by a class: home has told which. */
    void forgetsUnreachable();

    /** The static fields of a class have come with an invocation. */
    void staticsAreHere(Class<?> type);

    /** The code of why the result of a root that has just ended must not count; null to let it count. */
    String objection();

    /** The same, once its message is written, so that all that it brings home is among the objects that both sides know. */
    String objectionTo(Iterable<?> shared);
}
