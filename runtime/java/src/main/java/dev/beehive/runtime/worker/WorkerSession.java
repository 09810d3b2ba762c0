// What rewritten classes reach through the hooks: the connection of this worker, used by the one thread that runs roots.
// Another thread that comes here has been started by the application: what it does cannot be followed, so the invocation
// ends and home runs the root.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.FieldHandles;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.hook.Barrier;
import dev.beehive.runtime.hook.Handles;
import dev.beehive.runtime.hook.WorkerHooks;
import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.CallKinds;
import dev.beehive.runtime.offload.Frameworks;
import dev.beehive.runtime.offload.HeldSessions;
import dev.beehive.runtime.offload.JdbcKind;
import dev.beehive.runtime.offload.SocketLink;
import dev.beehive.runtime.offload.WorkerConnection;
import dev.beehive.runtime.offload.WorkerDuties;
import dev.beehive.runtime.offload.WorkerLost;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One per worker; outlives connections. */
final class WorkerSession implements WorkerHooks, WorkerDuties {
    private static final int PENDING = -1;
    static final String THREADS = "OFFLOAD_THREADS";
    private final Thread serving;
    private final StartedThreads threads;
    private final StubFactory stubs = new StubFactory();
    private final ResultRows rows = new ResultRows();
    private final WorkerDatabases databases = new WorkerDatabases();
    private final OwnCaches caches = new OwnCaches();
    private final OwnNumbers numbers = new OwnNumbers();
    private final InitialValues initials = new InitialValues();
    private final Walks walks = new Walks();
    private final Publications publications = new Publications();
    /** In this order: what has an answer already comes before what makes one. */
    private final List<AnsweredHere> answers = List.of(caches,
        (home, pinned, method, arguments) -> home.agreed().answer(pinned, method, arguments), initials, numbers,
        this::unheard, databases, rows, walks);
    private final Set<Class<?>> known = new LinkedHashSet<>();
    private WorkerConnection connection;
    private SocketLink link;
    private int idleMs;
    private boolean isNew;
    /** Set by a thread that is not the serving one. */
    private volatile String poison;

    WorkerSession(Thread serving) {
        this.serving = serving;
        threads = new StartedThreads(serving);
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
    public void begins(Method root, boolean databasesAtHome, boolean rehearses, boolean isNew) {
        Frameworks.addApplication(root.getDeclaringClass());
        this.isNew = isNew;
        // Home may take its time to answer: it holds the lock, or runs the query.
        link.setTimeoutMs(0);
        poison = null;
        rows.clear();
        publications.begins();
        caches.begins();
        databases.begins(databasesAtHome, rehearses);
        threads.begins();
    }

    @Override
    public void abandons(Iterable<?> shared) {
        rows.clear();
        walks.forgets();
        caches.forgets();
        databases.abandons(shared);
    }

    @Override
    public void ends(ClassLoader application) {
        if (!databases.areHeld()) {
            return;
        }
        try {
            HeldSessions.disconnect(application, connection::isShared);
        } catch (Throwable e) {
            // What is then still open is the objection.
            return;
        }
    }

    @Override
    public String objectionTo(Iterable<?> shared) {
        return databases.areHeldBy(shared) ? WorkerDatabases.LEFT_OPEN : null;
    }

    @Override
    public String objection() {
        if (poison != null) {
            return poison;
        }
        return threads.areLeft() ? THREADS : databases.objection();
    }

    @Override
    public void forgets() {
        for (Class<?> type : known) {
            Handles.setState(type, PENDING);
        }
        known.clear();
        databases.forgets();
        caches.forgets();
        BeanDescriptors.forget();
        walks.forgets();
        numbers.forgetsUnless(standIn -> false);
        initials.forgetsUnless(standIn -> false);
    }

    @Override
    public void forgetsInvocation() {
        BeanDescriptors.forget();
    }

    @Override
    public void forgetsUnreachable() {
        BeanDescriptors.forget();
        databases.forgetsUnless(connection::isShared);
        caches.forgets();
        walks.forgetsUnless(connection::isShared);
        numbers.forgetsUnless(connection::isShared);
        initials.forgetsUnless(connection::isShared);
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

    @Override
    public boolean isShared(Object object) {
        return here(object).isShared(object);
    }

    @Override
    public void look(Object object) {
        Barrier.read(object);
    }

    @Override
    public MethodHandle looking(MethodHandle access) {
        return FieldHandles.looking(access, this);
    }

    @Override
    public VarHandle checked(VarHandle handle) throws ReflectiveOperationException {
        return FieldHandles.checked(handle, this);
    }

    @Override
    public Error refuse(String code, String text) {
        return here(text).refuse(code, text);
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
                here(c).statics(c);
                staticsAreHere(c);
            }
        }
    }

