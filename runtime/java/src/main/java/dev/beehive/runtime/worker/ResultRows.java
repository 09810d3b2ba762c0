// The worker's side of reading rows ahead. What is read of the first row of a query is remembered by its text; from then
// on whole batches of rows come with one call. A reader that turns out to read something else cannot go back: the
// invocation then ends, and what it has asked for is read from then on, too. Where it must not end, because others have
// seen something of it, home sends whole rows. A query that this does not settle is read cell by cell ever after.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.JdbcKind;
import dev.beehive.runtime.offload.RowsAhead;
import dev.beehive.runtime.offload.WorkerConnection;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Used by the serving thread. */
final class ResultRows implements AnsweredHere {
    private static final int TEXTS_MAX = 10_000;
    /** Times a query's reader may ask for something new. */
    private static final int SURPRISES_MAX = 5;
    /** May be asked wherever the cursor is. */
    private static final Set<String> ANYWHERE = Set.of("getMetaData", "findColumn", "getStatement", "getType",
        "getConcurrency", "getFetchSize", "getFetchDirection", "getHoldability", "isClosed", "getWarnings",
        "clearWarnings", "unwrap", "isWrapperFor", "toString", "hashCode", "equals");

    private record Getter(Method method, List<Object> arguments) {
    }

    /** One open result. */
    private static final class Open {
        private final String text;
        private final List<Getter> learned = new ArrayList<>();
        private Object[] batch;
        /** Of which each row of the batch has the values. */
        private List<Getter> getters;
        private int at;
        private boolean wasNull;

        Open(String text) {
            this.text = text;
        }
    }

    private final Map<String, List<Getter>> gettersByText = new HashMap<>();
    private final Map<Object, String> texts = new IdentityHashMap<>();
    private final Map<Object, Open> results = new IdentityHashMap<>();
    private final Map<String, Integer> surprises = new HashMap<>();

    /** Answers a call on a pinned object from rows that are here, or says that it has to be made. */
    @Override
    public Object answer(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        Open open = results.isEmpty() ? null : results.get(pinned);
        if (open == null) {
            return NOT_HERE;
        }
        String name = method.getName();
        if (name.equals("next")) {
            return next(home, pinned, open);
        }
        boolean getter = isGetter(method);
        if (open.batch == null) {
            if (getter) {
                open.learned.add(new Getter(method, Arrays.asList(arguments)));
            }
            return NOT_HERE;
        }
        if (name.equals("wasNull")) {
            return open.wasNull;
        }
        return getter ? value(home, pinned, open, new Getter(method, Arrays.asList(arguments))) : elsewhere(home, open, name);
    }

    /** Of one column, as the driver has it or as a class that is named. */
    private static boolean isGetter(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        boolean fits = parameters.length == 1 || parameters.length == 2 && parameters[1] == Class.class;
        return fits && method.getName().startsWith("get") && !ANYWHERE.contains(method.getName());
    }

    private Object elsewhere(WorkerConnection home, Open open, String name) {
        if (ANYWHERE.contains(name) || name.equals("close")) {
            return NOT_HERE;
        }
        surprises.put(open.text, SURPRISES_MAX);
        throw home.refuse("OFFLOAD_ROWS", name + " of a result that has been read ahead");
    }

    private Object value(WorkerConnection home, Object pinned, Open open, Getter getter) throws Throwable {
        Object[] row = (Object[]) open.batch[open.at];
        int index = open.getters.indexOf(getter);
        if (index >= 0) {
            open.wasNull = Boolean.TRUE.equals(row[2 * index + 1]);
            return row[2 * index];
        }
        learn(open.text, getter);
        Object value = RowsAhead.NO_VALUE;
        if (row.length % 2 != 0) {
            Object[] whole = (Object[]) row[row.length - 1];
            int column = column(home, pinned, getter);
            value = WholeRow.value(whole, column, getter.method, getter.arguments);
            open.wasNull = value != RowsAhead.NO_VALUE && WholeRow.isNull(whole, column);
        }
        if (value == RowsAhead.NO_VALUE) {
            throw home.refuse("OFFLOAD_ROWS", getter.method.getName() + " was not called in the row before");
        }
        return value;
    }

    /** By the class that home knows: a stand-in's own is of this worker. */
    private static int column(WorkerConnection home, Object pinned, Getter getter) throws Throwable {
        if (getter.arguments.get(0) instanceof Integer index) {
            return index;
        }
        Method find = getter.method.getDeclaringClass().getMethod("findColumn", String.class);
        return (Integer) home.call(pinned, find, new Object[] {getter.arguments.get(0)});
    }

    private void learn(String text, Getter getter) {
        surprises.merge(text, 1, Integer::sum);
        List<Getter> known = gettersByText.get(text);
        if (!known.contains(getter)) {
            List<Getter> more = new ArrayList<>(known);
            more.add(getter);
            gettersByText.put(text, List.copyOf(more));
        }
    }

    private Object next(WorkerConnection home, Object pinned, Open open) throws Throwable {
        if (open.batch != null && ++open.at < open.batch.length) {
            return true;
        }
        if (open.batch != null && (Integer) open.batch[0] == RowsAhead.ENDED) {
            open.at = open.batch.length;
            return false;
        }
        if (!open.learned.isEmpty()) {
            gettersByText.putIfAbsent(open.text, open.learned.stream().distinct().toList());
        }
        List<Getter> getters = gettersByText.get(open.text);
        return getters == null ? NOT_HERE : readAhead(home, pinned, open, getters);
    }

    private Object readAhead(WorkerConnection home, Object pinned, Open open, List<Getter> getters) throws Throwable {
        Method[] methods = getters.stream().map(Getter::method).toArray(Method[]::new);
        Object[][] arguments = getters.stream().map(g -> g.arguments.toArray()).toArray(Object[][]::new);
        open.batch = (Object[]) home.call(null, RowsAhead.method(), new Object[] {pinned, methods, arguments, false});
        open.getters = getters;
        open.at = 1;
        if (open.batch.length > 1) {
            return true;
        }
        boolean onRow = (Integer) open.batch[0] == RowsAhead.ON_ROW;
        if (onRow) {
            // From here on cell by cell.
            results.remove(pinned);
        }
        return onRow;
    }

    /** Notes what a call that was made has brought or ended. */
    void called(Object pinned, Method method, Object[] arguments, Object value) {
        JdbcKind kind = JdbcKind.of(pinned);
        if (kind == JdbcKind.CONNECTION && method.getName().equals("prepareStatement")) {
            texts.put(value, (String) arguments[0]);
        } else if (kind == JdbcKind.STATEMENT && JdbcKind.of(value) == JdbcKind.RESULT_SET) {
            boolean given = arguments.length > 0 && arguments[0] instanceof String;
            String text = given ? (String) arguments[0] : texts.get(pinned);
            boolean settles = text != null && surprises.getOrDefault(text, 0) < SURPRISES_MAX;
            if (settles && gettersByText.size() < TEXTS_MAX) {
                results.put(value, new Open(text));
            }
        } else if (method.getName().equals("close")) {
            texts.remove(pinned);
            results.remove(pinned);
        }
    }

    /** An invocation ends: what it has left open is not continued by another. */
    void clear() {
        texts.clear();
        results.clear();
    }
}
