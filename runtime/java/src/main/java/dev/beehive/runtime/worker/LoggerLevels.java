// Answers of loggers to "is this level enabled", kept for a while: asked before most log lines, and nearly always no.
// A level that is changed at home is seen here within that while.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.CallKinds;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Used by the serving thread. */
final class LoggerLevels {
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(1);

    private record Answer(boolean value, long sinceNs) {
    }

    private final Map<Object, Map<Method, Answer>> answers = new IdentityHashMap<>();

    /** The answer, or null when there is none or it is too old. */
    Boolean recall(Object logger, Method question) {
        Map<Method, Answer> known = answers.get(logger);
        Answer answer = known == null ? null : known.get(question);
        boolean fresh = answer != null && System.nanoTime() - answer.sinceNs < KEPT_NS;
        return fresh ? (Boolean) answer.value : null;
    }

    void note(Object logger, Method question, Object value) {
        if (value instanceof Boolean answer && CallKinds.isLevelQuestion(question)) {
            answers.computeIfAbsent(logger, key -> new HashMap<>()).put(question,
                new Answer(answer, System.nanoTime()));
        }
    }

    void clear() {
        answers.clear();
    }
}
