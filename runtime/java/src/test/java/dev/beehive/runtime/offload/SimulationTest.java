// Whatever happens to frames and to the two sides, the state at home is that of a run without offload, or the request
// fails with the documented error after something could be seen. Never anything else.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.codec.Reach;
import dev.beehive.runtime.codec.Side;
import dev.beehive.runtime.offload.SimulatedWire.Fate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("beehive.simulation.seeds", 400);
    private static final int INVOCATIONS = 4;

    /** How often each kind of end was met: a simulation that never fails a request tests nothing. */
    private int remote;
    private int local;
    private int failed;
    private int refused;
    private int undone;
    private int rehearsed;

    @Test
    void withoutFaultsEverythingRunsOnTheWorker() throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            runSession(seed, SimulatedWire.PERFECT);
        }
        assertEquals(0, local + failed);
        assertEquals((INVOCATIONS + 1) * SEEDS, remote);
        assertEquals(INVOCATIONS / 2 * SEEDS, refused);
        assertEquals(INVOCATIONS / 2 * SEEDS, undone);
        assertTrue(rehearsed > SEEDS, rehearsed + " rehearsals");
    }

    /** Objects that come and go, and are forgotten as soon as they are out of reach: the tables stay small. */
    @Test
    void whatIsOutOfReachIsForgotten() throws Exception {
        Ledger wanted = Ledger.create();
        try (Rig rig = new Rig(Ledger.create(), 0, SimulatedWire.PERFECT)) {
            int beyond = 0;
            int reachable = 0;
            for (int i = 0; i < 300; i++) {
                changeAtHome(wanted, i % 11);
                changeAtHome(rig.ledger, i % 11);
                assertTrue(invoke(rig, wanted, i));
                int[] count = {0};
                Reach.visit(rig.ledger, object -> count[0]++);
                reachable = count[0];
                beyond = Math.max(beyond, rig.knownObjects() - reachable);
            }
            assertEquals(0, local + failed);
            // Beside what the ledger reaches: methods, classes, the last arguments.
            assertTrue(reachable > 300 && beyond < 50, beyond + " objects beside " + reachable);
        }
    }

    @Test
    void withRandomFaults() throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            runSession(seed, randomFates(seed));
        }
        assertTrue(remote > SEEDS && local > SEEDS / 4 && failed > SEEDS / 20, counts());
    }

    @Test
    void aDelayedOrRepeatedFrameChangesNothing() throws Exception {
        for (long seed = 0; seed < SEEDS / 4; seed++) {
            Random random = new Random(seed);
            runSession(seed, (side, n) -> random.nextInt(3) == 0 ? Fate.TWICE : Fate.DELIVERED);
        }
        assertEquals(0, local + failed, counts());
    }

    @Test
    void eitherSideDiesAtEveryStep() throws Exception {
        int steps = 0;
        for (long seed = 0; seed < 6; seed++) {
            for (Side victim : Side.values()) {
                for (int at = 0; at < 400; at++) {
                    boolean before = killAt(seed, victim, at, Fate.SENDER_DIES_BEFORE);
                    boolean after = killAt(seed, victim, at, Fate.SENDER_DIES_AFTER);
                    if (!before && !after) {
                        break;
                    }
                    steps += 2;
                }
            }
        }
        assertTrue(steps > 600 && failed > 40 && local > 40, steps + " steps, " + counts());
    }

    /** False when the session was over before the victim's time had come. */
    private boolean killAt(long seed, Side victim, int at, Fate fate) throws Exception {
        boolean[] died = {false};
        runSession(seed, (side, n) -> {
            if (side != victim || n != at || died[0]) {
                return Fate.DELIVERED;
            }
            died[0] = true;
            return fate;
        });
        return died[0];
    }

    private String counts() {
        return remote + " remote, " + local + " local, " + failed + " failed";
    }

    private static SimulatedWire.Fates randomFates(long seed) {
        Random[] randoms = {new Random(seed), new Random(~seed)};
        return (side, n) -> {
            Random random = randoms[side.ordinal()];
            Fate[] fates = Fate.values();
            return random.nextInt(25) == 0 ? fates[random.nextInt(fates.length)] : Fate.DELIVERED;
        };
    }

    private void runSession(long seed, SimulatedWire.Fates fates) throws Exception {
        Ledger wanted = Ledger.create();
        try (Rig rig = new Rig(Ledger.create(), seed, fates)) {
            for (int i = 0; i < INVOCATIONS; i++) {
                changeAtHome(wanted, i);
                changeAtHome(rig.ledger, i);
                if (i % 2 == 1) {
                    refuse(rig);
                } else {
                    undo(rig, seed * INVOCATIONS + i);
                    rehearse(rig, wanted, seed * INVOCATIONS + i + 1_000_000);
                }
                if (!invoke(rig, wanted, seed * INVOCATIONS + i)) {
                    return;
                }
            }
            Outcome last = rig.offload(Ledger.DUMP);
            count(last);
            if (last instanceof Outcome.Returned returned) {
                assertEquals(wanted.dump(), returned.value(), "the worker's view, seed " + seed);
            }
        }
    }

    /** An argument that cannot travel: the worker does not hear of the invocation, and both sides know what they knew. */
    private void refuse(Rig rig) throws InterruptedException {
        Outcome outcome = rig.offload(Ledger.ECHO, Thread.currentThread());
        String code = assertInstanceOf(Outcome.RunLocally.class, outcome).code();
        refused += code.equals("OFFLOAD_HOST_RESOURCE") ? 1 : 0;
    }

    /** What has run and cannot come to its end: both sides are as if it had not begun, and the worker goes on. */
    private void undo(Rig rig, long run) throws InterruptedException {
        String before = rig.ledger.dump();
        Outcome outcome = rig.offload(Ledger.UNDONE, run);
        String code = assertInstanceOf(Outcome.RunLocally.class, outcome).code();
        undone += code.equals("OFFLOAD_HOST_RESOURCE") && rig.isConnected() ? 1 : 0;
        assertEquals(before, rig.ledger.dump(), "state after " + outcome);
    }

    /** Nobody sees anything of it; if there was nothing to see, it counts. */
    private void rehearse(Rig rig, Ledger wanted, long run) throws InterruptedException {
        String before = rig.ledger.dump();
        List<String> journal = List.copyOf(rig.ledger.journal.entries);
        Outcome outcome = rig.offload(true, Ledger.RUN, run);
        if (outcome instanceof Outcome.RunLocally locally) {
            boolean cut = locally.code().equals(Outcome.RunLocally.UNPROVEN);
            rehearsed += (cut || locally.code().equals(Outcome.RunLocally.REHEARSED)) && rig.isConnected() ? 1 : 0;
            assertEquals(before, rig.ledger.dump(), "state after " + outcome);
        } else {
            assertFalse(outcome instanceof Outcome.Failed, outcome.toString());
            Rig.runLocally(wanted, Ledger.RUN, run);
        }
        assertEquals(journal, rig.ledger.journal.entries);
    }

    private static void changeAtHome(Ledger ledger, int i) {
        ledger.accounts.get(i).balance += 5;
        ledger.totals.put("home", (long) i);
        ledger.accounts.get(i).friends[0] = ledger.accounts.get(i + 1);
    }

    /** False after a request that failed, as documented: the two ledgers differ from then on. */
    private boolean invoke(Rig rig, Ledger wanted, long run) throws InterruptedException {
        int journalBefore = wanted.journal.size();
        String before = rig.ledger.dump();
        Object expected = Rig.runLocally(wanted, Ledger.RUN, run);
        Outcome outcome = rig.offload(Ledger.RUN, run);
        count(outcome);
        if (outcome instanceof Outcome.Failed) {
            assertSeen(rig.ledger, wanted, journalBefore, before, run);
            return false;
        }
        Object value = outcome instanceof Outcome.Returned returned ? returned.value()
            : outcome instanceof Outcome.Threw threw ? threw.exception()
            : Rig.runLocally(rig.ledger, Ledger.RUN, run);
        assertEquals(expected.toString(), String.valueOf(value), "value of run " + run);
        if (outcome instanceof Outcome.Threw) {
            assertInstanceOf(IllegalArgumentException.class, expected);
        }
        assertEquals(wanted.dump(), rig.ledger.dump(), "state after run " + run + " " + outcome);
        assertEquals(wanted.journal.entries, rig.ledger.journal.entries, "journal of run " + run);
        return true;
    }

    /** A failure is right only if something could be seen; what was seen is what a whole run would have shown first. */
    private static void assertSeen(Ledger got, Ledger wanted, int journalBefore, String before, long run) {
        int entries = got.journal.size();
        assertEquals(wanted.journal.entries.subList(0, entries), got.journal.entries, "journal of run " + run);
        boolean appended = entries > journalBefore;
        assertTrue(appended || !got.dump().equals(before), "nothing was to be seen of run " + run);
        assertFalse(entries > wanted.journal.size());
    }

    private void count(Outcome outcome) {
        if (outcome instanceof Outcome.RunLocally) {
            local++;
        } else if (outcome instanceof Outcome.Failed) {
            if (System.getProperty("beehive.simulation.verbose") != null) {
                System.out.println(outcome);
            }
            failed++;
        } else {
            remote++;
        }
    }
}
