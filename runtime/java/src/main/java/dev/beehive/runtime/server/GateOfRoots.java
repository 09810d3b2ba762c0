// Decides for each invocation of a root that meets its open gate: on an idle worker, or here. Never waits for a worker.
// Whatever cannot be offloaded runs here, counted by its reason.
package dev.beehive.runtime.server;

import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.hook.Gate;
import dev.beehive.runtime.hook.GateKeeper;
import dev.beehive.runtime.offload.Calls;
import dev.beehive.runtime.offload.LinkLost;
import dev.beehive.runtime.offload.Outcome;
import java.lang.reflect.Method;
import java.util.List;

/** One per server. */
final class GateOfRoots implements GateKeeper {
    /** One in so many local invocations is timed. */
    static final int LOCAL_SAMPLED_EVERY = 16;
    /** Of one in so many offloaded ones the processor time is asked for: asking twice takes microseconds. */
    private static final int OFFLOADED_SAMPLED_EVERY = 8;
    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /** What this thread is doing for the gate. */
    private static final class Here {
        /** The root that is to pass once, because it is being timed. */
        private Root passing;
        private boolean serving;
        private int localRuns;
        private int offloads;
    }

    private final List<Root> roots;
    private final IdleWorkers workers;
    private final Policy policy;
    private final CpuClock clock;
    private final WorkerWatch watch;
    private final ThreadLocal<Here> here = ThreadLocal.withInitial(Here::new);

    GateOfRoots(List<Root> roots, IdleWorkers workers, Policy policy, CpuClock clock, WorkerWatch watch) {
        this.roots = roots;
        this.workers = workers;
        this.policy = policy;
        this.clock = clock;
        this.watch = watch;
    }

    @Override
    public Object invoke(int number, Object receiver, Object[] arguments) throws Throwable {
        Root root = roots.get(number);
        Here mine = here.get();
        if (mine.passing == root) {
            mine.passing = null;
            return Gate.LOCAL;
        }
        // A call from a worker that comes back to a root must not need a second worker.
        String reason = mine.serving ? "NESTED" : policy.reasonAgainst(root);
        Method method = null;
        WorkerLink worker = null;
        if (reason == null) {
            method = root.method(receiver, receiver == null ? caller() : null);
            worker = method == null ? null : workers.take();
            reason = method == null ? "OFFLOAD_ROOT_UNKNOWN" : worker == null ? "NO_IDLE_WORKER" : null;
        }
        if (reason != null) {
            root.counters.notOffloaded(reason, "");
            return runHere(root, mine, receiver, arguments);
        }
        return offload(root, mine, worker, method, receiver, arguments);
    }

    /** The class of a static root: the first caller that is not of this runtime. */
    private static Class<?> caller() {
        return CALLERS.walk(frames -> frames.map(StackWalker.StackFrame::getDeclaringClass)
            .filter(c -> c != GateOfRoots.class && c != Gate.class).findFirst().orElse(null));
    }

    private Object offload(Root root, Here mine, WorkerLink worker, Method method, Object receiver,
            Object[] arguments) throws Throwable {
        long startNs = System.nanoTime();
        boolean knowing = worker.knows(root);
        boolean sampled = ++mine.offloads % OFFLOADED_SAMPLED_EVERY == 0 || knowing && root.gain.isLearning();
        long cpuNs = sampled ? clock.nowNs() : CpuClock.UNKNOWN;
        mine.serving = true;
        Outcome outcome;
        try {
            outcome = worker.invoke(root, method, receiver, arguments);
        } finally {
            mine.serving = false;
            workers.giveBack(worker);
        }
        long endNs = sampled ? clock.nowNs() : CpuClock.UNKNOWN;
        root.counters.offloadedCpu.add(cpuNs, endNs);
        if (knowing) {
            root.gain.offloaded(cpuNs, endNs, System.nanoTime());
        }
        if (outcome instanceof Outcome.RunLocally locally) {
            fallBack(root, worker, locally);
            return runHere(root, mine, receiver, arguments);
        }
        root.counters.offloadedLatency.add(System.nanoTime() - startNs);
        if (outcome instanceof Outcome.Failed failed) {
            root.counters.failed(failed.code(), failed.text());
            watch.lost(worker.number(), failed.code(), failed.text());
            throw fail(root, failed);
        }
        root.succeeded();
        if (outcome instanceof Outcome.Threw threw) {
            throw threw.exception();
        }
        return ((Outcome.Returned) outcome).value();
    }

    private void fallBack(Root root, WorkerLink worker, Outcome.RunLocally locally) {
        boolean cut = locally.code().equals(Outcome.RunLocally.UNPROVEN);
        if (cut || locally.code().equals(Outcome.RunLocally.REHEARSED)) {
            if (cut) {
                root.refused(true);
            }
            root.counters.rerun(locally.code(), locally.text());
            return;
        }
        if (locally.text().isEmpty()) {
            // Known beforehand: the worker was not asked.
            root.counters.notOffloaded(locally.code(), locally.text());
            return;
        }
        if (worker.isOpen()) {
            watch.stayed(root, locally.code(), locally.text());
        } else {
            watch.lost(worker.number(), locally.code(), locally.text());
        }
        if (LinkLost.isLoss(locally.code())) {
            root.counters.rerun(Outcome.Failed.WORKER_LOST, locally.text());
            if (locally.code().equals(LinkLost.TIME_OUT)) {
                // A root that takes longer than workers are waited for: it would run twice every time.
                root.refused(true);
            }
            return;
        }
        root.counters.notOffloaded(locally.code(), locally.text());
        if (locally.code().equals(OffloadRefused.Code.OFFLOAD_CLOSURE_TOO_LARGE.name())) {
            root.closure.clear();
        }
        if (locally.code().equals(OffloadRefused.Code.OFFLOAD_PERSISTENCE_AT_HOME.name())) {
            root.metPersistence();
        } else {
            // Of an initialiser: the next invocation has that prepared, if it can be.
            boolean initialiser = locally.code().equals(OffloadRefused.Code.OFFLOAD_INITIALISER.name());
            root.refused(!initialiser && !worker.isOpen());
        }
    }

    private static OffloadFailed fail(Root root, Outcome.Failed failed) {
        if (!LinkLost.isLoss(failed.code())) {
            // Not the worker's death but something that cannot be offloaded: once is enough.
            root.closeForGood();
        }
        return new OffloadFailed(Outcome.Failed.WORKER_LOST, failed.text());
    }

    /** Lets the caller run the root; now and then runs it itself, to know how long it takes. */
    private Object runHere(Root root, Here mine, Object receiver, Object[] arguments) throws Throwable {
        if (mine.localRuns++ % LOCAL_SAMPLED_EVERY != 0) {
            return Gate.LOCAL;
        }
        Method method = root.method(receiver, receiver == null ? caller() : null);
        if (method == null || mine.passing != null) {
            return Gate.LOCAL;
        }
        mine.passing = root;
        long startNs = System.nanoTime();
        long cpuNs = clock.nowNs();
        try {
            return Calls.exactly(method, receiver, arguments);
        } finally {
            mine.passing = null;
            long endNs = clock.nowNs();
            root.counters.localCpu.add(cpuNs, endNs);
            root.gain.local(cpuNs, endNs);
            root.counters.localLatency.add(System.nanoTime() - startNs);
        }
    }
}
