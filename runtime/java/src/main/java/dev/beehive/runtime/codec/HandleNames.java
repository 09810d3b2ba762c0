// How method and variable handles travel: as what they name, if they name a method, a field or a part of an array. A worker
// may use one on what it has made itself. On an object that home knows it would act unseen, and what cannot be made there
// at all has only its type: used, either ends the invocation. Home gets whole handles only.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** Writes and reads them; Names holds the table. */
final class HandleNames {
    /** Forms of handles. */
    private static final int TYPE_ONLY = 0;
    private static final int METHOD = 1;
    private static final int GETTER = 2;
    private static final int SETTER = 3;
    private static final int CONSTRUCTOR = 4;
    private static final int FIELD = 1;
    private static final int ELEMENT = 2;
    private static final int VIEW_OF_ARRAY = 3;
    private static final int VIEW_OF_BUFFER = 4;
    private static final int PARTS_MAX = 255;
    private static final String VIEWS = "java.lang.invoke.VarHandleByteArrayAs";
    private static final MethodType FILTERING = MethodType.methodType(VarHandle.class, VarHandle.class, int.class,
        MethodHandle[].class);
    private static final MethodHandle REFUSE = own("refuse", MethodType.methodType(Object.class, StubMaker.class,
        String.class, Object[].class));
    private HandleNames() {
    }

