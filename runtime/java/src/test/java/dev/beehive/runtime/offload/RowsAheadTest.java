// Rows read ahead at home are what reading them one by one gives; what is no value is left to be asked for.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class RowsAheadTest {
    private static final String ROWS = "values (1, 'a', null), (2, null, 0), (3, 'c', 7)";

    private static Method getter(String name) throws NoSuchMethodException {
        return ResultSet.class.getMethod(name, int.class);
    }

    private static Object[] read(ResultSet result, Method... getters) throws Throwable {
        Object[][] arguments = new Object[getters.length][];
        for (int i = 0; i < getters.length; i++) {
            arguments[i] = new Object[] {i + 1};
        }
        return RowsAhead.read(result, getters, arguments, false);
    }

    @Test
    void valuesAndNullsOfTheRowsThatAreLeft() throws Throwable {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(ROWS)) {
            result.next();
            Object[] rows = read(result, getter("getLong"), getter("getString"), getter("getInt"));
            assertEquals(3, rows.length);
            assertEquals(RowsAhead.ENDED, rows[0]);
            assertArrayEquals(new Object[] {2L, false, null, true, 0, false}, (Object[]) rows[1]);
            assertArrayEquals(new Object[] {3L, false, "c", false, 7, false}, (Object[]) rows[2]);
        }
    }

    @Test
    void wholeRowsWhereTheReaderMustNotBeStopped() throws Throwable {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select * from (" + ROWS + "), (values cast('long' as clob))")) {
            Object[] call = {result, new Method[] {getter("getLong")}, new Object[][] {{1}}, false};
            RowsAhead.readWhole(RowsAhead.method(), call);
            Object[] rows = (Object[]) RowsAhead.method().invoke(null, call);
            Object[] first = (Object[]) rows[1];
            assertArrayEquals(new Object[] {1, "a", null, RowsAhead.NO_VALUE}, (Object[]) first[2]);
            assertEquals(3, first.length);
        }
    }

    @Test
    void manyRowsComeInBatches() throws Throwable {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select x from system_range(1, 450)")) {
            int count = 0;
            Object[] rows;
            do {
                rows = read(result, getter("getInt"));
                for (int i = 1; i < rows.length; i++) {
                    assertEquals(++count, ((Object[]) rows[i])[0]);
                }
            } while ((Integer) rows[0] == RowsAhead.MORE);
            assertEquals(450, count);
        }
    }

    @Test
    void whatIsNoValueStopsAtItsRow() throws Throwable {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(ROWS)) {
            Object[] rows = read(result, getter("getLong"), getter("getClob"));
            assertArrayEquals(new Object[] {RowsAhead.ON_ROW}, rows);
            assertEquals(1, result.getLong(1));
        }
    }

    @Test
    void aResultThatCanBeScrolledIsNotReadAhead() throws Throwable {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE,
                    ResultSet.CONCUR_READ_ONLY);
                ResultSet result = statement.executeQuery(ROWS)) {
            assertArrayEquals(new Object[] {RowsAhead.ON_ROW}, read(result, getter("getLong")));
            assertEquals(1, result.getRow());
        }
    }
}
