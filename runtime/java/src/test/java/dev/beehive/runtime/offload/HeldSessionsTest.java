// Real sessions of Hibernate's, bound to their thread as open-in-view binds them, give back and forget connections.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.h2.jdbcx.JdbcDataSource;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.resource.jdbc.spi.LogicalConnectionImplementor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class HeldSessionsTest {
    private static final ClassLoader HERE = HeldSessionsTest.class.getClassLoader();
    /** Held, so that its level stays. */
    private static final Logger LOGGER = Logger.getLogger("org.hibernate");
    private SessionFactory factory;
    private Session session;
    private EntityManagerHolder holder;

    @BeforeAll
    static void warningsOnly() {
        LOGGER.setLevel(Level.WARNING);
    }

    @BeforeEach
    void bind() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:");
        Configuration configuration = new Configuration();
        configuration.getProperties().put("hibernate.connection.datasource", database);
        configuration.getProperties().put("hibernate.connection.handling_mode", "DELAYED_ACQUISITION_AND_HOLD");
        factory = configuration.buildSessionFactory();
        session = factory.openSession();
        holder = new EntityManagerHolder(session);
        TransactionSynchronizationManager.bindResource(factory, holder);
    }

    @AfterEach
    void unbind() {
        TransactionSynchronizationManager.unbindResource(factory);
        session.close();
        factory.close();
    }

    private LogicalConnectionImplementor holding() {
        return ((SessionImplementor) session).getJdbcCoordinator().getLogicalConnection();
    }

    private Connection connection() {
        return holding().getPhysicalConnection();
    }

    private Object one() {
        return session.createNativeQuery("values 1", Integer.class).getSingleResult();
    }

    @Test
    void aConnectionIsGivenBackAndAnotherTaken() throws Throwable {
        assertTrue(HeldSessions.isIdle(holder));
        one();
        Connection first = connection();
        assertFalse(HeldSessions.isIdle(holder));
        HeldSessions.disconnect(HERE, bound -> true);
        assertTrue(first.isClosed());
        assertTrue(HeldSessions.isIdle(holder));
        assertEquals(1, one());
    }

    @Test
    void noneIsGivenBackOfASessionThatIsNotHomesOrInATransaction() throws Throwable {
        session.beginTransaction();
        HeldSessions.disconnect(HERE, bound -> true);
        assertFalse(connection().isClosed());
        session.getTransaction().rollback();
        one();
        HeldSessions.disconnect(HERE, bound -> false);
        assertFalse(HeldSessions.isIdle(holder));
    }

    @Test
    void whatHoldsAConnectionIsFoundAndLetsGo() throws SQLException {
        one();
        Connection held = connection();
        List<Object> known = List.of("a text", session, holding());
        assertFalse(HeldSessions.hold(known, other -> other != held));
        assertTrue(HeldSessions.hold(known, other -> other == held));
        HeldSessions.letGo(known, other -> other == held);
        assertFalse(HeldSessions.hold(known, other -> true));
        assertTrue(HeldSessions.isIdle(holder));
        held.close();
        assertEquals(1, one());
    }
}
