// How field updaters travel: as the field they update. A worker's own update objects that nobody else sees, see HandleNames.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/** Writes and reads the three kinds; Names holds the table. */
@SuppressWarnings("unchecked")
final class FieldUpdaters {
    private FieldUpdaters() {
    }

    static void write(Object updater, Encoder to) throws OffloadRefused {
        Field field = fieldOf(updater);
        if (field == null) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_RAW_CAS, updater.getClass().getName(), "");
        }
        to.writeClass(field.getDeclaringClass());
        to.writer().writeName(field.getName());
    }

    /** Null for an updater of the application's own making. */
    private static Field fieldOf(Object updater) {
        Class<?> type = updater.getClass();
        if (!ClassOrigin.isJdk(type) || !JdkFields.has(type, "tclass")) {
            return null;
        }
        Class<?> holder = (Class<?>) Memory.getReference(updater, JdkFields.offset(type, "tclass"));
        long offset = Memory.getLong(updater, JdkFields.offset(type, "offset"));
        for (Field each : holder.getDeclaredFields()) {
            if (!Modifier.isStatic(each.getModifiers()) && Memory.offsetOf(each) == offset) {
                return each;
            }
        }
        return null;
    }

    static Object readOfInt(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        Class<?> holder = from.readClass();
        return new OfInt(from.stubs(), (AtomicIntegerFieldUpdater<Object>) make(AtomicIntegerFieldUpdater.class,
            "AtomicIntegerFieldUpdaterImpl", holder, from.reader().readName()));
    }

    static Object readOfLong(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        Class<?> holder = from.readClass();
        return new OfLong(from.stubs(), (AtomicLongFieldUpdater<Object>) make(AtomicLongFieldUpdater.class,
            "CASUpdater", holder, from.reader().readName()));
    }

    static Object readOfReference(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        Class<?> holder = from.readClass();
        String name = from.reader().readName();
        Class<?> type = holder.getDeclaredField(name).getType();
        Class<?> maker = JdkFields.nested(AtomicReferenceFieldUpdater.class, "AtomicReferenceFieldUpdaterImpl");
        MethodType with = MethodType.methodType(void.class, Class.class, Class.class, String.class, Class.class);
        Object made = called(TrustedLookup.in(maker).findConstructor(maker, with), holder, type, name, holder);
        return new OfReference(from.stubs(), (AtomicReferenceFieldUpdater<Object, Object>) made);
    }

    private static Object make(Class<?> kind, String nested, Class<?> holder, String name)
            throws ReflectiveOperationException {
        Class<?> maker = JdkFields.nested(kind, nested);
        MethodType with = MethodType.methodType(void.class, Class.class, String.class, Class.class);
        return called(TrustedLookup.in(maker).findConstructor(maker, with), holder, name, holder);
    }

    private static Object called(MethodHandle constructor, Object... arguments) throws ReflectiveOperationException {
        try {
            return constructor.invokeWithArguments(arguments);
        } catch (ReflectiveOperationException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class OfInt extends AtomicIntegerFieldUpdater<Object> {
        private final StubMaker worker;
        private final AtomicIntegerFieldUpdater<Object> updater;

        OfInt(StubMaker worker, AtomicIntegerFieldUpdater<Object> updater) {
            this.worker = worker;
            this.updater = updater;
        }

        @Override
        public boolean compareAndSet(Object target, int expected, int value) {
            return updater.compareAndSet(FieldHandles.unshared(worker, target), expected, value);
        }

        @Override
        public boolean weakCompareAndSet(Object target, int expected, int value) {
            return updater.weakCompareAndSet(FieldHandles.unshared(worker, target), expected, value);
        }

        @Override
        public void set(Object target, int value) {
            updater.set(FieldHandles.unshared(worker, target), value);
        }

        @Override
        public void lazySet(Object target, int value) {
            updater.lazySet(FieldHandles.unshared(worker, target), value);
        }

        @Override
        public int get(Object target) {
            return updater.get(FieldHandles.unshared(worker, target));
        }
    }

    private static final class OfLong extends AtomicLongFieldUpdater<Object> {
        private final StubMaker worker;
        private final AtomicLongFieldUpdater<Object> updater;

        OfLong(StubMaker worker, AtomicLongFieldUpdater<Object> updater) {
            this.worker = worker;
            this.updater = updater;
        }

        @Override
        public boolean compareAndSet(Object target, long expected, long value) {
            return updater.compareAndSet(FieldHandles.unshared(worker, target), expected, value);
        }

        @Override
        public boolean weakCompareAndSet(Object target, long expected, long value) {
            return updater.weakCompareAndSet(FieldHandles.unshared(worker, target), expected, value);
        }

        @Override
        public void set(Object target, long value) {
            updater.set(FieldHandles.unshared(worker, target), value);
        }

        @Override
        public void lazySet(Object target, long value) {
            updater.lazySet(FieldHandles.unshared(worker, target), value);
        }

        @Override
        public long get(Object target) {
            return updater.get(FieldHandles.unshared(worker, target));
        }
    }

    private static final class OfReference extends AtomicReferenceFieldUpdater<Object, Object> {
        private final StubMaker worker;
        private final AtomicReferenceFieldUpdater<Object, Object> updater;

        OfReference(StubMaker worker, AtomicReferenceFieldUpdater<Object, Object> updater) {
            this.worker = worker;
            this.updater = updater;
        }

        @Override
        public boolean compareAndSet(Object target, Object expected, Object value) {
            return updater.compareAndSet(FieldHandles.unshared(worker, target), expected, value);
        }

        @Override
        public boolean weakCompareAndSet(Object target, Object expected, Object value) {
            return updater.weakCompareAndSet(FieldHandles.unshared(worker, target), expected, value);
        }

        @Override
        public void set(Object target, Object value) {
            updater.set(FieldHandles.unshared(worker, target), value);
        }

        @Override
        public void lazySet(Object target, Object value) {
            updater.lazySet(FieldHandles.unshared(worker, target), value);
        }

        @Override
        public Object get(Object target) {
            return updater.get(FieldHandles.unshared(worker, target));
        }
    }
}
