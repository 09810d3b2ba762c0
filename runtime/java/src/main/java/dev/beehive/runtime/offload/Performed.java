// A call that a worker wanted, made at home: what it brought.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.protocol.FrameKind;
import java.lang.reflect.Method;

/**
 * RETURNED with the value, or THREW with what was thrown.
 *
 * @param isFresh whether the value was made for the caller alone
 */
record Performed(FrameKind kind, Object value, boolean isFresh) {
    /** A call that a rehearsal does without, or that waits. */
    static final Performed NOT_MADE = returned(null);

    static Performed returned(Object value) {
        return new Performed(FrameKind.RETURNED, value, false);
    }

    static Performed by(Home home, HomeEffects effects, Traffic traffic, Method method, Object target, Object[] arguments) {
        if (effects.putsOff(method, target, arguments, home)) {
            return NOT_MADE;
        }
        try {
            Object value = home.call(method, target, arguments);
            value = target instanceof ThreadLocal ? AgreedReads.ofLocal(value) : value;
            effects.called(method, target, arguments, value);
            noteDatabase(method, value, home, traffic);
            return new Performed(FrameKind.RETURNED, value, CallKinds.makesResult(method));
        } catch (Throwable e) {
            return new Performed(FrameKind.THREW, e, false);
        }
    }

    private static void noteDatabase(Method method, Object value, Home home, Traffic traffic) {
        if (method.getDeclaringClass() != DataSourceSettings.class || !(value instanceof String[] settings)) {
            return;
        }
        if (settings[0].equals(DataSourceSettings.REFUSED)) {
            traffic.databasesAtHome = settings[1];
        } else {
            home.workerOpensDatabase();
        }
    }
}
