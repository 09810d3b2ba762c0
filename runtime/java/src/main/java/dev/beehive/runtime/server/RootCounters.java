// What has become of the invocations of one root: the numbers behind measured.json.
package dev.beehive.runtime.server;

import dev.beehive.runtime.offload.Traffic;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counted by many threads. */
final class RootCounters {
    private static final int LISTED_MAX = 20;
    private static final int TEXT_CHARS_MAX = 400;
    /** Fallbacks of the first, of the second and of all later executions on a worker. */
    private static final String[] PHASES = {"first", "second", "steady"};

    final LongAdder local = new LongAdder();
    final LongAdder offloaded = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final Histogram localLatency = new Histogram();
    final Histogram offloadedLatency = new Histogram();
    final Sampled localCpu = new Sampled();
    final Sampled offloadedCpu = new Sampled();
    private final Phase[] phases = {new Phase(), new Phase(), new Phase()};
    private final Map<String, LongAdder> notOffloaded = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> rerun = new ConcurrentHashMap<>();
    /** What each code meant last: what could not travel, how far a rehearsal came, what failed. */
    private final Map<String, String> reasons = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> databasesAtHome = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> objects = new ConcurrentHashMap<>();

    /** A sum of durations and how many they were. */
    static final class Sampled {
        private final LongAdder samples = new LongAdder();
        private final LongAdder sumNs = new LongAdder();

        /** Of a clock that may not know. */
        void add(long startNs, long endNs) {
            if (startNs != CpuClock.UNKNOWN && endNs != CpuClock.UNKNOWN) {
                samples.increment();
                sumNs.add(endNs - startNs);
            }
        }

        private void writeTo(Json json, String name) {
            if (samples.sum() > 0) {
                json.open(name).number("samples", samples.sum()).number("sum_ns", sumNs.sum()).close();
            }
        }
    }

    private static final class Phase {
        private final LongAdder executions = new LongAdder();
        private final LongAdder[] kinds = {new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(),
            new LongAdder()};

        void add(Traffic traffic) {
            executions.increment();
            int[] counts = {traffic.classes, traffic.objects, traffic.statics, traffic.calls, traffic.locks};
            for (int i = 0; i < counts.length; i++) {
                kinds[i].add(counts[i]);
            }
        }

        void writeTo(Json json, String name) {
            json.open(name).number("executions", executions.sum()).number("class", kinds[0].sum())
                .number("object", kinds[1].sum()).number("statics", kinds[2].sum()).number("native", 0)
                .number("call", kinds[3].sum()).number("lock", kinds[4].sum()).close();
        }
    }

    /** An invocation that ran here; text may be empty. */
    void notOffloaded(String code, String text) {
        local.increment();
        count(notOffloaded, code, 1);
        because(code, text);
    }

    /** An invocation that began on a worker and ran here. */
    void rerun(String code, String text) {
        local.increment();
        count(rerun, code, 1);
        because(code, text);
    }

    /** An invocation that ended with an error of this runtime. */
    void failed(String code, String text) {
        failed.increment();
        because(code, text);
    }

    private void because(String code, String text) {
        if (!text.isEmpty()) {
            reasons.put(code, text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX) + "…");
        }
    }

    /** An execution on a worker that used the server's connections, by code; null when it did not have to. */
    void databasesAtHome(String code) {
        if (code != null) {
            count(databasesAtHome, code, 1);
        }
    }

    /** An execution on a worker that has come to its end; `nth` of this root on that worker, from 0. */
    void offloaded(int nth, Traffic traffic) {
        offloaded.increment();
        phases[Math.min(nth, phases.length - 1)].add(traffic);
        if (traffic.byMethod != null) {
            traffic.byMethod.forEach((method, times) -> count(calls, method, times));
        }
        if (traffic.byClass != null) {
            traffic.byClass.forEach((name, times) -> count(objects, name, times));
        }
    }

    private static void count(Map<String, LongAdder> counts, String key, int times) {
        counts.computeIfAbsent(key, k -> new LongAdder()).add(times);
    }

    void writeTo(Json json) {
        json.number("local", local.sum()).number("offloaded", offloaded.sum()).number("failed", failed.sum());
        for (int i = 0; i < phases.length; i++) {
            phases[i].writeTo(json, PHASES[i]);
        }
        json.number("bytes_out", bytesOut.sum()).number("bytes_in", bytesIn.sum());
        writeLatency(json, "local_latency", localLatency);
        writeLatency(json, "offloaded_latency", offloadedLatency);
        json.number("local_latency_every", GateOfRoots.LOCAL_SAMPLED_EVERY);
        localCpu.writeTo(json, "local_cpu");
        offloadedCpu.writeTo(json, "offloaded_cpu");
        writeCounts(json, "not_offloaded", notOffloaded);
        writeCounts(json, "rerun", rerun);
        json.open("reasons");
        new TreeMap<>(reasons).forEach(json::text);
        json.close();
        writeCounts(json, "databases_at_home", databasesAtHome);
        writeCounts(json, "calls", calls);
        writeCounts(json, "objects", objects);
    }

    private static void writeLatency(Json json, String name, Histogram histogram) {
        if (!histogram.isEmpty()) {
            json.open(name);
            histogram.writeTo(json);
            json.close();
        }
    }

    private static void writeCounts(Json json, String name, Map<String, LongAdder> counts) {
        Comparator<Map.Entry<String, LongAdder>> most = Comparator.comparingLong(e -> -e.getValue().sum());
        json.open(name);
        counts.entrySet().stream().sorted(most.thenComparing(Map.Entry.comparingByKey())).limit(LISTED_MAX)
            .forEach(e -> json.number(e.getKey(), e.getValue().sum()));
        json.close();
    }
}
