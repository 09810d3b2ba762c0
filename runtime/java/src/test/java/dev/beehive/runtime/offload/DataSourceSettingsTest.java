// What a DataSource at home says about itself: an equal is only made of what an equal can be of.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.codec.WorkerNative;
import java.lang.reflect.Proxy;
import java.util.List;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DataSourceSettingsTest {
    private final JdbcDataSource source = new JdbcDataSource();

    DataSourceSettingsTest() throws ReflectiveOperationException {
        Class.forName("org.h2.Driver");
        source.setURL("jdbc:h2:mem:settings");
        source.setUser("sa");
        source.setPassword("secret");
    }

    @AfterEach
    void reset() {
        WorkerNative.set(List.of());
    }

    @Test
    void aDatabaseInThisProcessStaysHere() {
        assertArrayEquals(new String[] {DataSourceSettings.REFUSED, DataSourceSettings.UNKNOWN},
            DataSourceSettings.of(source));
        WorkerNative.set(List.of("org.h2.jdbcx."));
        assertArrayEquals(new String[] {DataSourceSettings.REFUSED, DataSourceSettings.IN_PROCESS},
            DataSourceSettings.of(source));
    }

    @Test
    void aDriversOwnDataSourceTellsWhatIsNeeded() {
        WorkerNative.set(List.of("org.h2."));
        List<String> told = List.of(DataSourceSettings.of(source));
        assertEquals(List.of("url", "jdbc:h2:mem:settings", "driver", "org.h2.Driver", "user", "sa"), told.subList(0, 6));
        assertTrue(told.contains("secret"), told.toString());
    }

    @Test
    void aDataSourceThatDoesMoreIsNotEqualled() {
        WorkerNative.set(List.of("org.h2."));
        DataSource own = (DataSource) Proxy.newProxyInstance(getClass().getClassLoader(),
            new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> method.invoke(source, arguments));
        assertArrayEquals(new String[] {DataSourceSettings.REFUSED, DataSourceSettings.UNKNOWN},
            DataSourceSettings.of(own));
    }
}
