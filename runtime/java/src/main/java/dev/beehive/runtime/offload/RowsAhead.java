// Reads rows of a query's result at home for a worker that has shown what it reads of each row: one call brings many rows
// instead of one call a cell. Only of results that can be read forward and not be changed, and only values.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Called by a worker in the place of `ResultSet.next`. */
public final class RowsAhead {
    /** The first element of the answer: what the cursor has come to. */
    public static final int MORE = 0;
    /** Behind the last row. */
    public static final int ENDED = 1;
    /** On a row whose values must be asked for one by one; it is not among those of the answer. */
    public static final int ON_ROW = 2;
    /** In the place of a column that has to be asked for; no driver brings a class for a value. */
    public static final Object NO_VALUE = RowsAhead.class;

    private static final int ROWS_MAX = 200;
    private static final int CHARS_MAX = 500_000;
    private static final int FORWARD_ONLY = 1003;
    private static final int READ_ONLY = 1007;
    private static final Set<String> VALUE_PACKAGES = Set.of("java.lang", "java.math", "java.time", "java.sql", "java.util");
    private static final Set<String> NO_VALUES = Set.of("java.sql.Array", "java.sql.Blob", "java.sql.Clob",
        "java.sql.SQLXML", "java.sql.Ref", "java.sql.RowId");

    private static final Method READ = readMethod();

    private RowsAhead() {
    }

    private static Method readMethod() {
        try {
            return RowsAhead.class.getMethod("read", Object.class, Method[].class, Object[][].class, boolean.class);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What a worker calls at home. */
    public static Method method() {
        return READ;
    }

    /** Whoever has been seen to do something must not be stopped: where a call reads ahead, it reads whole rows. */
    static void readWhole(Method method, Object[] arguments) {
        if (method.equals(READ)) {
            arguments[3] = true;
        }
    }

    /**
     * Moves the cursor forward and reads.
     *
     * @param getters of one row, in the order in which the worker calls them, each with its arguments
     * @param whole whether each row ends with an array of all its columns: nothing that is read otherwise than the row
     *     before may then stop the reader
     * @return state of the cursor, then for each row an array with value and `wasNull` for each getter
     */
    public static Object[] read(Object result, Method[] getters, Object[][] arguments, boolean whole) throws Throwable {
        List<Object> answer = new ArrayList<>();
        answer.add(MORE);
        boolean ahead = isPlain(result);
        int columns = whole && ahead ? columns(result) : 0;
        int chars = 0;
        while (answer.size() <= ROWS_MAX && chars < CHARS_MAX) {
            if (!(Boolean) call(result, "next")) {
                answer.set(0, ENDED);
                break;
            }
            Object[] row = ahead ? readRow(result, getters, arguments, columns) : null;
            if (row == null) {
                answer.set(0, ON_ROW);
                break;
            }
            chars += size(row);
            answer.add(row);
        }
        return answer.toArray();
    }

    private static boolean isPlain(Object result) throws Throwable {
        return (Integer) call(result, "getType") == FORWARD_ONLY
            && (Integer) call(result, "getConcurrency") == READ_ONLY;
    }

    /** Null when something of the row is no value, or cannot be read: then the worker asks, and gets the same. */
    private static Object[] readRow(Object result, Method[] getters, Object[][] arguments, int columns) throws Throwable {
        Object[] row = new Object[2 * getters.length + (columns == 0 ? 0 : 1)];
        for (int i = 0; i < getters.length; i++) {
            try {
                row[2 * i] = Calls.virtually(getters[i], result, arguments[i]);
            } catch (Exception e) {
                return null;
            }
            if (!isValue(row[2 * i])) {
                return null;
            }
            row[2 * i + 1] = call(result, "wasNull");
        }
        if (columns > 0) {
            row[2 * getters.length] = readAll(result, columns);
        }
        return row;
    }

    private static int columns(Object result) throws Throwable {
        Object metadata = call(result, "getMetaData");
        return (Integer) call(metadata, "getColumnCount");
    }

    /** What the driver takes each column for; a column that is no value, or cannot be read, is {@link #NO_VALUE}. */
    private static Object[] readAll(Object result, int columns) throws Throwable {
        Method get = result.getClass().getMethod("getObject", int.class);
        Object[] all = new Object[columns];
        for (int i = 0; i < columns; i++) {
            try {
                Object value = Calls.virtually(get, result, new Object[] {i + 1});
                all[i] = isValue(value) ? value : NO_VALUE;
            } catch (Exception e) {
                all[i] = NO_VALUE;
            }
        }
        return all;
    }

    private static boolean isValue(Object value) {
        if (value == null || value instanceof byte[]) {
            return true;
        }
        Class<?> type = value.getClass();
        for (Class<?> each : type.getInterfaces()) {
            if (NO_VALUES.contains(each.getName())) {
                return false;
            }
        }
        return VALUE_PACKAGES.contains(type.getPackageName()) && !(value instanceof java.util.Collection);
    }

    private static int size(Object[] row) {
        int size = 0;
        for (Object each : row) {
            size += each instanceof String text ? text.length() : each instanceof byte[] bytes ? bytes.length
                : each instanceof Object[] all ? size(all) : 1;
        }
        return size;
    }

    private static Object call(Object result, String name) throws Throwable {
        return Calls.virtually(result.getClass().getMethod(name), result, new Object[0]);
    }
}
