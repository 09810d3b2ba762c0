// The worker's side of agreed reads: answers that home keeps fresh, and the writes of thread-locals that home gets with
// the result, or before it runs anything of the application.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.Decoder;
import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.codec.PinnedStub;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;

/** Of one connection; used by the serving thread. */
public final class AgreedAnswers {
    private static final Object NOT_HERE = AnsweredHere.NOT_HERE;
    private static final Object REMOVED = new Object();
    /** A loop that waits for another answer must come to a sync point some time. */
    private static final int USES_MAX = 10_000;
    private static final Method SET = method("set", Object.class);
    private static final Method REMOVE = method("remove");

    /** What kind of read a call is. */
    enum Kind { LEVEL, LOCAL, MAP, NONE }

    private record Question(Object target, Method method, Object key) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Question that && that.target == target && Objects.equals(that.method, method)
                && Objects.equals(that.key, key);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(target) * 31 + Objects.hashCode(key);
        }
    }

    private static final class Answer {
        private final ThreadLocal<?> local;
        private boolean registered;
        /** What home has; NOT_HERE when that is not known. */
        private Object agreed;
        private Object current;
        /** Not to be kept longer than this invocation. */
        private boolean fleeting;
        /** Roots have removed it: where home has none, the next one may be made here. */
        private boolean ownBegin;

        Answer(ThreadLocal<?> local, boolean registered, Object agreed) {
            this.local = local;
            this.registered = registered;
            this.agreed = agreed;
            this.current = agreed;
        }

        /** A cache of the thread's own: home has another, or none, and need not know of this one. */
        boolean isCache() {
            return local != null && AgreedReads.isCache(current);
        }

        boolean isWritten() {
            boolean nothing = agreed == null && current == REMOVED;
            return local != null && current != agreed && !nothing && !isCache();
        }
    }

    private final List<Answer> byNumber = new ArrayList<>();
    private final Map<Question, Answer> byQuestion = new HashMap<>();
    private final List<Answer> locals = new ArrayList<>();
    private int uses;
    /** Counts sync points. */
    private int turn;
    /** Home has been told of a part of what was written, or is about to be. */
    private boolean telling;

    private static Method method(String name, Class<?>... parameters) {
        try {
            return ThreadLocal.class.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The same on both sides. */
    static Kind kindOf(Method method, Object target) {
        if (CallKinds.isLevelQuestion(method)) {
            return Kind.LEVEL;
        }
        if (target instanceof ThreadLocal) {
            boolean get = method.getDeclaringClass() == ThreadLocal.class && method.getName().equals("get");
            return get ? Kind.LOCAL : Kind.NONE;
        }
        boolean key = target instanceof ConcurrentMap
            && (method.getName().equals("get") && method.getParameterCount() == 1
                || method.getName().equals("computeIfAbsent") && method.getParameterCount() == 2);
        return key ? Kind.MAP : Kind.NONE;
    }

    private static Question question(Kind kind, Method method, Object target, Object[] arguments) {
        return switch (kind) {
            case LEVEL -> new Question(target, method, null);
            case MAP -> new Question(target, null, arguments[0]);
            default -> new Question(target, null, null);
        };
    }

    /** What a call would bring; makes writes of thread-locals here. */
    public Object answer(Object target, Method method, Object[] arguments) {
        if (target instanceof ThreadLocal<?> local && method.getDeclaringClass() == ThreadLocal.class) {
            return ofLocal(local, method.getName(), arguments);
        }
        Kind kind = kindOf(method, target);
        if (kind == Kind.NONE || kind == Kind.MAP && arguments[0] instanceof PinnedStub || uses++ > USES_MAX) {
            return NOT_HERE;
        }
        Answer known = byQuestion.get(question(kind, method, target, arguments));
        // What is known to be missing may have to be made.
        boolean makes = kind == Kind.MAP && method.getParameterCount() == 2;
        return known == null || makes && known.current == null ? NOT_HERE : known.current;
    }

    private Object ofLocal(ThreadLocal<?> local, String method, Object[] arguments) {
        Question question = new Question(local, null, null);
        Answer known = byQuestion.get(question);
        if (method.equals("get")) {
            boolean removed = known != null && known.current == REMOVED;
            return known == null || removed && known.agreed != null ? NOT_HERE : removed ? null : known.current;
        }
        if (!method.equals("set") && !method.equals("remove")) {
            return NOT_HERE;
        }
        if (known == null) {
            known = new Answer(local, false, NOT_HERE);
            locals.add(known);
            byQuestion.put(question, known);
        }
        known.current = method.equals("set") ? arguments[0] : REMOVED;
        known.ownBegin |= known.current == REMOVED;
        return null;
    }

    /** Another one after each sync point. */
    public int turn() {
        return turn;
    }

    /** Whether a thread-local has been removed: to ask for it is to make its initial value. */
    public boolean isAbsent(Object local) {
        Answer known = byQuestion.get(new Question(local, null, null));
        return known != null && known.current == REMOVED;
    }

    /** The initial value of one that was absent. */
    public void begin(Object local, Object value) {
        byQuestion.get(new Question(local, null, null)).current = value;
    }

    /** Notes an answer that home keeps fresh from now on. */
    void agree(Method method, Object target, Object[] arguments, Object value) {
        Kind kind = kindOf(method, target);
        Answer answer = new Answer(kind == Kind.LOCAL ? (ThreadLocal<?>) target : null, true, value);
        byNumber.add(answer);
        if (kind == Kind.LOCAL) {
            locals.add(answer);
        }
        if (kind != Kind.MAP || !(arguments[0] instanceof PinnedStub)) {
            byQuestion.put(question(kind, method, target, arguments), answer);
        }
    }

    /** Reads which answers are others now; `make` puts them into force once the message is there. */
    Runnable readChanges(Decoder from) throws MalformedMessage {
        uses = 0;
        turn++;
        int count = from.reader().readCount(1);
        Answer[] changed = new Answer[count];
        Object[] values = new Object[count];
        boolean[] fleeting = new boolean[count];
        for (int i = 0; i < count; i++) {
            int number = from.reader().readUnsigned();
            if (number >>> 2 >= byNumber.size()) {
                throw new MalformedMessage("answer " + (number >>> 2) + " that was not agreed");
            }
            changed[i] = byNumber.get(number >>> 2);
            Object value = from.readRoot();
            int bits = number & (AgreedReads.KNOWN | AgreedReads.FLEETING);
            boolean absent = bits == AgreedReads.ABSENT && changed[i].ownBegin;
            values[i] = (bits & AgreedReads.KNOWN) != 0 ? value : absent ? REMOVED : NOT_HERE;
            fleeting[i] = bits == (AgreedReads.KNOWN | AgreedReads.FLEETING);
        }
        return () -> {
            for (int i = 0; i < count; i++) {
                boolean cache = changed[i].isCache() && (values[i] == null || AgreedReads.isCache(values[i]));
                boolean kept = cache || changed[i].isWritten();
                changed[i].agreed = values[i];
                changed[i].current = kept ? changed[i].current : values[i];
                changed[i].fleeting = fleeting[i];
            }
        };
    }

    /** Writes what home does not have of thread-locals; once that is sent, {@link #localsWritten}. */
    void writeLocals(Encoder to) throws OffloadRefused {
        List<Answer> written = written();
        to.writer().writeUnsigned(written.size());
        for (Answer each : written) {
            to.writeRoot(each.local);
            to.writer().writeUnsigned(each.current == REMOVED ? 0 : 1);
            to.writeRoot(each.current == REMOVED ? null : each.current);
        }
    }

    /** Home has what was written of thread-locals, and keeps the answers fresh from then on. */
    void localsWritten() {
        for (Answer each : written()) {
            register(each);
            settle(each);
        }
    }

    /** Home counts alike: see AgreedReads.written. */
    private void register(Answer answer) {
        if (!answer.registered && byNumber.size() < AgreedReads.READS_MAX) {
            answer.registered = true;
            byNumber.add(answer);
        }
    }

    /** An invocation is taken back with what it has written of thread-locals. False when home may have heard of it. */
    boolean takeBack() {
        if (telling) {
            return false;
        }
        for (Answer each : List.copyOf(locals)) {
            if (each.isWritten() || each.isCache()) {
                each.current = each.agreed;
                dropUnless(each.registered, each);
            }
        }
        dropFleeting();
        return true;
    }

    private void dropUnless(boolean known, Answer answer) {
        if (!known) {
            locals.remove(answer);
            byQuestion.remove(new Question(answer.local, null, null));
        }
    }

    /** An invocation has ended, and with it what was only its own. */
    void dropFleeting() {
        for (Answer each : locals) {
            if (each.fleeting) {
                each.agreed = NOT_HERE;
                each.current = NOT_HERE;
                each.fleeting = false;
            }
        }
    }

    /** Whether home has other thread-locals than there are here. */
    public boolean hasWritten() {
        for (Answer each : locals) {
            if (each.isWritten()) {
                return true;
            }
        }
        return false;
    }

    private List<Answer> written() {
        List<Answer> written = new ArrayList<>(0);
        for (Answer each : locals) {
            if (each.isWritten()) {
                written.add(each);
            }
        }
        return written;
    }

    private void settle(Answer answer) {
        if (answer.registered && answer.current != REMOVED) {
            answer.agreed = answer.current;
            return;
        }
        answer.agreed = answer.registered ? null : NOT_HERE;
        answer.current = answer.agreed;
        dropUnless(answer.registered, answer);
    }

    /** Home is about to run something of the application: it must find the thread-locals as they are here. */
    public void flush(WorkerConnection home) throws Throwable {
        flush(home, written());
    }

    /** The same for one thread-local whose value home is about to be asked for. */
    public void flush(WorkerConnection home, Object local) throws Throwable {
        flush(home, written().stream().filter(each -> each.local == local).toList());
    }

    private void flush(WorkerConnection home, List<Answer> written) throws Throwable {
        for (Answer each : written) {
            boolean removed = each.current == REMOVED;
            Object value = each.current;
            telling = true;
            settle(each);
            home.call(each.local, removed ? REMOVE : SET, removed ? new Object[0] : new Object[] {value});
            telling = false;
        }
    }

    void clear() {
        byNumber.clear();
        byQuestion.clear();
        locals.clear();
        telling = false;
    }
}
