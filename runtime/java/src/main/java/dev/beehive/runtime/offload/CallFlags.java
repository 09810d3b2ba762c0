// What a CALL brings with it and does at home. Decided by the plan per method; safe if nothing is known: SYNC | EFFECT.
package dev.beehive.runtime.offload;

/** Bits. */
public final class CallFlags {
    /** A sync point: changes travel in both directions. */
    public static final int SYNC = 1;
    /** Others can see what it does: from here on the invocation cannot be taken back. */
    public static final int EFFECT = 2;

    private CallFlags() {
    }
}
