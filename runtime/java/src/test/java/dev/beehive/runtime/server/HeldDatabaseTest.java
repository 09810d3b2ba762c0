// What is bound to a thread keeps its databases at home, and is again what it was when a failed invocation has left more.
package dev.beehive.runtime.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class HeldDatabaseTest {
    private final HeldDatabase held = HeldDatabase.of(HeldDatabaseTest.class.getClassLoader());

    @AfterEach
    void unbind() {
        Map.copyOf(TransactionSynchronizationManager.getResourceMap()).keySet()
            .forEach(TransactionSynchronizationManager::unbindResource);
    }

    private static ConnectionHolder bindConnection() throws Exception {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:");
        ConnectionHolder holder = new ConnectionHolder(database.getConnection());
        TransactionSynchronizationManager.bindResource(database, holder);
        return holder;
    }

    @Test
    void aConnectionIsHeldUnlessItIsIdle() throws Exception {
        assertNull(held.reason(bound -> false));
        ConnectionHolder holder = bindConnection();
        assertEquals(HeldDatabase.CODE, held.reason(bound -> false));
        assertNull(held.reason(bound -> bound == holder));
        assertTrue(held.isKnown());
        assertFalse(HeldDatabase.of(ClassLoader.getPlatformClassLoader()).isKnown());
    }

    @Test
    void whatWasBoundBeforeIsBoundAgain() throws Exception {
        TransactionSynchronizationManager.bindResource("kept", "before");
        TransactionSynchronizationManager.bindResource("taken", "before");
        held.reason(bound -> true);
        TransactionSynchronizationManager.unbindResource("taken");
        bindConnection();
        held.restore();
        assertEquals(Map.of("kept", "before", "taken", "before"), TransactionSynchronizationManager.getResourceMap());
    }
}
