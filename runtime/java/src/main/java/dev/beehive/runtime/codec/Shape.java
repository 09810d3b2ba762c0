// How the instances of one class travel. One subclass a way: fields, arrays, strings, names, collections.
// A message declares every object where it is first met and lists the contents afterwards, in the order of declaration:
// nothing recurses, and cycles need no care.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The codec of one class. Without state of a connection: all connections share it. */
abstract class Shape {
    /** {@link #declare} writes something. */
    static final int DECLARES = 1;
    /** There are contents besides. */
    static final int CONTENTS = 2;
    /** The other side has an equal of its own: {@link #create} may return an object that is in use. */
    static final int NAMED = 4;
    /** An application class whose instances may stay at home as shells. */
    static final int MAY_STAY = 8;
    /** `hashCode` needs no contents and both sides compute it alike, or may differ in it. */
    static final int EARLY_HASH = 16;
    /** Home's instances never move: a worker has a stand-in that calls home. What a worker makes itself may go home. */
    static final int STAYS = 32;
    /** Stays as long as the session keeps JPA at home. */
    static final int PERSISTENCE = 64;

    /** Stands in a capture where the other side has something else, whatever is here. */
    private static final Object NOT_AGREED = new Object();
    private static final int UNNUMBERED = -1;
    private static final int NESTED_MAX = 2;
    private static final AtomicInteger NUMBERED = new AtomicInteger();

    private final Class<?> type;
    private final int traits;
    private final long handleOffset;
    private Boolean hashIsIdentity;
    private Boolean holdsClasses;
    private Boolean isAtomic;
    private boolean hasConstants;
    private boolean learned;
    private List<Class<?>> initialisers = List.of();
    private ClassLoader nameableFor;
    private volatile int number = UNNUMBERED;

    Shape(Class<?> type, int traits) {
        this.type = type;
        this.traits = traits;
        // What the other side has of its own may be of another class, without this one's fields.
        boolean none = type.isArray() || ClassOrigin.isJdk(type) || (traits & NAMED) != 0;
        this.handleOffset = none ? -1 : FieldLayout.handleOffset(type);
    }

    final Class<?> type() {
        return type;
    }

    /** The number under which this JVM names the class on every connection; given at the first use. */
    final int number() {
        int given = number;
        return given == UNNUMBERED ? giveNumber() : given;
    }

    private synchronized int giveNumber() {
        if (number == UNNUMBERED) {
            number = NUMBERED.getAndIncrement();
        }
        return number;
    }

    /** What must be known before an instance is looked at: the JDK's constants near the class. */
    final void learn() {
        if (!learned) {
            JdkConstants.learn(type);
            initialisers = Preparation.neededFor(type);
            learned = true;
        }
    }

    /** What must be known before instances are sent: that the class can be named. */
    final void prepare(Loaders loaders) throws OffloadRefused {
        learn();
        if (nameableFor != loaders.application()) {
            loaders.checkNameable(type);
            nameableFor = loaders.application();
        }
    }

    /** What the other side has to initialise before it can make an instance; known once the class has been prepared. */
    final List<Class<?>> initialisers() {
        return initialisers;
    }

    /** Whether all of these traits are there. */
    final boolean has(int wanted) {
        return (traits & wanted) == wanted;
    }

    /** Offset of the `$bh` field, which says that an object is shared or a shell; -1 without one. */
    final long handleOffset() {
        return handleOffset;
    }

    /** False for most classes: their instances always travel whole and under no name. */
    final boolean isSpecial() {
        return hasConstants || (traits & (MAY_STAY | STAYS | PERSISTENCE)) != 0;
    }

    /** Whether threads change instances, or the elements of an array, by atomic instructions. */
    final boolean isAtomic() {
        if (isAtomic == null) {
            isAtomic = findOutIfAtomic();
        }
        return isAtomic;
    }

    private boolean findOutIfAtomic() {
        Class<?> element = type.isArray() ? type.getComponentType() : type;
        return has(STAYS) || PinnedTypes.isPartOfLockFree(element) || type.isArray() && PinnedTypes.include(element);
    }

    /** True when some instance is a constant of the JDK, see JdkConstants. */
    final boolean hasConstants() {
        return hasConstants;
    }

    final void noteConstant() {
        hasConstants = true;
    }

    /** Writes what {@link #create} needs: a length, a name, a whole string. */
    void declare(Object object, Encoder to) throws OffloadRefused {
    }

    /** Makes the object; its contents may come later. */
    abstract Object create(Decoder from) throws MalformedMessage;

