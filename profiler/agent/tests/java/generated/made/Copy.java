// Loaded by a loader that gives no protection domain.
package made;

public class Copy implements Runnable {
    public void run() {
        step();
    }

    void step() {
        Integer.parseInt("3");
    }
}
