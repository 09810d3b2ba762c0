// Which fields of a class travel, as offsets grouped by kind, so that copying is a few plain loops.
// Owns the choice of fields (caches of the JDK and the runtime's own `$bh` stay); the values are FieldCopier's.
package dev.beehive.runtime.codec;

import static java.util.Map.entry;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Offsets of the fields from `type` up to, but without, `stop`. Order: superclasses first, then by name. */
final class FieldLayout {
    /** The synthetic field that tells a local object from a shared one or a shell; for statics it is `$bhs`. */
    static final String HANDLE = "$bh";

    /** Statements that are open; each side has a map of its own. */
    private static final String OPEN = "xref";

    /**
     * Fields of the JDK that only cache what can be computed again, or that belong to the collector; and of a session of
     * Hibernate's the connection that it has taken, and its statements: each side takes its own.
     */
    private static final Map<String, Set<String>> LEFT_OUT = Map.ofEntries(
        entry("java.math.BigDecimal", Set.of("stringCache", "precision")),
        entry("java.math.BigInteger", Set.of("bitCountPlusOne", "bitLengthPlusOne", "lowestSetBitPlusTwo",
            "firstNonzeroIntNumPlusTwo")),
        entry("java.util.AbstractMap", Set.of("keySet", "values")),
        entry("java.util.TreeMap", Set.of("entrySet", "navigableKeySet", "descendingMap")),
        entry("java.lang.Throwable", Set.of("backtrace")),
        entry("java.text.DigitList", Set.of("tempBuffer", "tempBuilder")),
        entry("java.io.File", Set.of("filePath")),
        entry("java.lang.ref.Reference", Set.of("referent", "queue", "next", "discovered")),
        entry("java.awt.Font", Set.of("font2DHandle", "pData", "flmref")),
        entry("java.awt.image.ColorModel", Set.of("pData")),
        entry("org.hibernate.resource.jdbc.internal.LogicalConnectionManagedImpl", Set.of("physicalConnection")),
        entry("org.hibernate.resource.jdbc.internal.ResourceRegistryStandardImpl", Set.of("lastQuery", OPEN)),
        entry("org.hibernate.engine.jdbc.internal.JdbcCoordinatorImpl", Set.of("lastQuery")));

    private final List<Field> fields;
    final Field[] referenceFields;
    final long[] references;
    final Class<?>[] referenceTypes;
    final long[] booleans;
    final long[] bytes;
    final long[] shorts;
    final long[] ints;
    final long[] longs;
    final long[] floats;
    final long[] doubles;
    final int fingerprint;
    /** The same fields as cells that may change. */
    final FieldCells cells;

    private FieldLayout(List<Field> fields, FieldCells cells) {
        this.fields = fields;
        this.cells = cells;
        referenceFields = fields.stream().filter(f -> !f.getType().isPrimitive()).toArray(Field[]::new);
        references = new long[referenceFields.length];
        referenceTypes = new Class<?>[referenceFields.length];
        for (int i = 0; i < references.length; i++) {
            references[i] = Memory.offsetOf(referenceFields[i]);
            referenceTypes[i] = referenceFields[i].getType();
        }
        booleans = offsets(fields, boolean.class, boolean.class);
        bytes = offsets(fields, byte.class, byte.class);
        shorts = offsets(fields, short.class, char.class);
        ints = offsets(fields, int.class, int.class);
        longs = offsets(fields, long.class, long.class);
        floats = offsets(fields, float.class, float.class);
        doubles = offsets(fields, double.class, double.class);
        fingerprint = fingerprintOf(fields);
    }

    static FieldLayout of(Class<?> type, Class<?> stop) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> c = type; c != null && c != stop; c = c.getSuperclass()) {
            fields.addAll(0, declaredBy(c, false));
        }
        return new FieldLayout(fields, FieldCells.ofInstance(type, fields));
    }

    /** The static fields that the class itself declares, final ones too: the worker does not run the initialiser. */
    static FieldLayout ofStatics(Class<?> type) {
        List<Field> fields = declaredBy(type, true);
        return new FieldLayout(fields, new FieldCells(fields));
    }

    /** Of a class with a field of which each side has its own from the beginning, the field; else null. */
    static Field ownMapOf(Class<?> type) {
        if (!LEFT_OUT.getOrDefault(type.getName(), Set.of()).contains(OPEN)) {
            return null;
        }
        try {
            return type.getDeclaredField(OPEN);
        } catch (NoSuchFieldException e) {
            return null;
        }
    }

    /** Whether no final field leads to one of these objects. */
    boolean finalsAvoid(Object object, Predicate<Object> some) {
        for (int i = 0; i < references.length; i++) {
            if (Modifier.isFinal(referenceFields[i].getModifiers())) {
                Object target = Memory.getReference(object, references[i]);
                if (target != null && some.test(target)) {
                    return false;
                }
            }
        }
        return true;
    }

    boolean isEmpty() {
        return fields.isEmpty();
    }

    Field anyField() {
        return fields.get(0);
    }

    private static List<Field> declaredBy(Class<?> c, boolean statics) {
        Set<String> leftOut = LEFT_OUT.getOrDefault(c.getName(), Set.of());
        List<Field> fields = new ArrayList<>();
        for (Field field : c.getDeclaredFields()) {
            boolean added = field.isSynthetic() && field.getName().equals("serialVersionUID");
            boolean skipped = added || Modifier.isStatic(field.getModifiers()) != statics
                || field.getName().startsWith(HANDLE) || leftOut.contains(field.getName());
            if (!skipped) {
                fields.add(field);
            }
        }
        fields.sort(Comparator.comparing(Field::getName));
        return fields;
    }

    static boolean leavesOut(Field field) {
        return LEFT_OUT.getOrDefault(field.getDeclaringClass().getName(), Set.of()).contains(field.getName());
    }

    /** Offset of the handle field, or -1 where no class of the hierarchy has one. */
    static long handleOffset(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            try {
                return Memory.offsetOf(c.getDeclaredField(HANDLE));
            } catch (NoSuchFieldException e) {
                continue;
            } catch (NoClassDefFoundError e) {
                // A field of a class that the application does without: instances are refused, the class has its name.
                return -1;
            }
        }
        return -1;
    }

    /** Number of fields that are no references. */
    int primitives() {
        return booleans.length + bytes.length + shorts.length + ints.length + longs.length + floats.length
            + doubles.length;
    }

    /** Bytes that the fields that are no references take at most. */
    int primitiveBytesMax() {
        return booleans.length + bytes.length + 2 * shorts.length + 4 * floats.length + 8 * doubles.length
            + MessageWriter.NUMBER_BYTES_MAX * (ints.length + longs.length);
    }

    private static long[] offsets(List<Field> fields, Class<?> one, Class<?> other) {
        return fields.stream().filter(f -> f.getType() == one || f.getType() == other)
            .mapToLong(Memory::offsetOf).toArray();
    }

    private static int fingerprintOf(List<Field> fields) {
        int print = 1;
        for (Field field : fields) {
            print = 31 * print + field.getName().hashCode();
            print = 31 * print + field.getType().getName().hashCode();
        }
        return print;
    }
}