    private static MethodHandle own(String name, MethodType type) {
        try {
            return MethodHandles.lookup().findStatic(HandleNames.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What a handle does that cannot be here. */
    private static Object refuse(StubMaker worker, String what, Object[] arguments) {
        throw worker.refuse(OffloadRefused.Code.OFFLOAD_NATIVE_STATE.name(), "use of " + what);
    }

    /** Whole only of a method, a constructor or a plain field as it is: what has been bound, cast or put together has no name. */
    static void writeMethodHandle(Object object, Encoder to) throws OffloadRefused {
        MethodHandle handle = (MethodHandle) object;
        Method method = TrustedLookup.methodOf(handle);
        if (method != null) {
            to.writer().writeUnsigned(METHOD);
            Names.writeMethod(method, to);
            return;
        }
        MethodHandleInfo access = TrustedLookup.fieldOf(handle);
        if (access != null && isPlain(access)) {
            to.writer().writeUnsigned(access.getReferenceKind() == MethodHandleInfo.REF_putField ? SETTER : GETTER);
            Names.writeField(TrustedLookup.reflected(access), to);
            return;
        }
        Constructor<?> constructor = Lookups.constructorOf(handle);
        if (constructor != null) {
            to.writer().writeUnsigned(CONSTRUCTOR);
            Names.writeConstructor(constructor, to);
            to.writeClass(handle.type().returnType());
            return;
        }
        checkTypeIsEnough(handle, to);
        to.writer().writeUnsigned(TYPE_ONLY);
        to.writeClass(handle.type().returnType());
        writeClasses(handle.type().parameterList(), to);
        to.writer().writeUnsigned(handle.isVarargsCollector() ? 1 : 0);
    }

    /** Volatile fields are read and written at home, final ones by nobody. */
    private static boolean isPlain(MethodHandleInfo access) {
        int modifiers = access.getModifiers();
        boolean writes = access.getReferenceKind() == MethodHandleInfo.REF_putField;
        return !Modifier.isVolatile(modifiers) && !(writes && Modifier.isFinal(modifiers));
    }

    static Object readMethodHandle(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        int form = from.reader().readUnsigned();
        if (form == METHOD) {
            return TrustedLookup.virtual((Method) Names.readMethod(from));
        }
        if (form == GETTER || form == SETTER) {
            MethodHandle access = TrustedLookup.accessTo((Field) Names.readField(from), form == SETTER);
            return FieldHandles.looking(access, from.stubs());
        }
        if (form == CONSTRUCTOR) {
            MethodHandle made = Lookups.handleOf((Constructor<?>) Names.readConstructor(from));
            return made.asType(made.type().changeReturnType(from.readClass()));
        }
        MethodType type = MethodType.methodType(from.readClass(), readClasses(from));
        boolean varargs = from.reader().readUnsigned() != 0;
        return refusing(type, from).withVarargs(varargs);
    }

    /** A use at home has no invocation that it could end. */
    private static void checkTypeIsEnough(Object handle, Encoder to) throws OffloadRefused {
        if (!to.isHome()) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_NATIVE_STATE, handle.getClass().getName(), "");
        }
    }

    private static MethodHandle refusing(MethodType type, Decoder from) {
        return MethodHandles.insertArguments(REFUSE, 0, from.stubs(), "a method handle " + type)
            .asCollector(Object[].class, type.parameterCount()).asType(type);
    }

    private static void writeClasses(List<Class<?>> classes, Encoder to) throws OffloadRefused {
        to.writer().writeUnsigned(classes.size());
        for (Class<?> each : classes) {
            to.writeClass(each);
        }
    }

    private static List<Class<?>> readClasses(Decoder from) throws MalformedMessage {
        int count = from.reader().readCount(1);
        if (count > PARTS_MAX) {
            throw new MalformedMessage(count + " parameters");
        }
        Class<?>[] classes = new Class<?>[count];
        for (int i = 0; i < count; i++) {
            classes[i] = from.readClass();
        }
        return List.of(classes);
    }

    /** Of a static field only the type: the worker would have to look at its class first. */
    static void writeVarHandle(Object object, Encoder to) throws OffloadRefused {
        VarHandle handle = (VarHandle) object;
        List<Class<?>> coordinates = handle.coordinateTypes();
        int form = formOf(handle);
        if (form == TYPE_ONLY) {
            checkTypeIsEnough(handle, to);
        }
        to.writer().writeUnsigned(form);
        to.writeClass(handle.varType());
        writeClasses(coordinates, to);
        if (form == FIELD) {
            to.writer().writeName(nameOf(handle).orElseThrow());
        } else if (form == VIEW_OF_ARRAY || form == VIEW_OF_BUFFER) {
            to.writer().writeUnsigned(isBigEndian(handle) ? 1 : 0);
        }
    }

    private static int formOf(VarHandle handle) {
        String name = handle.getClass().getName();
        List<Class<?>> coordinates = handle.coordinateTypes();
        if (name.startsWith(VIEWS)) {
            return coordinates.get(0) == byte[].class ? VIEW_OF_ARRAY : VIEW_OF_BUFFER;
        }
        if (coordinates.size() == 2 && coordinates.get(0).isArray() && coordinates.get(1) == int.class
            && coordinates.get(0).getComponentType() == handle.varType() && name.endsWith("$Array")) {
            return ELEMENT;
        }
        return coordinates.size() == 1 && nameOf(handle).isPresent() ? FIELD : TYPE_ONLY;
    }

    private static Optional<String> nameOf(VarHandle handle) {
        try {
            return handle.describeConstable().map(VarHandle.VarHandleDesc::constantName);
        } catch (RuntimeException | LinkageError e) {
            // One that the JDK itself cannot name.
            return Optional.empty();
        }
    }

    private static boolean isBigEndian(VarHandle handle) {
        return JdkFields.isTrue(handle, "be");
    }

    static Object readVarHandle(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        int form = from.reader().readUnsigned();
        Class<?> type = from.readClass();
        List<Class<?>> coordinates = readClasses(from);
        return switch (form) {
            case FIELD -> FieldHandles.checked(TrustedLookup.in(coordinates.get(0)).findVarHandle(coordinates.get(0),
                from.reader().readName(), type), from.stubs());
            case ELEMENT -> FieldHandles.checked(MethodHandles.arrayElementVarHandle(coordinates.get(0)), from.stubs());
            case VIEW_OF_ARRAY -> MethodHandles.byteArrayViewVarHandle(type.arrayType(), order(from));
            case VIEW_OF_BUFFER -> MethodHandles.byteBufferViewVarHandle(type.arrayType(), order(from));
            default -> refusing(type, coordinates, from);
        };
    }

    private static ByteOrder order(Decoder from) throws MalformedMessage {
        return from.reader().readUnsigned() != 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** One of these types whose every use is refused. */
    private static VarHandle refusing(Class<?> type, List<Class<?>> coordinates, Decoder from)
            throws ReflectiveOperationException {
        // The filter is asked before this array is.
        VarHandle some = MethodHandles.arrayElementVarHandle(type.arrayType());
        MethodHandle index = refusing(MethodType.methodType(int.class, int.class), from);
        VarHandle refused = FieldHandles.adapted("filterCoordinates", FILTERING, some, 1, new MethodHandle[] {index});
        MethodType inserting = FILTERING.changeParameterType(2, Object[].class);
        VarHandle bare = FieldHandles.adapted("insertCoordinates", inserting, refused, 0, new Object[] {Array.newInstance(type, 1), 0});
        MethodType dropping = FILTERING.changeParameterType(2, Class[].class);
        return coordinates.isEmpty() ? bare
            : FieldHandles.adapted("dropCoordinates", dropping, bare, 0, coordinates.toArray(Class<?>[]::new));
    }
}
