// What cannot travel is refused with a stable code and the way to it.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.lang.ref.SoftReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class RefusalTest {
    static final class Holder {
        Object held;
    }

    /** What a worker has made itself; what home has can often be called there instead. */
    private static OffloadRefused refusalAtWorker(Object root) {
        return assertThrows(OffloadRefused.class, () -> Ends.encode(new Ends().worker, root));
    }

    private static OffloadRefused refusalOf(Object root) {
        return assertThrows(OffloadRefused.class, () -> Ends.encode(new Ends().server, root));
    }

    @Test
    void aLambdaIsRefusedWithItsPath() {
        int captured = hashCode();
        Supplier<Integer> lambda = () -> captured;
        Holder holder = new Holder();
        holder.held = new ArrayList<>(List.of("x", Map.of("key", new Object[] {lambda})));
        OffloadRefused refused = refusalAtWorker(holder);
        assertEquals(OffloadRefused.Code.OFFLOAD_HIDDEN_CLASS, refused.code());
        assertEquals(lambda.getClass().getName(), refused.className());
        assertEquals("root0(" + Holder.class.getName() + ").held[1].v0[0]", refused.path());
    }

    @Test
    void addressesOfMemoryAreRefused() {
        Object decoder = ImageIO.getImageReadersByFormatName("jpeg").next();
        assertEquals(OffloadRefused.Code.OFFLOAD_NATIVE_STATE, refusalOf(decoder).code());
        assertEquals(OffloadRefused.Code.OFFLOAD_NATIVE_STATE, refusalAtWorker(decoder).code());
    }

    @Test
    void whatIsSoftlyHeldAndCannotTravelIsGone() throws Exception {
        Object decoder = ImageIO.getImageReadersByFormatName("jpeg").next();
        assertNull(((SoftReference<?>) Ends.copy(new SoftReference<>(decoder))).get());
        assertEquals("text", ((SoftReference<?>) Ends.copy(new SoftReference<>("text"))).get());
    }

    @Test
    void resourcesOfTheHostAreRefused() throws Exception {
        Holder holder = new Holder();
        for (Object resource : List.of(Thread.currentThread(), Thread.currentThread().getThreadGroup())) {
            holder.held = resource;
            assertEquals(OffloadRefused.Code.OFFLOAD_HOST_RESOURCE, refusalOf(holder).code());
            assertTrue(refusalOf(holder).path().endsWith(".held"));
        }
        File file = File.createTempFile("beehive", ".txt");
        try (FileInputStream stream = new FileInputStream(file)) {
            assertEquals(OffloadRefused.Code.OFFLOAD_HOST_RESOURCE, refusalAtWorker(stream).code());
        } finally {
            file.delete();
        }
    }

    @Test
    void nativeStateIsRefused() {
        assertEquals(OffloadRefused.Code.OFFLOAD_NATIVE_STATE,
            refusalOf(java.nio.ByteBuffer.allocateDirect(8)).code());
        assertEquals(OffloadRefused.Code.OFFLOAD_NATIVE_STATE,
            refusalOf(new java.lang.invoke.ConstantCallSite(java.lang.invoke.MethodHandles.identity(int.class))).code());
    }

    @Test
    void classesOfOtherLoadersAreRefused() throws Exception {
        URL here = Holder.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader other = new URLClassLoader(new URL[] {here}, ClassLoader.getPlatformClassLoader())) {
            Class<?> twin = Class.forName(Holder.class.getName(), false, other);
            Object instance = dev.beehive.runtime.memory.Memory.allocate(twin);
            assertEquals(OffloadRefused.Code.OFFLOAD_LOADER, refusalOf(instance).code());
            assertEquals(OffloadRefused.Code.OFFLOAD_LOADER, refusalOf(other).code());
        }
    }

    @Test
    void aClosureOverTheLimitIsRefusedBeforeItIsBuilt() {
        Limits small = new Limits(10_000, 1 << 20, 100);
        Ends ends = new Ends(Closure.EVERYTHING, small);
        OffloadRefused refused = assertThrows(OffloadRefused.class,
            () -> Ends.encode(ends.server, new Object[] {new byte[9_000], new byte[1_000_000_000]}));
        assertEquals(OffloadRefused.Code.OFFLOAD_CLOSURE_TOO_LARGE, refused.code());
        assertTrue(ends.server.encoder().writer().buffer().length < 100_000);
    }

    @Test
    void aMapWhoseSizeDoesNotFitItsEntriesIsRefused() throws Exception {
        Map<String, String> map = new HashMap<>(Map.of("a", "b"));
        dev.beehive.runtime.memory.Memory.putInt(map, HashTable.SIZE, 2);
        assertEquals(OffloadRefused.Code.OFFLOAD_RACE, refusalOf(map).code());
    }
}
