// Numbers that a framework draws only to tell things apart: a worker draws many at once from the counter at home. Gaps do
// not matter, only that no number is drawn twice.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.WorkerConnection;
import java.lang.reflect.Method;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** One per worker; used by the serving thread. */
final class OwnNumbers implements AnsweredHere {
    private static final long BLOCK = 1 << 14;
    /** Names of parts of a query, identifiers of rows that are not stored yet. */
    private static final Set<String> DRAWERS = Set.of("org.hibernate.query.sqm.spi.SqmCreationHelper",
        "org.hibernate.action.internal.DelayedPostInsertIdentifier");
    private static final Method ADD = add();

    private static final class Block {
        private long next;
        private long end;
    }

    private final Map<Object, Block> byStandIn = new IdentityHashMap<>();

    private static Method add() {
        try {
            return AtomicLong.class.getMethod("getAndAdd", long.class);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Of counters that are no longer known, what has been drawn already stays unused. */
    void forgetsUnless(Predicate<Object> known) {
        byStandIn.keySet().removeIf(known.negate());
    }

    @Override
    public Object answer(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        boolean before = method.getName().equals("getAndIncrement");
        boolean draws = pinned instanceof AtomicLong && (before || method.getName().equals("incrementAndGet"));
        if (!draws || !isDrawing()) {
            return NOT_HERE;
        }
        Block block = byStandIn.computeIfAbsent(pinned, its -> new Block());
        if (block.next == block.end) {
            block.next = (long) home.callWithoutEffect(pinned, ADD, new Object[] {BLOCK});
            block.end = block.next + BLOCK;
        }
        long drawn = block.next++;
        return before ? drawn : drawn + 1;
    }

    private static boolean isDrawing() {
        return Publications.caller().map(type -> DRAWERS.contains(type.getName())).orElse(false);
    }
}