    @Override
    public Object call(Object pinned, Method method, Object[] arguments) throws Throwable {
        WorkerConnection home = here(pinned);
        for (AnsweredHere each : answers) {
            Object answer = each.answer(home, pinned, method, arguments);
            if (answer != AnsweredHere.NOT_HERE) {
                return answer;
            }
        }
        if (isNew) {
            Object answer = FunctionsHere.answer(this, pinned, method, arguments);
            if (answer != AnsweredHere.NOT_HERE) {
                return answer;
            }
        }
        if (MapCalls.isComputeIfAbsent(pinned, method) && home.agreed().hasWritten()) {
            return MapCalls.computeIfAbsent(this, pinned, arguments);
        }
        if (pinned instanceof ThreadLocal) {
            home.agreed().flush(home, pinned);
        } else if (mayRunApplication(pinned, method)) {
            home.agreed().flush(home);
        }
        Object value = MapCalls.isRepeatable(pinned, method) ? home.callWithoutEffect(pinned, method, arguments)
            : home.call(pinned, method, arguments);
        databases.called(pinned, method, value);
        rows.called(pinned, method, arguments, value);
        walks.called(pinned, method, value);
        if (value instanceof PinnedStub && !method.getReturnType().isInstance(value)) {
            throw home.refuse("OFFLOAD_PINNED_FINAL", method.getReturnType().getName());
        }
        return value;
    }

    @Override
    public Object callStatic(Method method, Object[] arguments) throws Throwable {
        WorkerConnection home = here(this);
        home.agreed().flush(home);
        return home.call(null, method, arguments);
    }

    @Override
    public Object logger(Class<?> factory, String name, Object argument) {
        WorkerConnection home = connection;
        boolean isNameless = argument instanceof Class<?> type && (type.isHidden() || PinnedStub.class.isAssignableFrom(type));
        if (isNameless || Thread.currentThread() != serving || home == null || !home.mayAsk()) {
            return null;
        }
        try {
            Class<?> parameter = argument instanceof Class ? Class.class : String.class;
            return home.call(0, null, factory.getDeclaredMethod(name, parameter), argument);
        } catch (WorkerLost e) {
            throw e;
        } catch (Throwable e) {
            // Home has none; what the factory says of it here will be as good.
            return null;
        }
    }

    @Override
    public void effect(String code, String what) {
        WorkerConnection home = connection;
        if (home != null && home.isRunning()) {
            throw here(what).refuse(code, what);
        }
    }

    /** A line for a logger whose level is off. */
    private Object unheard(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        Method question = CallKinds.levelQuestionOf(method);
        boolean off = question != null && Boolean.FALSE.equals(call(pinned, question, new Object[0]));
        return off ? null : AnsweredHere.NOT_HERE;
    }

    /** A DataSource may be the application's or the framework's own, which keep connections in thread-locals. */
    private static boolean mayRunApplication(Object pinned, Method method) {
        JdbcKind kind = JdbcKind.of(pinned);
        boolean driver = kind != JdbcKind.NONE && kind != JdbcKind.DATA_SOURCE;
        return !driver && !CallKinds.isPlain(method);
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
    public boolean isHeldOnlyHere(Object monitor) {
        return here(monitor).isHeldOnlyHere(monitor);
    }

    @Override
    public void acquire(Object holder) throws Throwable {
        if (isSharedHere(holder) && !publications.include(holder)) {
            here(holder).acquire();
        }
    }

    @Override
    public void release(Object holder) throws Throwable {
        if (isSharedHere(holder) && !publications.include(holder)) {
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
            if (home != null && home.isRunning() && !StartedThreads.isDriver(Thread.currentThread())) {
                poison = THREADS;
            }
            return null;
        }
        return home == null || !home.hasResources() ? null : home.resource(path);
    }
}
