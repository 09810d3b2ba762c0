// The kinds of frame of the protocol. docs/protocol.md says what each payload holds.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.Side;

/** A kind, its code on the wire, and which side sends it (null for both). */
public enum FrameKind {
    /** Who I am: version, secret, JDK, class path. The first frame of a connection. */
    HELLO(1, Side.WORKER),
    /** Accepted: seed of identity hash codes, limits, iteration salt. */
    WELCOME(2, Side.SERVER),
    /** Run this root. */
    INVOKE(3, Side.SERVER),
    /** Contents of shells, please. */
    FETCH(4, Side.WORKER),
    /** Static fields of a class, please; it is initialised at home. */
    STATICS(5, Side.WORKER),
    /** Contents that were asked for. */
    OBJECTS(6, Side.SERVER),
    /** The class file of a class that was made at run time, please. */
    BYTES(7, Side.WORKER),
    /** A class file, or that there is none. */
    CLASS_FILE(8, Side.SERVER),
    /** Call a method of an object that stays at home. */
    CALL(9, Side.WORKER),
    /** The call's value. */
    RETURNED(10, Side.SERVER),
    /** The exception of a call or of a static initialiser. */
    THREW(11, Side.SERVER),
    /** Acquire a monitor at home. */
    LOCK(12, Side.WORKER),
    /** It is acquired; here is what had changed. */
    LOCKED(13, Side.SERVER),
    /** Changes, then release of the monitor acquired last. Has no answer. */
    UNLOCK(14, Side.WORKER),
    /** The root's value. */
    RESULT(15, Side.WORKER),
    /** The root's exception. */
    EXC(16, Side.WORKER),
    /** Forget all objects and classes. Has no answer. */
    RESET(17, Side.SERVER),
    /** I cannot go on, for this reason; the connection ends. */
    FAILED(18, null),
    /** Before my answer: run these initialisers, which it needs. */
    PREPARE(19, Side.SERVER),
    /** They have run. */
    PREPARED(20, Side.WORKER),
    /** In place of an answer: I cannot give it, for this reason. Unwind the root. */
    REFUSED(21, Side.SERVER),
    /** The root has been unwound, for this reason; what it changed here has been taken back. */
    ABANDONED(22, Side.WORKER);

    private static final FrameKind[] BY_CODE = new FrameKind[values().length + 1];

    static {
        for (FrameKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final int code;
    private final Side sender;

    FrameKind(int code, Side sender) {
        this.code = code;
        this.sender = sender;
    }

    public int code() {
        return code;
    }

    /** Whether this side may send it at all. */
    public boolean isSentBy(Side side) {
        return sender == null || sender == side;
    }

    /** The kind of a code, or null. */
    static FrameKind of(int code) {
        return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
