// A worker's own connection against a real database: when home is told, what is rolled back, what is kept.
package dev.beehive.runtime.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnConnectionTest {
    private static final String URL = "jdbc:h2:mem:own";
    /** What home was told, in order. */
    private final List<String> told = new ArrayList<>();
    private final ConnectionPool pool = new ConnectionPool(
        List.of("url", URL, "driver", "org.h2.Driver", "user", "sa", "password", ""));
    private Connection outside;

    private final OwnConnection.Keeper keeper = new OwnConnection.Keeper() {
        @Override
        public void writes() {
        }

        @Override
        public void becomesVisible(OwnConnection connection, String transaction) throws SQLException {
            told.add("visible " + rows());
        }

        @Override
        public void changesSession(String sql) {
            told.add("session");
        }

        @Override
        public void closed(OwnConnection connection) {
            told.add("closed");
        }
    };

    @BeforeEach
    void table() throws SQLException {
        outside = DriverManager.getConnection(URL, "sa", "");
        outside.createStatement().execute("create table if not exists t (a int)");
        outside.createStatement().execute("delete from t");
    }

    @AfterEach
    void gone() throws SQLException {
        outside.createStatement().execute("shutdown");
    }

    private int rows() throws SQLException {
        try (Statement statement = outside.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from t")) {
            result.next();
            return result.getInt(1);
        }
    }

    private Connection take() throws SQLException {
        try {
            return (Connection) pool.take(keeper).stand();
        } catch (Throwable e) {
            throw new SQLException(e);
        }
    }

    private static void insert(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("insert into t values (?)")) {
            statement.setInt(1, 5);
            statement.executeUpdate();
        }
    }

    @Test
    void homeIsToldBeforeACommitOfSomethingWrittenAndOnlyThen() throws SQLException {
        try (Connection connection = take()) {
            connection.setAutoCommit(false);
            connection.createStatement().executeQuery("select a from t");
            connection.commit();
            assertEquals(List.of(), told);
            insert(connection);
            assertEquals(List.of(), told);
            connection.commit();
            assertEquals(List.of("visible 0"), told);
            assertEquals(1, rows());
        }
    }

    @Test
    void withoutATransactionHomeIsToldBeforeTheWrite() throws SQLException {
        try (Connection connection = take()) {
            insert(connection);
        }
        assertEquals(List.of("visible 0", "closed"), told);
    }

    @Test
    void whatIsNotCommittedIsRolledBackAndTheConnectionIsTheNextOnes() throws SQLException {
        Connection connection = take();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        insert(connection);
        Statement open = connection.createStatement();
        connection.close();
        assertTrue(connection.isClosed());
        assertTrue(open.isClosed());
        assertThrows(SQLException.class, connection::createStatement);
        assertEquals(0, rows());
        Connection next = take();
        assertTrue(next.getAutoCommit());
        assertNotEquals(Connection.TRANSACTION_SERIALIZABLE, next.getTransactionIsolation());
        next.close();
        assertEquals(List.of("closed", "closed"), told);
    }

    @Test
    void aStatementKnowsTheConnectionThatMadeIt() throws SQLException {
        try (Connection connection = take(); Statement statement = connection.createStatement()) {
            assertEquals(connection, statement.getConnection());
            assertTrue(connection.isWrapperFor(Connection.class));
            assertFalse(connection.isClosed());
        }
    }

    @Test
    void aSessionThatWasChangedIsNotUsedAgain() throws SQLException {
        String session = "select session_id()";
        Connection first = take();
        first.createStatement().execute("set @mine = 1");
        String id = one(first, session);
        first.close();
        try (Connection next = take()) {
            assertNotEquals(id, one(next, session));
        }
        assertTrue(told.contains("session"));
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
