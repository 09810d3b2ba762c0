// A root is left alone when it costs more on workers than here, not before enough is known, and not for ever.
package dev.beehive.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GainTest {
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(30);

    private final Gain gain = new Gain();

    private void local(int times, long ns) {
        for (int i = 0; i < times; i++) {
            gain.local(1_000, 1_000 + ns);
        }
    }

    private void offloaded(int times, long ns, long nowNs) {
        for (int i = 0; i < times; i++) {
            gain.offloaded(1_000, 1_000 + ns, nowNs);
        }
    }

    @Test
    void aLossIsNoticedAndTriedAgain() {
        local(8, 100);
        offloaded(7, 200, 0);
        assertFalse(gain.isNone(0));
        offloaded(1, 200, 0);
        assertTrue(gain.isNone(PAUSE_NS - 1));
        assertFalse(gain.isNone(PAUSE_NS));
        offloaded(8, 200, PAUSE_NS);
        assertTrue(gain.isNone(2 * PAUSE_NS));
        assertTrue(gain.isNone(3 * PAUSE_NS - 1), "twice as long");
        assertFalse(gain.isNone(3 * PAUSE_NS));
    }

    @Test
    void whatIsNotKnownIsNoLoss() {
        offloaded(50, 200, 0);
        assertFalse(gain.isNone(0));
        gain.local(CpuClock.UNKNOWN, CpuClock.UNKNOWN);
        gain.offloaded(CpuClock.UNKNOWN, CpuClock.UNKNOWN, 0);
        assertFalse(gain.isNone(0));
    }

    /** Code that is compiled meanwhile: late samples count. */
    @Test
    void whatGetsCheaperIsNoLoss() {
        local(8, 100);
        offloaded(7, 2_000, 0);
        assertTrue(gain.isLearning());
        Gain cheap = new Gain();
        for (int i = 0; i < 8; i++) {
            cheap.local(0, 100);
        }
        for (int i = 0; i < 30; i++) {
            cheap.offloaded(0, Math.max(40, 90 - 10 * i), 0);
            assertEquals(false, cheap.isNone(0));
        }
    }
}
