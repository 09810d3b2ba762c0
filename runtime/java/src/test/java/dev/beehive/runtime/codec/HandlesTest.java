// Handles of fields, elements and methods work on a worker as far as nobody else can see what they do.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandlesTest {
    static final class Cell {
        static int shared;
        volatile int count;
        volatile long size;
        volatile String name = "a";
        private int coins;
        final int kind = Integer.parseInt("3");
    }

    private static final class Refused extends Error {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private final Ends ends = new Ends();
    private final List<Object> looked = new ArrayList<>();
    private Cell known;

    /** A worker that knows one cell and makes another. */
    @BeforeEach
    void beAWorker() throws Exception {
        ends.worker.decoder().serveRewrittenClasses(new StubMaker() {
            @Override
            public Object make(Class<?> superclass, Class<?>[] interfaces) {
                throw new AssertionError();
            }

            @Override
            public void look(Object object) {
                looked.add(object);
            }

            @Override
            public boolean isShared(Object object) {
                return ends.worker.table().idOf(object) != ObjectTable.NONE;
            }

            @Override
            public Error refuse(String code, String text) {
                return new Refused(code + " " + text);
            }
        });
        known = ends.toWorker(new Cell());
    }

    private static void assertRefused(String code, org.junit.jupiter.api.function.Executable use) {
        assertTrue(assertThrows(Refused.class, use).getMessage().startsWith(code));
    }

    @Test
    void fieldsOfWhatNobodyElseKnows() throws Exception {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        VarHandle count = ends.toWorker(lookup.findVarHandle(Cell.class, "count", int.class));
        VarHandle name = ends.toWorker(lookup.findVarHandle(Cell.class, "name", String.class));
        Cell own = new Cell();
        assertTrue(count.compareAndSet(own, 0, 5));
        assertEquals("a", (String) name.getAndSet(own, "b"));
        assertEquals("5 b", own.count + " " + own.name);
        assertRefused("OFFLOAD_RAW_CAS", () -> count.compareAndSet(known, 0, 5));
        assertRefused("OFFLOAD_RAW_CAS", () -> name.setRelease(known, "b"));
        assertEquals("0 a", known.count + " " + known.name);
    }

    @Test
    void plainFieldsOfWhatHasBeenLookedAt() throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandle set = ends.toWorker(lookup.findSetter(Cell.class, "coins", int.class));
        MethodHandle get = ends.toWorker(lookup.unreflectGetter(Cell.class.getDeclaredField("coins")));
        set.invoke(known, 5);
        assertEquals(5, (int) get.invokeExact(known));
        assertEquals(List.of(known, known), looked);
        assertEquals(3, (int) ends.toWorker(lookup.findGetter(Cell.class, "kind", int.class)).invokeExact(known));
        MethodHandle count = ends.toWorker(lookup.findGetter(Cell.class, "count", int.class));
        assertRefused("OFFLOAD_NATIVE_STATE", () -> count.invoke(known));
        StubMaker worker = ends.worker.decoder().stubs();
        MethodHandle own = FieldHandles.looking(lookup.findGetter(Cell.class, "count", int.class), worker);
        assertEquals(0, (int) own.invokeExact(new Cell()));
        assertRefused("OFFLOAD_RAW_CAS", () -> own.invoke(known));
    }

    @Test
    void updaters() throws Exception {
        var count = ends.toWorker(AtomicIntegerFieldUpdater.newUpdater(Cell.class, "count"));
        var size = ends.toWorker(AtomicLongFieldUpdater.newUpdater(Cell.class, "size"));
        var name = ends.toWorker(AtomicReferenceFieldUpdater.newUpdater(Cell.class, String.class, "name"));
        Cell own = new Cell();
        assertEquals(1, count.incrementAndGet(own));
        assertEquals(0, size.getAndAdd(own, 7));
        assertTrue(name.compareAndSet(own, "a", "c"));
        assertEquals("1 7 c", own.count + " " + own.size + " " + own.name);
        assertRefused("OFFLOAD_RAW_CAS", () -> count.incrementAndGet(known));
        assertRefused("OFFLOAD_RAW_CAS", () -> size.get(known));
        assertRefused("OFFLOAD_RAW_CAS", () -> name.set(known, "c"));
    }

    @Test
    void elementsAndViews() throws Exception {
        VarHandle element = ends.toWorker(MethodHandles.arrayElementVarHandle(String[].class));
        String[] own = {"x", null};
        assertTrue(element.compareAndSet(own, 1, null, "y"));
        assertEquals("y", own[1]);
        String[] got = ends.toWorker(new String[1]);
        assertRefused("OFFLOAD_RAW_CAS", () -> element.setVolatile(got, 0, "z"));
        byte[] bytes = {0, 0, 1, 2};
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            VarHandle here = MethodHandles.byteArrayViewVarHandle(int[].class, order);
            assertEquals((int) here.get(bytes, 0), (int) ends.toWorker(here).get(bytes, 0));
        }
        VarHandle buffer = ends.toWorker(MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN));
        assertEquals(258, (short) buffer.get(java.nio.ByteBuffer.wrap(bytes), 2));
    }

    @Test
    void whatHasNoNameIsRefusedWhereItIsUsed() throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        VarHandle ofClass = ends.toWorker(lookup.findStaticVarHandle(Cell.class, "shared", int.class));
        assertEquals(int.class, ofClass.varType());
        assertRefused("OFFLOAD_NATIVE_STATE", () -> ofClass.getAndAdd(1));
        assertRefused("OFFLOAD_NATIVE_STATE", () -> ofClass.set(1));
        MethodType type = MethodType.methodType(String.class, String.class);
        MethodHandle concat = lookup.findVirtual(String.class, "concat", type);
        MethodHandle named = ends.toWorker(concat);
        assertEquals("ab", (String) named.invokeWithArguments("a", "b"));
        MethodHandle bound = ends.toWorker(concat.bindTo("a"));
        assertEquals(type, bound.type());
        assertRefused("OFFLOAD_NATIVE_STATE", () -> bound.invokeWithArguments("b"));
    }

    @Test
    void constructorsAndLookupsWorkOnBothSides() throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandle made = lookup.findConstructor(Cell.class, MethodType.methodType(void.class));
        assertEquals("a", ((Cell) ends.toWorker(made).invoke()).name);
        MethodType asObject = MethodType.methodType(Object.class);
        MethodHandle anonymous = new Ends().toServer(made.asType(asObject));
        assertEquals(asObject, anonymous.type());
        assertEquals(Cell.class, anonymous.invoke().getClass());
        MethodHandle text = lookup.findConstructor(String.class, MethodType.methodType(void.class, char[].class));
        assertEquals("ab", ends.toWorker(text).invoke(new char[] {'a', 'b'}));
        MethodHandles.Lookup there = ends.toWorker(lookup);
        assertEquals(lookup.lookupClass(), there.lookupClass());
        assertEquals(lookup.lookupModes(), there.lookupModes());
        assertEquals("a", ((Cell) there.findConstructor(Cell.class, MethodType.methodType(void.class)).invoke()).name);
        MethodHandles.Lookup open = new Ends().toServer(MethodHandles.publicLookup());
        assertThrows(IllegalAccessException.class, () -> open.findConstructor(Cell.class, MethodType.methodType(void.class)));
    }

    /** There it would fail in the hands of somebody who has nothing to do with a worker. */
    @Test
    void whatHasNoNameDoesNotComeHome() throws Exception {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandle bound = lookup.findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class)).bindTo("a");
        assertThrows(OffloadRefused.class, () -> new Ends().toServer(bound));
        VarHandle ofClass = lookup.findStaticVarHandle(Cell.class, "shared", int.class);
        assertThrows(OffloadRefused.class, () -> new Ends().toServer(ofClass));
        VarHandle count = new Ends().toServer(lookup.findVarHandle(Cell.class, "count", int.class));
        assertTrue(count.compareAndSet(known, 0, 5));
    }

    @Test
    void eachSideHasItsOwnOfThese() throws Exception {
        StackWalker walker = ends.toWorker(StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE));
        assertEquals(HandlesTest.class, walker.walk(frames -> frames.findFirst().orElseThrow()).getDeclaringClass());
        SecureRandom random = ends.toWorker(new SecureRandom());
        assertNotEquals(random.nextLong(), random.nextLong());
        SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
        assertThrows(OffloadRefused.class, () -> Ends.copy(seeded));
    }

    @Test
    void pathsAndBuffersOfCharacters() throws Exception {
        File file = new File("some", "file");
        Path path = file.toPath();
        assertEquals(path, Ends.copy(path));
        assertEquals(path, Ends.copy(file).toPath());
        assertEquals("ell", Ends.copy(CharBuffer.wrap("hello", 1, 4)).toString());
    }
}
