// JPA's objects stay at home until the session says that they may move; those of an implementation that nobody has
// followed stay in any case.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.persistence.EntityTransaction;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class PersistenceTest {
    /** What stands behind proxies as a framework makes them. */
    static final class Handler implements InvocationHandler {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return true;
        }
    }

    static final class Foreign implements EntityTransaction {
        @Override
        public void begin() {
        }

        @Override
        public void commit() {
        }

        @Override
        public void rollback() {
        }

        @Override
        public void setRollbackOnly() {
        }

        @Override
        public boolean getRollbackOnly() {
            return false;
        }

        @Override
        public boolean isActive() {
            return false;
        }
    }

    private final Ends ends = new Ends();
    private final Object ofFramework = Proxy.newProxyInstance(getClass().getClassLoader(),
        new Class<?>[] {EntityTransaction.class}, new Handler());

    @Test
    void staysUntilItMayMove() throws Exception {
        OffloadRefused refused = assertThrows(OffloadRefused.class, () -> Ends.encode(ends.server, ofFramework));
        assertEquals(OffloadRefused.Code.OFFLOAD_PERSISTENCE_AT_HOME, refused.code());
        ends.server.encoder().takeBack();
        ends.server.keepPersistenceAtHome(false, false);
        EntityTransaction copy = (EntityTransaction) ends.toWorker(ofFramework);
        assertInstanceOf(Handler.class, Proxy.getInvocationHandler(copy));
        assertTrue(copy.isActive());
    }

    @Test
    void whatHasMovedDoesNotStayAnyMore() throws Exception {
        ends.server.keepPersistenceAtHome(false, false);
        ends.toWorker(ofFramework);
        OffloadRefused refused =
            assertThrows(OffloadRefused.class, () -> ends.server.keepPersistenceAtHome(true, false));
        assertEquals(OffloadRefused.Code.OFFLOAD_PERSISTENCE_AT_HOME, refused.code());
        ends.server.keepPersistenceAtHome(false, false);
        ends.server.reset();
        ends.server.keepPersistenceAtHome(true, false);
    }

    @Test
    void mayMoveOnWhereTheWorkerTellsOfUses() throws Exception {
        ends.server.keepPersistenceAtHome(true, true);
        assertThrows(OffloadRefused.class, () -> Ends.encode(ends.server, ofFramework));
        ends.server.encoder().takeBack();
        ends.server.keepPersistenceAtHome(false, true);
        ends.toWorker(ofFramework);
        ends.server.keepPersistenceAtHome(true, true);
        Object another = Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {EntityTransaction.class}, new Handler());
        assertTrue(((EntityTransaction) ends.toWorker(another)).isActive());
    }

    @Test
    void whatNobodyHasFollowedStays() throws Exception {
        ends.server.keepPersistenceAtHome(false, false);
        Object foreign = new Foreign();
        Ends.encode(ends.server, foreign);
        assertEquals(ObjectList.PINNED, stateOf(foreign));
    }

    private int stateOf(Object object) {
        int id = ends.server.table().idOf(object);
        return ends.server.table().listOf(id).state(id >>> 1);
    }
}
