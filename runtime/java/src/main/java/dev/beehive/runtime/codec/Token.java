// The forms a reference takes in a message: one variable-length number, its lowest two bits tell which.
package dev.beehive.runtime.codec;

/** Constants shared by Encoder and Decoder; docs/protocol.md has the table. */
final class Token {
    static final int FORM_BITS = 2;
    static final int FORM_MASK = 3;

    /** The rest is one of the special values below. */
    static final int SPECIAL = 0;
    /** The rest is `distance << 1 | made by the reader`: distance back from the next number of that side. */
    static final int KNOWN = 1;
    /** The rest is a class number; a new object, its identity hash code follows from its id. */
    static final int NEW = 2;
    /** As NEW; four bytes of identity hash code follow. */
    static final int NEW_WITH_CODE = 3;

    static final int NULL = 0;
    /** A class definition follows, then the reference that needs it. */
    static final int DEFINE = 1 << FORM_BITS;
    /** `class number << 1 | code follows`: an object that stays at home. */
    static final int SHELL = 2 << FORM_BITS;

    /** A class and a field name follow: a constant of the JDK. */
    static final int CONSTANT = 3 << FORM_BITS;

    /** `code follows`, code, superclass, interfaces: an object that never moves; its stand-in calls home. */
    static final int PINNED = 4 << FORM_BITS;

    private Token() {
    }
}
