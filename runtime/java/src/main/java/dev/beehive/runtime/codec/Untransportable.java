// The table of classes whose instances are meaningless or dangerous in another JVM.
// What has an equal on the worker, or a stand-in that calls home, is decided before this table is asked.
package dev.beehive.runtime.codec;

import static dev.beehive.runtime.codec.OffloadRefused.Code.OFFLOAD_HIDDEN_CLASS;
import static dev.beehive.runtime.codec.OffloadRefused.Code.OFFLOAD_HOST_RESOURCE;
import static dev.beehive.runtime.codec.OffloadRefused.Code.OFFLOAD_NATIVE_STATE;
import static dev.beehive.runtime.codec.OffloadRefused.Code.OFFLOAD_STALE_STUB;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.lang.ref.PhantomReference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.Buffer;
import java.nio.channels.Channel;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import java.util.zip.ZipFile;

/** Reasons by class. */
final class Untransportable {
    private static final List<Class<?>> OF_THIS_HOST = List.of(
        Thread.class, ThreadGroup.class, Process.class, ProcessHandle.class, FileDescriptor.class,
        FileInputStream.class, FileOutputStream.class, RandomAccessFile.class, Socket.class, ServerSocket.class,
        DatagramSocket.class, Channel.class, Selector.class, ZipFile.class, java.util.Timer.class, Executor.class);
    private static final List<Class<?>> NATIVE = List.of(
        Buffer.class, Inflater.class, Deflater.class, java.lang.ref.Cleaner.class, Runtime.class, ModuleLayer.class);
    private static final List<String> MANAGEMENT = List.of("sun.management.", "com.sun.management.internal.");
    /** Buffers over an array: their address is an offset in it, the same in every JVM of one kind. */
    private static final List<String> HEAP_BUFFERS = List.of("java.nio.Heap", "java.nio.StringCharBuffer",
        "java.nio.ByteBufferAs");
    /** Packages of the JDK whose objects hold addresses or tables of this JVM. */
    private static final List<String> NATIVE_PACKAGES = List.of(
        "java.lang.invoke.", "java.lang.foreign.", "java.lang.module.", "jdk.internal.misc.", "jdk.internal.ref.",
        "jdk.internal.foreign.", "jdk.internal.vm.", "jdk.internal.loader.", "jdk.internal.access.",
        "jdk.internal.reflect.", "sun.misc.", "sun.nio.ch.", "sun.nio.fs.", "sun.font.", "sun.java2d.");
    /** Which are data all the same. */
    private static final Set<String> VALUES = Set.of("sun.font.AttributeValues", "sun.font.EAttribute",
        "sun.java2d.StateTrackableDelegate");
    /** Names of numbers that are addresses of memory outside the heap: dereferenced elsewhere they end the JVM. */
    private static final Pattern ADDRESS = Pattern.compile(
        "p[A-Z]\\w*|\\w*([pP]tr|[pP]ointer|[hH]andle|[aA]ddress)|peer|addr|nativ\\w*");

    private Untransportable() {
    }

    static Optional<OffloadRefused.Code> reason(Class<?> type) {
        if (PinnedStub.class.isAssignableFrom(type)) {
            return Optional.of(OFFLOAD_STALE_STUB);
        }
        if (type.isHidden()) {
            return Lambdas.recipeOf(type) == null ? Optional.of(OFFLOAD_HIDDEN_CLASS) : Optional.empty();
        }
        boolean manages = ClassOrigin.isJdk(type) && MANAGEMENT.stream().anyMatch(type.getName()::startsWith);
        if (manages || OF_THIS_HOST.stream().anyMatch(each -> each.isAssignableFrom(type))) {
            return Optional.of(OFFLOAD_HOST_RESOURCE);
        }
        // The JDK's own free memory; an application's tell it what nobody uses any more, as weak ones do.
        boolean frees = ClassOrigin.isJdk(type) && PhantomReference.class.isAssignableFrom(type);
        boolean listed = frees || NATIVE.stream().anyMatch(each -> each.isAssignableFrom(type));
        boolean isData = HEAP_BUFFERS.stream().anyMatch(type.getName()::startsWith);
        boolean isNative = listed && !isData || isInNativePackage(type);
        boolean noInstances = type.isPrimitive() || type.isInterface();
        return isNative || noInstances ? Optional.of(OFFLOAD_NATIVE_STATE) : Optional.empty();
    }

    private static boolean isInNativePackage(Class<?> type) {
        boolean listed = ClassOrigin.isJdk(type) && NATIVE_PACKAGES.stream().anyMatch(type.getName()::startsWith);
        return listed && !VALUES.contains(type.getName()) || holdsAddress(type);
    }

    /** Whether a class of the JDK, or the JDK's part of a class, keeps an address that is not known to be left out. */
    private static boolean holdsAddress(Class<?> type) {
        for (Class<?> c = type; c != null && !Buffer.class.isAssignableFrom(c); c = c.getSuperclass()) {
            if (ClassOrigin.isJdk(c) && Stream.of(c.getDeclaredFields()).anyMatch(Untransportable::isAddress)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAddress(Field field) {
        return field.getType() == long.class && !Modifier.isStatic(field.getModifiers())
            && ADDRESS.matcher(field.getName()).matches() && !FieldLayout.leavesOut(field);
    }

    /** Whether calls on an instance at home are as good as the instance: not for method handles and their like. */
    static boolean mayBePinned(Class<?> type) {
        return !isInNativePackage(type) && !PinnedStub.class.isAssignableFrom(type);
    }
}
