// What rewritten classes reach through the hooks: the connection of this worker, used by the one thread that runs roots.
// Another thread that comes here has been started by the application: what it does cannot be followed, so the invocation
// ends and home runs the root.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.hook.Handles;
import dev.beehive.runtime.hook.WorkerHooks;
import dev.beehive.runtime.offload.CallKinds;
import dev.beehive.runtime.offload.SocketLink;
import dev.beehive.runtime.offload.WorkerConnection;
import dev.beehive.runtime.offload.WorkerDuties;
import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.Set;

/** One per worker; outlives connections. */
final class WorkerSession implements WorkerHooks, WorkerDuties {
    private static final int PENDING = -1;
    static final String THREADS = "OFFLOAD_THREADS";

    private final Thread serving;
    private final StubFactory stubs = new StubFactory();
    private final LoggerLevels levels = new LoggerLevels();
    private final ResultRows rows = new ResultRows();
    private final ThreadLocals threadLocals = new ThreadLocals();
    private final Set<Class<?>> known = new LinkedHashSet<>();
    private WorkerConnection connection;
    private SocketLink link;
    private int idleMs;
    private int threadsBefore;
    /** Set by a thread that is not the serving one. */
    private volatile String poison;

    WorkerSession(Thread serving) {
        this.serving = serving;
    }

    /** @param keepAliveMs how long the worker waits for something to do; 0 for ever */
    void begin(WorkerConnection next, SocketLink its, int keepAliveMs) {
        connection = next;
        link = its;
        idleMs = keepAliveMs;
        next.serveRewrittenClasses(this);
    }

    @Override
    public void waits() {
        link.setTimeoutMs(idleMs);
    }

    @Override
    public void begins() {
        // Home may take its time to answer: it holds the lock, or runs the query.
        link.setTimeoutMs(0);
        poison = null;
        rows.clear();
        threadLocals.clear();
        threadsBefore = serving.getThreadGroup().activeCount();
    }

    @Override
    public String objection() {
        boolean started = serving.getThreadGroup().activeCount() > threadsBefore;
        return poison == null && started ? THREADS : poison;
    }

    @Override
    public void forgets() {
        for (Class<?> type : known) {
            Handles.setState(type, PENDING);
        }
        known.clear();
        levels.clear();
    }

    @Override
    public void staticsAreHere(Class<?> type) {
        if (Handles.hasState(type)) {
            known.add(type);
            Handles.setState(type, 0);
        }
    }

    @Override
    public Object make(Class<?> superclass, Class<?>[] interfaces) throws MalformedMessage {
        return stubs.make(superclass, interfaces);
    }

    private WorkerConnection here(Object touched) {
        if (Thread.currentThread() != serving) {
            poison = THREADS;
            throw new IllegalStateException(THREADS + ": another thread has touched " + touched.getClass().getName());
        }
        return connection;
    }

    @Override
    public void fetch(Object shell) {
        WorkerConnection home = here(shell);
        if (home.isShell(shell)) {
            home.fetch(shell);
        } else if (shell instanceof PinnedStub) {
            throw home.refuse("OFFLOAD_PINNED_FIELD", "a field of " + shell.getClass().getSuperclass().getName());
        } else {
            throw home.refuse("OFFLOAD_STALE_SHELL", shell.getClass().getName());
        }
    }

    @Override
    public void fetchAll(Object root) {
        here(root == null ? this : root).fetchAll(root);
    }

    @Override
    public void statics(Class<?> type) throws Throwable {
        // A field named through a subclass may be a superclass's.
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (Handles.hasState(c) && Handles.state(c) < 0) {
                // Its initialiser may run at home, on the serving thread.
                threadLocals.clear();
                here(c).statics(c);
                staticsAreHere(c);
            }
        }
    }

    @Override
    public Object call(Object pinned, Method method, Object[] arguments) throws Throwable {
        WorkerConnection home = here(pinned);
        Boolean level = levels.recall(pinned, method);
        if (level != null) {
            return level;
        }
        Method question = CallKinds.levelQuestionOf(method);
        if (question != null && Boolean.FALSE.equals(call(pinned, question, new Object[0]))) {
            return null;
        }
        Object kept = threadLocals.answer(pinned, method);
        if (kept != ThreadLocals.NOT_HERE) {
            return kept;
        }
        Object here = rows.answer(home, pinned, method, arguments);
        if (here != ResultRows.NOT_HERE) {
            return here;
        }
        Object value = home.call(pinned, method, arguments);
        levels.note(pinned, method, value);
        rows.called(pinned, method, arguments, value);
        threadLocals.called(pinned, method, arguments, value);
        return value;
    }

    @Override
    public void lock(Object monitor) {
        here(monitor).lock(monitor);
    }

    @Override
    public void unlock(Object monitor) {
        here(monitor).unlock(monitor);
    }

    @Override
    public void acquire(Object holder) throws Throwable {
        if (isSharedHere(holder)) {
            here(holder).acquire();
        }
    }

    @Override
    public void release(Object holder) throws Throwable {
        if (isSharedHere(holder)) {
            here(holder).release();
        }
    }

    /** Static fields are named by their class, which is shared as soon as its static fields are. */
    private boolean isSharedHere(Object holder) {
        WorkerConnection home = here(holder);
        return holder instanceof Class<?> type ? known.contains(type) : home.isShared(holder);
    }

    /** What the class path lacks; null when home lacks it too, or when nobody may ask now. */
    byte[] resource(String path) {
        WorkerConnection home = connection;
        if (Thread.currentThread() != serving) {
            if (home != null && home.isRunning()) {
                poison = THREADS;
            }
            return null;
        }
        return home == null || !home.isRunning() ? null : home.resource(path);
    }
}
