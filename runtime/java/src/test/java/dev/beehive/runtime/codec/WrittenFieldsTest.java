// A private field that only constructors write is told from one that something else writes, whoever that is.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WrittenFieldsTest {
    enum Level {
        LOW("low", 1) {
            @Override
            int twice() {
                return super.twice() + 1;
            }
        },
        HIGH("high", 2);

        private String label;
        private long weight;
        private int asked;
        private String seen;
        private Runnable later;
        private Object byNeighbour;

        Level(String label, long weight) {
            this.label = label;
            this.weight = weight;
            later = () -> seen = label;
        }

        int twice() {
            // Instructions of every length, before a write.
            int sum = 0;
            for (int i = 0; i < 70_000; i += 40_000) {
                switch (i) {
                    case 0, 1, 2 -> sum += 1;
                    case 1_000_000 -> sum += 2;
                    default -> sum -= 3;
                }
                switch (i) {
                    case -5 -> sum++;
                    case 70_000 -> sum--;
                    default -> sum += label.length();
                }
            }
            asked++;
            return (int) (2 * weight) + sum;
        }
    }

    enum Steady {
        ONE("one");

        private String label;

        Steady(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    static final class Neighbour {
        private Neighbour() {
        }

        static void write(Level level) {
            level.byNeighbour = level;
        }
    }

    @Test
    void onlyWhatConstructorsAloneWrite() {
        assertTrue(WrittenFields.isSettled(Level.class, "label"));
        assertTrue(WrittenFields.isSettled(Level.class, "weight"));
        assertTrue(WrittenFields.isSettled(Level.class, "later"));
        assertFalse(WrittenFields.isSettled(Level.class, "asked"), "a method");
        assertFalse(WrittenFields.isSettled(Level.class, "seen"), "a lambda");
        assertFalse(WrittenFields.isSettled(Level.class, "byNeighbour"), "a class of the same nest");
    }

    @Test
    void constantsWithSettledFieldsTravel() throws Exception {
        assertSame(Steady.ONE, Ends.copy(Steady.ONE));
        assertThrows(OffloadRefused.class, () -> Ends.copy(Level.HIGH));
    }

    @Test
    void aHiddenClassIsNotKnown() throws Exception {
        Runnable lambda = () -> {
        };
        assertFalse(WrittenFields.isSettled(lambda.getClass(), "any"));
    }
}