    /** Writes the contents. Declares the objects met. */
    void writeContents(Object object, Encoder to) throws OffloadRefused {
    }

    /** Fills an object that {@link #create} made, or a shell. */
    void readContents(Object object, Decoder from) throws MalformedMessage {
    }

    /** Tells the visitor every object that the contents refer to. */
    void visit(Object object, ReferenceVisitor visitor) {
    }

    /**
     * Tells the visitor every object that the other side's contents refer to.
     *
     * @param agreed the capture last agreed on, null where nothing is compared
     */
    void visitAgreed(Object object, Object agreed, ReferenceVisitor visitor) {
        visit(object, visitor);
    }

    /**
     * Whether all that the contents refer to among these objects is told again, once {@link #letGo} has noted that the other
     * side is to be.
     */
    boolean canLetGo(Object object, Object agreed, Predicate<Object> gone) {
        return false;
    }

    /** Notes that what the other side has in the place of these objects is to be told anew, whatever is there then. */
    void letGo(Object agreed, Predicate<Object> gone) {
    }

    /** Notes it in references that were agreed on. */
    static void letGo(Object[] agreed, Predicate<Object> gone) {
        for (int i = 0; i < agreed.length; i++) {
            if (agreed[i] != null && gone.test(agreed[i])) {
                agreed[i] = NOT_AGREED;
            }
        }
    }

    /** Whether instances stay known as long as the connection lasts: there are few, and they come again. */
    boolean lasts() {
        return false;
    }

    /**
     * What of the contents may change, as it is now; null when nothing can. Compared with later states, never with
     * those of the other side.
     */
    Object capture(Object object) {
        return null;
    }

    /** Whether the contents are other than captured. */
    boolean differs(Object object, Object before) {
        return false;
    }

    /** Makes the contents what was captured; another capture is then taken. */
    void restore(Object object, Object before) throws MalformedMessage {
    }

    /** Writes what is in the later capture and not in the earlier one. */
    void writeChanges(Object object, Object before, Object now, Encoder to) throws OffloadRefused {
    }

    /** Whether a final field looks as if nothing had been set yet. */
    boolean hasUnset(Object object) {
        return false;
    }

    /** A capture of the final fields. */
    Object captureFinals(Object object) {
        return null;
    }

    boolean differsInFinals(Object object, Object before) {
        return false;
    }

    /** Writes the final fields that differ, so that {@link #readChanges} reads them. */
    void writeFinals(Object object, Object before, Encoder to) throws OffloadRefused {
    }

    /** Whether final fields may be told as changes. */
    boolean hasFinals() {
        return false;
    }

    /** Reads what {@link #writeChanges} wrote; the changes also update the agreed capture. */
    void readChanges(Object object, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
    }

    /** Differs when the two sides would not read the same fields. */
    int fingerprint() {
        return 0;
    }

    /** Whether a change may be a release: what was written before it must arrive with it. */
    boolean hasVolatile(Object object) {
        return false;
    }

    /** Whether the code of a key may be made from that of a class, which each JVM has its own for. */
    static boolean holdsClasses(Object key) {
        Shape shape = key == null ? null : Shapes.of(key.getClass());
        if (shape == null || shape.hasEarlyHash()) {
            return false;
        }
        if (ClassOrigin.isJdk(shape.type)) {
            return isOfClasses(shape.type);
        }
        if (shape.holdsClasses == null) {
            shape.holdsClasses = holdsClasses(shape.type, NESTED_MAX);
        }
        return shape.holdsClasses;
    }

    /** Whether a class of the JDK's makes its codes from those of classes. */
    private static boolean isOfClasses(Class<?> type) {
        return Type.class.isAssignableFrom(type) || type == MethodType.class;
    }

    private static boolean holdsClasses(Class<?> type, int deep) {
        for (Class<?> c = type; c != null && !c.isArray() && !ClassOrigin.isJdk(c); c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                Class<?> of = field.getType().isArray() ? field.getType().getComponentType() : field.getType();
                boolean its = !Modifier.isStatic(field.getModifiers());
                // The code of a record is made from all of it; other classes often have more than they compare.
                boolean told = isOfClasses(of) || type.isRecord() && (of.isEnum() || of.isInterface() || of == Object.class);
                if (its && (told || deep > 0 && holdsClasses(of, deep - 1))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the hash code of an instance can be told before it has its contents. */
    final boolean hasEarlyHash() {
        if ((traits & EARLY_HASH) != 0) {
            return true;
        }
        if (hashIsIdentity == null) {
            hashIsIdentity = TrustedLookup.declarerOfHashCode(type) == Object.class;
        }
        return hashIsIdentity;
    }
}
