// The table of what is mapped by name, and the name of each.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Namings by class, the first that fits. */
final class Names {
    private static final int PARAMETERS_MAX = 255;

    private record Entry(Class<?> type, NamedShape.Naming naming) {
    }

    private static final List<Entry> TABLE = Stream.concat(ofJavaBase(),
        ColorSpaces.type().map(type -> new Entry(type, naming(ColorSpaces::write, ColorSpaces::read))).stream()).toList();

    private interface Writer {
        void write(Object object, Encoder to) throws OffloadRefused;
    }

    private interface Reader {
        Object read(Decoder from) throws MalformedMessage, ReflectiveOperationException;
    }

    private static final long WALKER_OPTIONS = JdkFields.offset(StackWalker.class, "options");
    private static final long WALKER_EXTENSION = JdkFields.offset(StackWalker.class, "extendedOption");
    private static final Set<String> UNPREDICTABLE = Set.of("NativePRNG", "NativePRNGBlocking", "NativePRNGNonBlocking",
        "DRBG", "Windows-PRNG");

    private Names() {
    }

    private static Stream<Entry> ofJavaBase() {
        return Stream.of(
            new Entry(Class.class, naming((o, to) -> to.writeClass((Class<?>) o), Decoder::readClass)),
            new Entry(Method.class, naming(Names::writeMethod, Names::readMethod)),
            new Entry(Constructor.class, naming(Names::writeConstructor, Names::readConstructor)),
            new Entry(Field.class, naming(Names::writeField, Names::readField)),
            new Entry(MethodHandle.class, naming(HandleNames::writeMethodHandle, HandleNames::readMethodHandle)),
            new Entry(MethodHandles.Lookup.class, naming(Lookups::write, Lookups::read)),
            new Entry(MethodType.class, naming(Names::writeMethodType, Names::readMethodType)),
            new Entry(VarHandle.class, naming(HandleNames::writeVarHandle, HandleNames::readVarHandle)),
            new Entry(AtomicIntegerFieldUpdater.class, naming(FieldUpdaters::write, FieldUpdaters::readOfInt)),
            new Entry(AtomicLongFieldUpdater.class, naming(FieldUpdaters::write, FieldUpdaters::readOfLong)),
            new Entry(AtomicReferenceFieldUpdater.class, naming(FieldUpdaters::write, FieldUpdaters::readOfReference)),
            new Entry(Thread.class, naming(Names::writeThread, from -> Thread.currentThread())),
            new Entry(StackWalker.class, naming(Names::writeWalker, Names::readWalker)),
            new Entry(SecureRandom.class, naming(Names::writeRandom, Names::readRandom)),
            new Entry(Locale.class, naming(Names::writeLocale, Names::readLocale)),
            new Entry(Charset.class, text(o -> ((Charset) o).name(), Charset::forName)),
            new Entry(ZoneId.class, text(o -> ((ZoneId) o).getId(), Names::zone)),
            new Entry(Currency.class, text(o -> ((Currency) o).getCurrencyCode(), Currency::getInstance)),
            new Entry(Path.class, naming(Names::writePath, from -> Path.of(from.reader().readName()))),
            new Entry(Pattern.class, naming(Names::writePattern, Names::readPattern)),
            new Entry(ClassLoader.class, naming((o, to) -> to.writeLoader((ClassLoader) o), Decoder::readLoader)),
            new Entry(Module.class, naming(Names::writeModule, Names::readModule)));
    }

    static Optional<Shape> shapeOf(Class<?> type) {
        if (Charset.class.isAssignableFrom(type) && !ClassOrigin.isJdk(type)) {
            return Optional.empty(); // one of the application's own, which may have any name
        }
        return TABLE.stream().filter(entry -> entry.type.isAssignableFrom(type)).findFirst()
            .map(entry -> new NamedShape(type, entry.type, entry.naming));
    }

    private static NamedShape.Naming naming(Writer writer, Reader reader) {
        return new NamedShape.Naming() {
            @Override
            public void write(Object object, Encoder to) throws OffloadRefused {
                writer.write(object, to);
            }

            @Override
            public Object resolve(Decoder from) throws MalformedMessage, ReflectiveOperationException {
                return reader.read(from);
            }
        };
    }

    private static NamedShape.Naming text(Function<Object, String> name, Function<String, Object> find) {
        return naming((o, to) -> to.writer().writeName(name.apply(o)), from -> find.apply(from.reader().readName()));
    }

    private static Object zone(String id) {
        // Offsets come from a cache that ZoneId.of does not always use.
        return id.equals("Z") || id.startsWith("+") || id.startsWith("-") ? ZoneOffset.of(id) : ZoneId.of(id);
    }

    static void writeMethod(Object object, Encoder to) throws OffloadRefused {
        writeExecutable((Method) object, to);
        to.writer().writeName(((Method) object).getName());
    }

    static Object readMethod(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        boolean open = from.reader().readByte() != 0;
        Class<?> holder = from.readClass();
        Class<?>[] parameters = readParameters(from);
        return opened(holder.getDeclaredMethod(from.reader().readName(), parameters), open);
    }

    static void writeConstructor(Object object, Encoder to) throws OffloadRefused {
        writeExecutable((Constructor<?>) object, to);
    }

    static Object readConstructor(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        boolean open = from.reader().readByte() != 0;
        Class<?> holder = from.readClass();
        return opened(holder.getDeclaredConstructor(readParameters(from)), open);
    }

    @SuppressWarnings("deprecation")
    private static void writeExecutable(Executable executable, Encoder to) throws OffloadRefused {
        to.writer().writeUnsigned(executable.isAccessible() ? 1 : 0);
        to.writeClass(executable.getDeclaringClass());
        writeParameters(executable.getParameterTypes(), to);
    }

