// Which invocations may be offloaded at all: what `beehive run` has asked for, changed while the application runs.
package dev.beehive.runtime.server;

import dev.beehive.runtime.hook.Gate;
import java.util.List;

/** Shared by all threads. */
final class Policy {
    private final List<Root> roots;
    /** The share of the invocations: 0 none, 1 as many as workers are idle for. */
    private volatile double ratio;

    Policy(List<Root> roots) {
        this.roots = roots;
    }

    /** Takes `off`, `all` or `ratio=0.5`; anything else changes nothing. */
    void set(String wanted) {
        if (wanted.equals("off")) {
            ratio = 0;
        } else if (wanted.equals("all")) {
            ratio = 1;
        } else if (wanted.startsWith("ratio=")) {
            try {
                ratio = Math.min(1, Math.max(0, Double.parseDouble(wanted.substring("ratio=".length()))));
            } catch (NumberFormatException e) {
                return;
            }
        }
        setGates();
    }

    /** Opens the gates of roots that have something to gain; closed ones cost nothing. */
    void setGates() {
        for (Root root : roots) {
            Gate.set(root.number, ratio > 0 && !root.isResting());
        }
    }

    /** Null when the invocation may be offloaded. */
    String reasonAgainst(Root root) {
        double share = ratio;
        if (root.isResting()) {
            return "ROOT_RESTS";
        }
        return share > 0 && (share >= 1 || root.isChosen(share)) ? null : "POLICY";
    }
}
