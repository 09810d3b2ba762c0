// What is sent with an invocation: instances of the classes that invocations of the same root have needed before. The
// first worker asks for one object of each class, all later ones get them at once.
package dev.beehive.runtime.server;

import dev.beehive.runtime.codec.Closure;
import java.util.Collection;

/** Of one connection, for one root at a time. */
final class LearnedClosure implements Closure {
    private Root root;

    void begin(Root next, Object receiver, Object[] arguments) {
        root = next;
        learn(receiver);
        for (Object each : arguments) {
            learn(each);
        }
    }

    private void learn(Object object) {
        if (object != null) {
            root.closure.add(object.getClass());
        }
    }

    @Override
    public boolean includes(Object applicationObject) {
        return root.closure.contains(applicationObject.getClass());
    }

    @Override
    public Collection<Class<?>> statics() {
        return root.statics;
    }

    @Override
    public void missedStatics(Class<?> type) {
        root.statics.add(type);
    }

    @Override
    public void missed(Object applicationObject) {
        root.closure.add(applicationObject.getClass());
    }
}