    private static void writeParameters(Class<?>[] parameters, Encoder to) throws OffloadRefused {
        to.writer().writeUnsigned(parameters.length);
        for (Class<?> each : parameters) {
            to.writeClass(each);
        }
    }

    private static Class<?>[] readParameters(Decoder from) throws MalformedMessage {
        int count = from.reader().readCount(1);
        if (count > PARAMETERS_MAX) {
            throw new MalformedMessage(count + " parameters");
        }
        Class<?>[] parameters = new Class<?>[count];
        for (int i = 0; i < count; i++) {
            parameters[i] = from.readClass();
        }
        return parameters;
    }

    @SuppressWarnings("deprecation")
    static void writeField(Object object, Encoder to) throws OffloadRefused {
        Field field = (Field) object;
        to.writer().writeUnsigned(field.isAccessible() ? 1 : 0);
        to.writeClass(field.getDeclaringClass());
        to.writer().writeName(field.getName());
    }

    static Object readField(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        boolean open = from.reader().readByte() != 0;
        Class<?> holder = from.readClass();
        return opened(holder.getDeclaredField(from.reader().readName()), open);
    }

    private static Object opened(AccessibleObject member, boolean open) {
        if (open) {
            // Where the module is closed here, the use will say so with the same exception as anywhere.
            member.trySetAccessible();
        }
        return member;
    }

    private static void writeMethodType(Object object, Encoder to) throws OffloadRefused {
        MethodType type = (MethodType) object;
        to.writeClass(type.returnType());
        writeParameters(type.parameterArray(), to);
    }

    private static Object readMethodType(Decoder from) throws MalformedMessage {
        return MethodType.methodType(from.readClass(), readParameters(from));
    }

    private static void writeLocale(Object object, Encoder to) {
        Locale locale = (Locale) object;
        boolean tagged = Locale.forLanguageTag(locale.toLanguageTag()).equals(locale);
        List<String> parts = tagged ? List.of(locale.toLanguageTag())
            : List.of("", locale.getLanguage(), locale.getCountry(), locale.getVariant());
        parts.forEach(to.writer()::writeName);
    }

    @SuppressWarnings("deprecation")
    private static Object readLocale(Decoder from) throws MalformedMessage {
        MessageReader in = from.reader();
        String tag = in.readName();
        return tag.isEmpty() ? new Locale(in.readName(), in.readName(), in.readName()) : Locale.forLanguageTag(tag);
    }

    /** Of the file system that File uses too. */
    private static void writePath(Object object, Encoder to) throws OffloadRefused {
        if (((Path) object).getFileSystem() != FileSystems.getDefault()) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_HOST_RESOURCE, object.getClass().getName(), "");
        }
        to.writer().writeName(object.toString());
    }

    private static void writePattern(Object object, Encoder to) {
        to.writer().writeUnsigned(((Pattern) object).flags());
        to.writer().writeName(((Pattern) object).pattern());
    }

    private static Object readPattern(Decoder from) throws MalformedMessage {
        int flags = from.reader().readUnsigned();
        return Pattern.compile(from.reader().readName(), flags);
    }

    private static void writeModule(Object object, Encoder to) throws OffloadRefused {
        Module module = (Module) object;
        to.writer().writeName(module.isNamed() ? module.getName() : "");
        if (!module.isNamed()) {
            to.writeLoader(module.getClassLoader());
        }
    }

    private static Object readModule(Decoder from) throws MalformedMessage {
        String name = from.reader().readName();
        if (!name.isEmpty()) {
            return ModuleLayer.boot().findModule(name).orElse(null);
        }
        ClassLoader loader = from.readLoader();
        return loader == null ? null : loader.getUnnamedModule();
    }

    /** The worker's thread stands for the one that has called the root, and for no other. */
    private static void writeThread(Object object, Encoder to) throws OffloadRefused {
        if (to.isHome() || object != Thread.currentThread()) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_HOST_RESOURCE, object.getClass().getName(), "");
        }
    }

    private static void writeWalker(Object object, Encoder to) throws OffloadRefused {
        if (Memory.getReference(object, WALKER_EXTENSION) != null) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_NATIVE_STATE, StackWalker.class.getName(), "");
        }
        int options = 0;
        for (Object each : (Set<?>) Memory.getReference(object, WALKER_OPTIONS)) {
            options |= 1 << ((StackWalker.Option) each).ordinal();
        }
        to.writer().writeUnsigned(options);
    }

    private static Object readWalker(Decoder from) throws MalformedMessage {
        int options = from.reader().readUnsigned();
        return StackWalker.getInstance(Stream.of(StackWalker.Option.values())
            .filter(each -> (options >>> each.ordinal() & 1) != 0).collect(Collectors.toSet()));
    }

    /** Only of a generator of which nobody can foretell what comes next: any other one is as good. */
    private static void writeRandom(Object object, Encoder to) throws OffloadRefused {
        SecureRandom random = (SecureRandom) object;
        if (random.getClass() != SecureRandom.class || !UNPREDICTABLE.contains(random.getAlgorithm())) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_PINNED_FINAL, random.getClass().getName(), "");
        }
        to.writer().writeName(random.getAlgorithm());
        to.writer().writeName(random.getProvider().getName());
    }

    private static Object readRandom(Decoder from) throws MalformedMessage, ReflectiveOperationException {
        try {
            return SecureRandom.getInstance(from.reader().readName(), from.reader().readName());
        } catch (GeneralSecurityException e) {
            throw new MalformedMessage("a random number generator that is not here", e);
        }
    }
}
