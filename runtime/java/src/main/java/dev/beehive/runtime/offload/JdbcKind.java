// Which part of JDBC an object plays. By name: the runtime, on the boot class path, cannot see the module java.sql.
package dev.beehive.runtime.offload;

import java.util.Map;

/** Decided by class, once. */
public enum JdbcKind {
    DATA_SOURCE, CONNECTION, STATEMENT, RESULT_SET, METADATA, NONE;

    private static final Map<String, JdbcKind> BY_NAME = Map.of("javax.sql.DataSource", DATA_SOURCE,
        "java.sql.Connection", CONNECTION, "java.sql.Statement", STATEMENT, "java.sql.ResultSet", RESULT_SET,
        "java.sql.ResultSetMetaData", METADATA, "java.sql.DatabaseMetaData", METADATA,
        "java.sql.ParameterMetaData", METADATA);
    private static final ClassValue<JdbcKind> OF = new ClassValue<>() {
        @Override
        protected JdbcKind computeValue(Class<?> type) {
            return find(type);
        }
    };

    public static JdbcKind of(Object object) {
        return object == null ? NONE : OF.get(object.getClass());
    }

    private static JdbcKind find(Class<?> type) {
        JdbcKind kind = BY_NAME.getOrDefault(type.getName(), NONE);
        for (Class<?> each : type.getInterfaces()) {
            kind = kind == NONE ? find(each) : kind;
        }
        return kind == NONE && type.getSuperclass() != null ? find(type.getSuperclass()) : kind;
    }
}
