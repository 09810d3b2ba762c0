// Which invocations may be offloaded at all: what `beehive run` has asked for, changed while the application runs.
package dev.beehive.runtime.server;

import dev.beehive.runtime.hook.Gate;
import java.util.List;

/** Shared by all threads. */
final class Policy {
    private final List<Root> roots;
    private static final String RATIO = "ratio=";
    private static final String AUTO = "auto=";

    /** The share of the invocations: 0 none, 1 as many as workers are idle for. */
    private volatile double ratio;
    /** Only of roots that are worth it. */
    private volatile boolean selective;

    Policy(List<Root> roots) {
        this.roots = roots;
    }

    /**
     * Takes `off`, `all` or `ratio=0.5`, or `auto=0.5`, which leaves alone what costs more offloaded than here, and at 0
     * times what runs here; anything else changes nothing.
     */
    void set(String wanted) {
        if (wanted.equals("off")) {
            open(0, false);
        } else if (wanted.equals("all")) {
            open(1, false);
        } else if (wanted.startsWith(RATIO) || wanted.startsWith(AUTO)) {
            try {
                open(Double.parseDouble(wanted.substring(wanted.indexOf('=') + 1)), wanted.startsWith(AUTO));
            } catch (NumberFormatException e) {
                return;
            }
        }
        setGates();
    }

    private void open(double share, boolean onlyWorthy) {
        selective = onlyWorthy;
        ratio = Math.min(1, Math.max(0, share));
    }

    /** Opens the gates of roots that have something to gain; closed ones cost nothing. */
    void setGates() {
        for (Root root : roots) {
            Gate.set(root.number, (ratio > 0 || selective) && !root.isResting());
        }
    }

    /** Null when the invocation may be offloaded. */
    String reasonAgainst(Root root) {
        double share = ratio;
        if (root.isResting()) {
            return "ROOT_RESTS";
        }
        if (selective && root.gain.isNone(System.nanoTime())) {
            return "NO_GAIN";
        }
        return share > 0 && (share >= 1 || root.isChosen(share)) ? null : "POLICY";
    }
}
