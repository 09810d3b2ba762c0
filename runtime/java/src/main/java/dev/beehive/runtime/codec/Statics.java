// The static fields of one class as an object: it gets an id, its contents are sent at the first touch, and changes are
// found like those of any shared object. The worker asks for it with STATICS.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** One per class and JVM. */
public final class Statics {
    private static final ClassValue<Statics> OF = new ClassValue<>() {
        @Override
        protected Statics computeValue(Class<?> type) {
            return new Statics(type);
        }
    };

    private final Class<?> type;
    private final FieldLayout layout;
    private final FieldCopier copier;
    private final Object base;

    private Statics(Class<?> type) {
        this.type = type;
        layout = FieldLayout.ofStatics(type);
        copier = new FieldCopier(layout);
        base = layout.isEmpty() ? type : Memory.staticsOf(layout.anyField());
    }

    /** The statics of a class, which need not be initialised. */
    public static Statics of(Class<?> type) {
        return OF.get(type);
    }

    public Class<?> type() {
        return type;
    }

    FieldLayout layout() {
        return layout;
    }

    FieldCopier copier() {
        return copier;
    }

    /** What the offsets of the layout are relative to: HotSpot keeps static fields in the class object. */
    Object base() {
        return base;
    }
}
