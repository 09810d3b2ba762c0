// What factories of loggers ask on a worker before they make one: the application's loggers are at home, set up already.
package dev.beehive.runtime.hook;

/** Called by rewritten code only. */
public final class Loggers {
    private Loggers() {
    }

    /**
     * The stand-in of home's logger.
     *
     * @param factory declares the static method of this name
     * @param argument a name or a class
     * @return null where home cannot be asked: the factory then does what it ever did
     */
    public static Object ofHome(Class<?> factory, String method, Object argument) {
        return Hooks.isWorker() && argument != null ? Hooks.current().logger(factory, method, argument) : null;
    }
}
