// A column that was read one way answers another getter only where no driver would answer otherwise.
package dev.beehive.runtime.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.offload.RowsAhead;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeRowTest {
    private static Object value(Object of, String getter) throws Exception {
        return WholeRow.value(new Object[] {of}, 1, ResultSet.class.getMethod(getter, int.class), List.of(1));
    }

    @Test
    void numbersThatFit() throws Exception {
        assertEquals(7, value(7L, "getInt"));
        assertEquals(7L, value(7, "getLong"));
        assertEquals((short) 7, value(7, "getShort"));
        assertEquals(7.0, value(7, "getDouble"));
        assertEquals(0.1, value(0.1, "getDouble"));
        assertSame(RowsAhead.NO_VALUE, value(1L << 40, "getInt"));
        assertSame(RowsAhead.NO_VALUE, value(new BigDecimal("1.5"), "getInt"));
        assertSame(RowsAhead.NO_VALUE, value("7", "getInt"));
        assertSame(RowsAhead.NO_VALUE, value(true, "getInt"));
    }

    @Test
    void onlyTheSameTypesOtherwise() throws Exception {
        Date date = Date.valueOf("2025-03-04");
        assertSame(date, value(date, "getDate"));
        assertSame(RowsAhead.NO_VALUE, value(date, "getTimestamp"));
        assertSame(RowsAhead.NO_VALUE, value(date, "getString"));
        assertEquals(true, value(true, "getBoolean"));
        assertSame(RowsAhead.NO_VALUE, value(1, "getBoolean"));
        assertSame(RowsAhead.NO_VALUE, value("x", "getClob"));
        assertSame(RowsAhead.NO_VALUE, value(RowsAhead.NO_VALUE, "getObject"));
    }

    @Test
    void aNullIsWhatJdbcSaysOfEachType() throws Exception {
        assertEquals(0L, value(null, "getLong"));
        assertEquals(false, value(null, "getBoolean"));
        assertNull(value(null, "getString"));
        assertTrue(WholeRow.isNull(new Object[] {1, null}, 2));
        assertFalse(WholeRow.isNull(new Object[] {1, null}, 1));
    }

    /** What it answers is what the driver would have. */
    @Test
    void aDriverAgrees() throws Exception {
        String[] getters = {"getInt", "getLong", "getShort", "getByte", "getDouble", "getFloat", "getBoolean", "getString",
            "getBigDecimal", "getBytes", "getDate", "getTime", "getTimestamp", "getObject"};
        String row = "select 1, cast(2 as bigint), 'text', cast(1.5 as decimal(5, 2)), 0.25e0, true, date '2025-03-04', "
            + "time '10:00:00', timestamp '2025-03-04 10:00:00', x'0102', cast(null as int), cast(null as varchar)";
        int answered = 0;
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(row)) {
            result.next();
            int columns = result.getMetaData().getColumnCount();
            Object[] all = new Object[columns];
            for (int i = 0; i < columns; i++) {
                all[i] = result.getObject(i + 1);
            }
            for (int i = 1; i <= columns; i++) {
                for (String each : getters) {
                    var getter = ResultSet.class.getMethod(each, int.class);
                    Object mine = WholeRow.value(all, i, getter, List.of(i));
                    if (mine != RowsAhead.NO_VALUE) {
                        answered++;
                        Object theirs = getter.invoke(result, i);
                        boolean same = mine instanceof byte[] bytes ? java.util.Arrays.equals(bytes, (byte[]) theirs)
                            : java.util.Objects.equals(mine, theirs);
                        assertTrue(same, each + " of column " + i + ": " + mine + " for " + theirs);
                    }
                }
            }
        }
        assertTrue(answered > 40, answered + " answered");
    }
}
