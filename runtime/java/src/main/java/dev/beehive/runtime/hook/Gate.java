// What rewritten roots call at their entry. Open gates ask the server's gate keeper; closed ones cost a read and a branch.
// On a worker nothing opens a gate.
package dev.beehive.runtime.hook;

/** Called by rewritten code only. */
public final class Gate {
    /** Returned by {@link #invoke}: the caller runs the root itself. */
    public static final Object LOCAL = new Object();

    private static boolean[] open = new boolean[0];
    private static volatile GateKeeper keeper;

    private Gate() {
    }

    /** Whether an invocation of the root may be offloaded. Other threads see a change after a while. */
    public static boolean isOpen(int root) {
        boolean[] gates = open;
        return root < gates.length && gates[root];
    }

    /**
     * Runs a root on a worker.
     *
     * @param receiver null for a static root
     * @param arguments boxed
     * @return the value, boxed, or {@link #LOCAL}
     * @throws Throwable what the root has thrown
     */
    public static Object invoke(int root, Object receiver, Object[] arguments) throws Throwable {
        GateKeeper decides = keeper;
        return decides == null ? LOCAL : decides.invoke(root, receiver, arguments);
    }

    /** Puts a keeper in charge, with a gate for each root, all closed. */
    public static void install(GateKeeper keeper, int roots) {
        Gate.open = new boolean[roots];
        Gate.keeper = keeper;
    }

    /** Opens or closes one gate. */
    public static void set(int root, boolean isOpen) {
        open[root] = isOpen;
    }
}
