// Times the codecs against each other: rounds interleaved, one thread, medians over the measured rounds. The time is
// the thread's processor time, so that other work on the machine disturbs less.
// Run by `mvn -q -B -P bench test`; prints one table.
package dev.beehive.runtime.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class CodecBenchmark {
    private static final int WARM_UP_ROUNDS = Integer.getInteger("bench.warmup", 4);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final long ROUND_NS = Integer.getInteger("bench.round.ms", 700) * 1_000_000L;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int BATCH = 50;

    private interface Work {
        void run() throws Exception;
    }

    private static final class Row {
        private final Contender contender;
        private final Shop graph = Shop.build();
        private final List<Double> encodeUs = new ArrayList<>();
        private final List<Double> decodeUs = new ArrayList<>();
        private byte[] bytes;

        Row(Contender contender) {
            this.contender = contender;
        }
    }

    @Test
    void codecs() throws Exception {
        List<Row> rows = Contenders.all().stream().map(Row::new).toList();
        for (Row row : rows) {
            row.bytes = row.contender.encode(row.graph);
            Assertions.assertTrue(Shop.isSound((Shop) row.contender.decode(row.bytes)), row.contender.name());
        }
        for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
            for (Row row : rows) {
                double encode = timeUs(() -> row.contender.encode(row.graph));
                double decode = timeUs(() -> row.contender.decode(row.bytes));
                if (round >= WARM_UP_ROUNDS) {
                    row.encodeUs.add(encode);
                    row.decodeUs.add(decode);
                }
            }
        }
        print(rows);
    }

    private static double timeUs(Work work) throws Exception {
        long start = THREADS.getCurrentThreadCpuTime();
        long runs = 0;
        long now = start;
        for (; now - start < ROUND_NS; now = THREADS.getCurrentThreadCpuTime()) {
            for (int i = 0; i < BATCH; i++) {
                work.run();
            }
            runs += BATCH;
        }
        return (now - start) / 1e3 / runs;
    }

    private static void print(List<Row> rows) {
        System.out.println("JDK " + Runtime.version() + ", processor us per graph, median [range]");
        Row first = rows.get(0);
        for (Row row : rows) {
            System.out.printf("%-12s %6d bytes  encode %s  decode %s  ratio to beehive %.2f / %.2f%n",
                row.contender.name(), row.bytes.length, describe(row.encodeUs), describe(row.decodeUs),
                median(row.encodeUs) / median(first.encodeUs), median(row.decodeUs) / median(first.decodeUs));
        }
        System.out.println("beehive with identity hash codes all set beforehand: " + hashedBytes() + " bytes");
    }

    /** The worst case for size: every object of the graph has a code already, so every code is sent. */
    private static int hashedBytes() {
        try {
            Shop shop = Shop.build();
            Contender other = Contenders.all().get(1);
            other.encode(shop);
            return Contenders.all().get(0).encode(shop).length;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String describe(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        return String.format("%6.1f %s", sorted[sorted.length / 2],
            Arrays.asList(Math.round(sorted[0]), Math.round(sorted[sorted.length - 1])));
    }
}
