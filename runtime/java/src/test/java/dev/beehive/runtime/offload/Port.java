// What rewritten code does at its barriers, called by hand in tests: nothing at home, questions on a worker.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** The port of the thread that runs the program. */
interface Port {
    ThreadLocal<Port> CURRENT = ThreadLocal.withInitial(() -> new Port() {
    });

    /** Before a field of the object is used. */
    default <T> T touch(T object) {
        return object;
    }

    default void lock(Object monitor) {
    }

    default void unlock(Object monitor) {
    }

    /** What the class path lacks. */
    default byte[] resource(String path) {
        return Rig.resourceAtHome(path);
    }

    /** Before a static field is used. */
    default void statics(Class<?> type) {
    }

    default Object call(int flags, Object target, Method method, Object... arguments) {
        try {
            return method.invoke(target, arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The port of a worker's thread. */
    record OnWorker(WorkerConnection connection) implements Port {
        @Override
        public <T> T touch(T object) {
            if (object != null && connection.isShell(object)) {
                connection.fetch(object);
            }
            return object;
        }

        @Override
        public void lock(Object monitor) {
            connection.lock(monitor);
        }

        @Override
        public void unlock(Object monitor) {
            connection.unlock(monitor);
        }

        @Override
        public byte[] resource(String path) {
            return connection.resource(path);
        }

        @Override
        public void statics(Class<?> type) {
            try {
                connection.statics(type);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Object call(int flags, Object target, Method method, Object... arguments) {
            try {
                return connection.call(flags, target, method, arguments);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
