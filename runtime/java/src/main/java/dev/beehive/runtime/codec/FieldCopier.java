// The fields of one class: loops while the class is rare, generated code once it is hot.
// Generating costs about as much as copying a thousand objects by loops, so most classes never need it.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** Chooses the way; both write the same bytes. */
final class FieldCopier {
    /** Objects copied by loops before code is generated. */
    private static final int HOT = Integer.getInteger("dev.beehive.hotObjects", 2_000);

    private final FieldLayout layout;
    private FieldAccess access;
    private int untilHot;

    FieldCopier(FieldLayout layout) {
        this.layout = layout;
        access = new FieldLoops(layout);
        untilHot = AccessGenerator.isWorthwhile(layout) ? HOT : Integer.MAX_VALUE;
    }

    FieldLayout layout() {
        return layout;
    }

    void write(Object object, Encoder to) throws OffloadRefused {
        count();
        access.write(object, to);
    }

    void read(Object object, Decoder from) throws MalformedMessage {
        count();
        access.read(object, from);
    }

    /** Threads may lose each other's counts, or generate twice: neither matters. */
    private void count() {
        if (untilHot >= 0 && --untilHot < 0) {
            access = AccessGenerator.generate(layout);
        }
    }

    void visit(Object object, ReferenceVisitor visitor) {
        for (int i = 0; i < layout.references.length; i++) {
            Object target = Memory.getReference(object, layout.references[i]);
            if (target != null) {
                visitor.reference(target, layout.referenceFields[i].getName(), 0);
            }
        }
    }
}
