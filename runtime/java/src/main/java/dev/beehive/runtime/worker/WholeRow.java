// What a driver's getter brings of a column of which another getter's value is here: only where JDBC leaves a driver no
// choice, since each has its own way to convert.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.RowsAhead;
import java.lang.reflect.Method;
import java.util.List;

/** Of a row as `getObject` has read it. */
final class WholeRow {
    private WholeRow() {
    }

    static boolean isNull(Object[] row, int column) {
        return row[column - 1] == null;
    }

    /**
     * The value, or {@link RowsAhead#NO_VALUE} where it depends on the driver.
     *
     * @param column from 1
     * @param getter of one column, perhaps with a class
     */
    static Object value(Object[] row, int column, Method getter, List<Object> arguments) {
        if (column < 1 || column > row.length) {
            return RowsAhead.NO_VALUE;
        }
        Object value = row[column - 1];
        Class<?> wanted = arguments.size() == 2 ? (Class<?>) arguments.get(1) : getter.getReturnType();
        if (value == null) {
            return ofNull(wanted);
        }
        return value == RowsAhead.NO_VALUE ? value : wanted.isPrimitive() ? number(value, wanted)
            : wanted.isInstance(value) && isSame(value, getter) ? value : RowsAhead.NO_VALUE;
    }

    /** A getter may have a return type that several column types fit, as `getObject`; a text of a date is another text. */
    private static boolean isSame(Object value, Method getter) {
        return switch (getter.getName()) {
            case "getObject" -> true;
            case "getString" -> value instanceof String;
            case "getNString" -> value instanceof String;
            case "getBigDecimal" -> value instanceof java.math.BigDecimal;
            case "getBytes" -> value instanceof byte[];
            case "getDate" -> value.getClass() == java.sql.Date.class;
            case "getTime" -> value.getClass() == java.sql.Time.class;
            case "getTimestamp" -> value.getClass() == java.sql.Timestamp.class;
            default -> false;
        };
    }

    private static Object ofNull(Class<?> wanted) {
        return wanted == boolean.class ? Boolean.FALSE : wanted.isPrimitive() ? number(0, wanted) : null;
    }

    /** Whole numbers as long as they fit; a driver says in its own way that one does not. */
    private static Object number(Object value, Class<?> wanted) {
        if (wanted == boolean.class) {
            return value instanceof Boolean ? value : RowsAhead.NO_VALUE;
        }
        boolean isWhole = value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte;
        long number = isWhole ? ((Number) value).longValue() : 0;
        if (wanted == double.class || wanted == float.class) {
            return isWhole && Math.abs(number) < 1 << 24 ? real(number, wanted)
                : value instanceof Double && wanted == double.class || value instanceof Float && wanted == float.class ? value
                : RowsAhead.NO_VALUE;
        }
        if (!isWhole) {
            return RowsAhead.NO_VALUE;
        }
        return wanted == long.class ? (Object) number
            : wanted == int.class && number == (int) number ? (Object) (int) number
            : wanted == short.class && number == (short) number ? (Object) (short) number
            : wanted == byte.class && number == (byte) number ? (Object) (byte) number : RowsAhead.NO_VALUE;
    }

    private static Object real(long number, Class<?> wanted) {
        return wanted == double.class ? (Object) (double) number : (Object) (float) number;
    }
}
