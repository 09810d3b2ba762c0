// Chooses how the instances of a class travel. The choice is made once per class and kept as long as the class.
package dev.beehive.runtime.codec;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.WeakHashMap;

/** The rules, first match wins. */
final class Shapes {
    private static final ClassValue<Shape> CHOSEN = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return choose(type);
        }
    };

    private Shapes() {
    }

    static Shape of(Class<?> type) {
        return CHOSEN.get(type);
    }

    private static Shape choose(Class<?> type) {
        if (type == String.class) {
            return new StringShape();
        }
        if (type == Statics.class) {
            return new StaticsShape();
        }
        if (type.isArray()) {
            return type.getComponentType().isPrimitive() ? new PrimitiveArrayShape(type) : new ObjectArrayShape(type);
        }
        if (Enum.class.isAssignableFrom(type) && type != Enum.class) {
            return new EnumShape(type);
        }
        Optional<Shape> special = BoxShape.of(type).or(() -> NamedShape.of(type));
        try {
            return special.orElseGet(() -> chooseByContents(type));
        } catch (NoClassDefFoundError e) {
            return new RefusedShape(type, OffloadRefused.Code.OFFLOAD_CLASS_MISSING, false);
        }
    }

    private static Shape chooseByContents(Class<?> type) {
        Optional<OffloadRefused.Code> reason = Untransportable.reason(type);
        if (reason.isPresent()) {
            return new RefusedShape(type, reason.get(), Untransportable.mayBePinned(type));
        }
        if (HashMap.class.isAssignableFrom(type)) {
            return new HashMapShape(type);
        }
        if (type == IdentityHashMap.class) {
            return new IdentityHashMapShape();
        }
        if (type == WeakHashMap.class) {
            return new WeakHashMapShape();
        }
        if (ImmutableTableShape.isFor(type)) {
            return new ImmutableTableShape(type);
        }
        if (ArrayList.class.isAssignableFrom(type)) {
            return new ArrayListShape(type);
        }
        if (Throwable.class.isAssignableFrom(type)) {
            return new ThrowableShape(type);
        }
        if (Reference.class.isAssignableFrom(type)) {
            return new ReferenceShape(type);
        }
        return FontShape.isFor(type) ? new FontShape(type) : new FieldShape(type);
    }
}
