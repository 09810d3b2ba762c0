// Whether an invocation is one that nobody sees: it begins as any other, and becomes a shadow where it would be seen to do
// what its root has not been shown to survive. What the worker does is not made here from then on; the root runs here.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.ChangeSet;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.codec.UndoLog;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;

/** Of one invocation; used by its thread. */
final class Rehearsal {
    private final Proven proven;
    private final Overlay overlay = new Overlay();
    /** What it would have been seen to do. */
    private final List<String> passed = new ArrayList<>(0);
    private boolean isShadow;

    /** @param proven null: it never becomes a shadow */
    Rehearsal(Proven proven) {
        this.proven = proven;
    }

    /** What INVOKE says of it. */
    int flags() {
        boolean isLearning = proven != null && proven.isLearning();
        return (mayWrite() && !isLearning ? 0 : Forgetting.REHEARSAL) | (isLearning ? Forgetting.NEW : 0);
    }

    boolean isShadow() {
        return isShadow;
    }

    /** Whether the invocation may write into a database: what is rolled back may have drawn a number of it all the same. */
    boolean mayWrite() {
        return proven == null || proven.writes();
    }

    /** Whether this would be rehearsed, as long as nothing has been seen. */
    boolean isNew(String effect) {
        return proven != null && !proven.holds(effect);
    }

    /** The invocation comes to something that would be seen, as the first or a later one: it is a shadow from here on. */
    void pass(String effect) {
        isShadow = true;
        passed.add(effect);
    }

    /**
     * Whether a shadow does without a call that the worker takes for one that nobody sees, since a framework fills its cache
     * by it: what it would put there is not whole here. A copy is filled where there can be one.
     */
    boolean hides(int flags, Method method, Object target) {
        boolean quiet = (flags & CallFlags.EFFECT) == 0 && (CallKinds.flagsOf(method) & CallFlags.EFFECT) != 0;
        return isShadow && quiet && !overlay.covers(method, target) && method.getName().equals("put") && target instanceof ConcurrentMap;
    }

    /**
     * Whether a root that writes into a database, and so is not rehearsed, must not be seen to do this: nobody knows what
     * comes behind a call that no copy could take.
     */
    boolean isCutBy(Method method, Object target) {
        boolean database = method.getDeclaringClass() == DatabaseEffect.class || JdbcKind.of(target) != JdbcKind.NONE;
        boolean cuts = proven != null && proven.writes() && !database && !HomeEffects.canBeLeftOut(method, target)
            && !Overlay.couldCover(method, target);
        if (cuts) {
            proven.cut();
        }
        return cuts;
    }

    /** Makes the worker's changes; a shadow's are not seen here. */
    void make(ChangeSet changes, UndoLog undo) {
        if (isShadow) {
            changes.applyToNew();
        } else {
            changes.apply(undo);
        }
    }

    /** Whether a call that changes something is made on a copy. */
    boolean covers(Method method, Object target) {
        return overlay.covers(method, target);
    }

    /** What a call is made on. */
    Object standInFor(Object target) {
        return overlay.standInFor(target);
    }

    /** The answer of a call that a shadow has of its own. */
    Optional<Performed> answer(Method method, Object target, Object[] arguments) {
        return isShadow ? overlay.answer(method, target, arguments) : Optional.empty();
    }

    /** What a call is made with: a walk leads through the copy. */
    Object[] argumentsOf(Method method, Object[] arguments) {
        if (!isShadow || method.getDeclaringClass() != Walk.class) {
            return arguments;
        }
        Object[] ofShadow = arguments.clone();
        ofShadow[0] = overlay.standInFor(arguments[0]);
        return ofShadow;
    }

    /** The shadow has come to its end. */
    void succeeds() {
        proven.addAll(passed);
    }

    /** It has met a call that cannot be made for it. */
    void cut() {
        proven.cut();
    }

    /** An invocation has not come to its end for this reason. */
    void met(String code) {
        // Of an initialiser: that is prepared before the next one begins.
        if (proven != null && code.startsWith("OFFLOAD_") && !code.equals(OffloadRefused.Code.OFFLOAD_INITIALISER.name())) {
            proven.doubt(isShadow);
        }
    }

    /** It is taken back behind a write into a database. */
    void drawsInVain() {
        if (proven != null && mayWrite() && !isShadow) {
            proven.drawsInVain();
        }
    }

    /** It was refused at its first write into a database. */
    void endsAtWrite() {
        proven.addWriting(passed);
    }
}
