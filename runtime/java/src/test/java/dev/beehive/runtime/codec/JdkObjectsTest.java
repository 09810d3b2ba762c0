// Objects of the JDK work on the other side as they did at home, also those the JDK recognises by identity.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Font;
import java.awt.font.TextAttribute;
import java.awt.image.BufferedImage;
import java.lang.invoke.MethodType;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.SimpleDateFormat;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjuster;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JdkObjectsTest {
    @Test
    void fontsAndImagesAreData() throws Exception {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(1, 1, 0x7F10_2030);
        image.getColorModel().hashCode();
        BufferedImage copy = Ends.copy(image);
        assertEquals(0x7F10_2030, copy.getRGB(1, 1));
        assertEquals(image.getColorModel(), copy.getColorModel());
        Font font = new Font("Serif", Font.ITALIC, 14).deriveFont(Map.of(TextAttribute.UNDERLINE, 0));
        assertEquals(font, Ends.copy(font));
        assertEquals(font.getAttributes(), Ends.copy(font).getAttributes());
    }

    @Test
    void buffersOverAnArrayShareIt() throws Exception {
        byte[] bytes = {1, 2, 3, 4, 5};
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, 4).slice().order(ByteOrder.LITTLE_ENDIAN);
        Object[] got = Ends.copy(new Object[] {bytes, buffer, buffer.asReadOnlyBuffer()});
        ((byte[]) got[0])[1] = 9;
        assertEquals(0x0504_0309, ((ByteBuffer) got[1]).getInt(0));
        assertEquals(9, ((ByteBuffer) got[2]).get(0));
        assertTrue(((ByteBuffer) got[2]).isReadOnly());
    }

    @Test
    void formatsTravelThatHaveBeenUsed() throws Exception {
        SimpleDateFormat date = new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT);
        DecimalFormat number = new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.ROOT));
        Object[] got = new Object[2];
        for (int i = 0; i < 2; i++) {
            // Parsing leaves a buffer behind.
            assertEquals(1234.5, number.parse("1,234.50").doubleValue());
            assertEquals("2024-02-29", date.format(date.parse("2024-02-29")));
            got = Ends.copy(new Object[] {date, number});
            date = (SimpleDateFormat) got[0];
            number = (DecimalFormat) got[1];
        }
        assertEquals("7.00", number.format(7));
    }

    @Test
    void valuesAreEqual() throws Exception {
        List<Object> values = List.of(new BigDecimal("1234567890123456789.5"), BigDecimal.TEN, BigInteger.TWO.pow(200),
            LocalDate.of(2024, 2, 29), Duration.ofNanos(5), ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneId.of("UTC")),
            UUID.randomUUID(), Optional.of("x"), Optional.empty(), Map.of("a", 1, "b", 2, "c", 3), Set.of(1, 2, 3),
            List.of(), Set.of(), Map.of(), List.of(1), new ArrayDeque<>(List.of(1, 2)).toString(),
            new LinkedList<>(List.of(1, 2)), new TreeMap<>(Map.of("x", 1, "y", 2)), EnumSet.of(TimeUnit.DAYS),
            new EnumMap<>(Map.of(TimeUnit.HOURS, 1)), Collections.unmodifiableList(new ArrayList<>(List.of("q"))));
        assertEquals(values, Ends.copy(values));
    }

    @Test
    void namedObjectsAreTheOnesOfThisSide() throws Exception {
        Method method = String.class.getMethod("indexOf", String.class, int.class);
        Object[] sent = {String.class, int[].class, void.class, Locale.GERMANY, StandardCharsets.UTF_8, TimeUnit.DAYS,
            ZoneOffset.UTC, ClassLoader.getSystemClassLoader(), String.class.getModule()};
        Object[] got = Ends.copy(sent);
        for (int i = 0; i < sent.length; i++) {
            assertSame(sent[i], got[i]);
        }
        assertEquals(method, Ends.copy(method));
        assertEquals(new Locale.Builder().setLanguage("zh").setScript("Hant").build(),
            Ends.copy(Locale.forLanguageTag("zh-Hant")));
        Pattern pattern = Ends.copy(Pattern.compile("A+b", Pattern.CASE_INSENSITIVE));
        assertTrue(pattern.matcher("aaB").matches());
    }

    @Test
    void constantsOfTheJdkStayConstants() throws Exception {
        Set<String> set = Ends.copy(new HashSet<>(Set.of("a", "b")));
        assertTrue(set.remove("a"));
        assertFalse(set.remove("a"));
        assertTrue(set.add("a"));
        assertSame(Collections.emptyList(), Ends.copy(Collections.emptyList()));
        assertSame(List.of(), Ends.copy(List.of()));
        assertEquals(List.of(1).hashCode(), Ends.copy(List.of(1)).hashCode());
        assertEquals(1, Ends.copy(List.of(1)).size());
    }

    @Test
    void lambdasThatTheJdkMakesWorkAsTheyDidThere() throws Exception {
        Function<Object, Object> itself = Function.identity();
        assertEquals("x", Ends.copy(itself).apply("x"));
        assertEquals("x", Ends.copy(itself.andThen(itself).compose(itself)).apply("x"));
        Predicate<Object> other = Predicate.isEqual("x").negate();
        assertFalse(Ends.copy(other).test("x"));
        assertTrue(Ends.copy(other.and(Predicate.isEqual("y"))).test("y"));
        assertFalse(Ends.copy(other.or(Predicate.isEqual("y"))).test("x"));
        BinaryOperator<String> larger = BinaryOperator.maxBy(Comparator.naturalOrder());
        assertEquals("b", Ends.copy(larger).apply("a", "b"));
        Function<String, String> key = UnaryOperator.identity();
        Comparator<String> order = Comparator.comparing(key);
        assertTrue(Ends.copy(order.thenComparing(order)).compare("a", "b") < 0);
        assertTrue(Ends.copy(Comparator.comparing(key, Comparator.reverseOrder())).compare("a", "b") > 0);
    }

    @Test
    void lambdasOfOtherClassesOfTheJdkDoToo() throws Exception {
        Comparator<Map.Entry<String, Integer>> byValue = Map.Entry.<String, Integer>comparingByValue().reversed();
        assertTrue(Ends.copy(byValue).compare(Map.entry("a", 2), Map.entry("b", 1)) < 0);
        TemporalAdjuster firstMonday = TemporalAdjusters.firstInMonth(DayOfWeek.MONDAY);
        assertEquals(LocalDate.of(2026, 11, 2), LocalDate.of(2026, 11, 28).with(Ends.copy(firstMonday)));
        TemporalAdjuster lastDay = TemporalAdjusters.lastDayOfMonth();
        assertEquals(LocalDate.of(2026, 11, 30), LocalDate.of(2026, 11, 28).with(Ends.copy(lastDay)));
        Collector<String, ?, Map<Integer, Long>> counted =
            Collectors.groupingBy(new LengthOf(), Collectors.counting());
        assertEquals(Map.of(1, 2L, 2, 1L), Stream.of("a", "b", "cc").collect(Ends.copy(counted)));
        assertEquals("<a, b>", Stream.of("a", "b").collect(Ends.copy(Collectors.joining(", ", "<", ">"))));
        assertEquals(6, Stream.of(1, 2, 3).collect(Ends.copy(Collectors.summingInt(new Plain()))));
        assertEquals("^a", Stream.of("^a", "b").filter(Ends.copy(Pattern.compile("\\^.").asPredicate())).findAny()
            .orElse(null));
    }

    @Test
    void streamsThatNobodyHasBegunTravelWithTheirSteps() throws Exception {
        Stream<String> lazy = List.of("b", "a", "c").stream().filter(Predicate.isEqual("b").negate());
        assertEquals(List.of("a", "c"), Ends.copy(lazy.sorted()).toList());
        Spliterator<Integer> begun =
            Stream.concat(Stream.of(1, 2), Stream.of(3).map(Function.<Integer>identity())).spliterator();
        begun.tryAdvance(new Ignored());
        List<Object> rest = new ArrayList<>();
        Ends.copy(begun).forEachRemaining(rest::add);
        assertEquals(List.of(2, 3), rest);
        assertEquals(10, Ends.copy(IntStream.rangeClosed(1, 4).boxed()).mapToInt(new Plain()).sum());
        Iterator<Integer> steps = Stream.iterate(1, new Doubled()).limit(4).iterator();
        steps.next();
        assertEquals(2, Ends.copy(steps).next());
    }

    record LengthOf() implements Function<String, Integer> {
        @Override
        public Integer apply(String text) {
            return text.length();
        }
    }

    record Plain() implements ToIntFunction<Integer> {
        @Override
        public int applyAsInt(Integer number) {
            return number;
        }
    }

    record Doubled() implements UnaryOperator<Integer> {
        @Override
        public Integer apply(Integer number) {
            return number * 2;
        }
    }

    record Ignored() implements Consumer<Object> {
        @Override
        public void accept(Object value) {
            // Only a step of the iteration is wanted.
        }
    }

    @Test
    void mapsKeyedByIdentityFindTheirKeys() throws Exception {
        Object key = new Object();
        Map<Object, Object> map = new HashMap<>(Map.of(key, "v", Thread.State.NEW, "enum", String.class, "class"));
        Object[] got = Ends.copy(new Object[] {key, map});
        Map<?, ?> copied = (Map<?, ?>) got[1];
        assertEquals("v", copied.get(got[0]));
        assertEquals("enum", copied.get(Thread.State.NEW));
        assertEquals("class", copied.get(String.class));
        IdentityHashMap<Object, String> identity = new IdentityHashMap<>();
        String text = new String("k");
        identity.put(text, "found");
        Object[] both = Ends.copy(new Object[] {text, identity});
        assertEquals("found", ((Map<?, ?>) both[1]).get(both[0]));
        assertNull(((Map<?, ?>) both[1]).get("k"));
    }

    @Test
    void mapsKeepOrderAndKeepWorking() throws Exception {
        Map<Object, Integer> map = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            map.put(i % 3 == 0 ? List.of(i) : "key" + i, i);
        }
        map.put(null, -1);
        Map<Object, Integer> got = Ends.copy(map);
        assertEquals(new ArrayList<>(map.entrySet()), new ArrayList<>(got.entrySet()));
        for (Map.Entry<Object, Integer> entry : map.entrySet()) {
            assertEquals(entry.getValue(), got.get(entry.getKey()));
        }
        got.put("more", 1);
        got.remove(null);
        assertEquals(1001, got.size());
        LinkedHashMap<Integer, Integer> recent = new LinkedHashMap<>(8, 0.5f, true);
        for (int i = 0; i < 20; i++) {
            recent.put(i, i);
        }
        recent.get(3);
        LinkedHashMap<Integer, Integer> there = Ends.copy(recent);
        there.get(5);
        recent.get(5);
        assertEquals(new ArrayList<>(recent.keySet()), new ArrayList<>(there.keySet()));
        there.keySet().iterator().next();
        there.remove(19);
        assertFalse(there.containsValue(19));
    }

    /** The other JVM has another code for each of these. */
    private record Kind(Class<?> type) {
        private static int salt;

        @Override
        public int hashCode() {
            return type.hashCode() * 31 + salt;
        }
    }

    @Test
    void immutableTablesOfKeysMadeOfClassesAreLaidOutByTheReader() throws Exception {
        Kind.salt = 0;
        List<Kind> kinds = Stream.of(String.class, int.class, List.class, Kind.class, Map.class).map(Kind::new).toList();
        Object[] sent = {Map.of(kinds.get(0), 0, kinds.get(1), 1, kinds.get(2), 2, kinds.get(3), 3, kinds.get(4), 4),
            Set.of(kinds.get(0), kinds.get(1), TimeUnit.DAYS, "other")};
        Ends ends = new Ends();
        byte[] bytes = Ends.encode(ends.server, sent);
        Kind.salt = 12_345;
        Object[] got = (Object[]) Ends.decode(ends.worker, bytes);
        ends.worker.decoder().placeKeys();
        for (int i = 0; i < kinds.size(); i++) {
            assertEquals(i, ((Map<?, ?>) got[0]).get(kinds.get(i)));
        }
        assertTrue(((Set<?>) got[1]).containsAll(List.of(kinds.get(0), kinds.get(1), TimeUnit.DAYS, "other")));
        assertFalse(((Set<?>) got[1]).contains(kinds.get(2)));
    }

    /** As JDBI has it. */
    private static final class Signed {
        private final MethodType type;

        private Signed(Class<?> returned) {
            type = MethodType.methodType(returned);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Signed signed && signed.type.equals(type);
        }

        @Override
        public int hashCode() {
            return type.hashCode() + Kind.salt;
        }
    }

    private record Mood(TimeUnit unit, String text) {
        @Override
        public int hashCode() {
            return text.hashCode() + Kind.salt;
        }
    }

    @Test
    void keysMadeOfTypesOfMethodsOrOfConstantsAreAskedByTheReader() throws Exception {
        Object[] keys = {new Signed(List.class), new Mood(TimeUnit.DAYS, "a")};
        Map<Object, Object> sent = new HashMap<>();
        List.of(keys).forEach(key -> sent.put(key, "found"));
        Kind.salt = 0;
        Ends ends = new Ends();
        byte[] bytes = Ends.encode(ends.server, sent);
        Kind.salt = 54_321;
        Map<?, ?> got = (Map<?, ?>) Ends.decode(ends.worker, bytes);
        ends.worker.decoder().placeKeys();
        for (Object key : keys) {
            assertEquals("found", got.get(key), key.toString());
        }
    }

    /** Many keys in one bucket: the map at home is a tree there. */
    private record Clash(int n) implements Comparable<Clash> {
        @Override
        public int hashCode() {
            return 1;
        }

        @Override
        public int compareTo(Clash other) {
            return Integer.compare(n, other.n);
        }
    }

    @Test
    void aTreeBucketTravels() throws Exception {
        Map<Clash, Integer> map = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            map.put(new Clash(i), i);
        }
        Map<Clash, Integer> got = Ends.copy(map);
        for (int i = 0; i < 120; i++) {
            assertEquals(map.get(new Clash(i)), got.get(new Clash(i)));
        }
        for (int i = 100; i < 120; i++) {
            got.put(new Clash(i), i);
        }
        assertEquals(120, got.size());
        assertEquals(110, got.get(new Clash(110)));
    }

    private static final class Tagged extends LinkedHashMap<String, String> {
        private static final long serialVersionUID = 1L;
        private String tag = "t";
    }

    /** No provider knows it. */
    private static final class Unknown extends Charset {
        private final int version;

        private Unknown(int version) {
            super("x-nobody", new String[] {"x-alias"});
            this.version = version;
        }

        @Override
        public boolean contains(Charset other) {
            return other.equals(this);
        }

        @Override
        public CharsetDecoder newDecoder() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CharsetEncoder newEncoder() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void charsetsOfTheApplicationsOwnTravelLikeAnyObject() throws Exception {
        Unknown charset = Ends.copy(new Unknown(7));
        assertEquals(7, charset.version);
        assertEquals("x-nobody", charset.name());
        assertEquals(Set.of("x-alias"), charset.aliases());
    }

    @Test
    void subclassesKeepTheirFields() throws Exception {
        Tagged sent = new Tagged();
        sent.put("a", "b");
        sent.tag = "changed";
        Tagged got = Ends.copy(sent);
        assertEquals("changed", got.tag);
        assertEquals(sent, got);
    }

    @Test
    void anIteratorTravelsWithItsList() throws Exception {
        List<Integer> list = new ArrayList<>(List.of(1, 2, 3));
        Iterator<Integer> iterator = list.iterator();
        iterator.next();
        Object[] got = Ends.copy(new Object[] {list, iterator});
        @SuppressWarnings("unchecked")
        List<Integer> there = (List<Integer>) got[0];
        Iterator<?> its = (Iterator<?>) got[1];
        assertEquals(2, its.next());
        its.remove();
        assertEquals(List.of(1, 3), there);
        there.add(4);
        assertThrows(ConcurrentModificationException.class, its::next);
    }

    @Test
    void exceptionsCarryTheirStackTrace() throws Exception {
        Exception sent = new IllegalStateException("bad", new RuntimeException("cause"));
        sent.addSuppressed(new RuntimeException("also"));
        Exception got = Ends.copy(sent);
        assertEquals("bad", got.getMessage());
        assertEquals("cause", got.getCause().getMessage());
        assertEquals(List.of(sent.getStackTrace()), List.of(got.getStackTrace()));
        assertEquals("also", got.getSuppressed()[0].getMessage());
        Exception plain = Ends.copy(new Exception("no cause"));
        assertNull(plain.getCause());
        plain.addSuppressed(new RuntimeException());
        assertEquals(1, plain.getSuppressed().length);
        assertThrows(IllegalArgumentException.class, () -> plain.addSuppressed(plain));
    }

    @Test
    void weakReferencesHoldTheCopy() throws Exception {
        Object target = new Object();
        Object[] got = Ends.copy(new Object[] {target, new WeakReference<>(target), new WeakReference<>(null)});
        assertSame(got[0], ((WeakReference<?>) got[1]).get());
        assertNull(((WeakReference<?>) got[2]).get());
        System.gc();
        assertFalse(((WeakReference<?>) got[1]).enqueue());
    }

    /** A handler with a name, as frameworks use. */
    static final class Handler implements InvocationHandler {
        private final String answer;

        Handler(String answer) {
            this.answer = answer;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return answer;
        }
    }

    interface Question {
        String ask();
    }

    @Test
    void proxiesAreRebuilt() throws Exception {
        Question question = (Question) Proxy.newProxyInstance(Question.class.getClassLoader(),
            new Class<?>[] {Question.class, Comparable.class}, new Handler("42"));
        Question got = Ends.copy(question);
        assertEquals("42", got.ask());
        assertTrue(got instanceof Comparable);
    }

    @Test
    void comparatorsOfTheJdkWithNamesTravel() throws Exception {
        Comparator<String> natural = Comparator.naturalOrder();
        assertSame(natural, Ends.copy(natural));
        TreeMap<String, Integer> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        map.put("A", 1);
        TreeMap<String, Integer> got = Ends.copy(map);
        got.put("b", 2);
        assertEquals(1, got.get("a"));
        assertEquals(2, got.get("B"));
    }

    /** Not the JDK's own, which free memory. */
    private static final class Gone extends PhantomReference<Object> {
        private final int number;

        Gone(Object of, int number) {
            super(of, new ReferenceQueue<>());
            this.number = number;
        }
    }

    @Test
    void phantomReferencesOfTheApplicationTravel() throws Exception {
        Object target = new ArrayList<>(List.of("x"));
        Object[] got = Ends.copy(new Object[] {target, new Gone(target, 7)});
        assertTrue(((Gone) got[1]).refersTo(got[0]));
        assertEquals(7, ((Gone) got[1]).number);
    }

    @Test
    void loadersThatOnlyAskTheApplicationsHaveTheirLike() throws Exception {
        ClassLoader asking = new URLClassLoader(new URL[0], JdkObjectsTest.class.getClassLoader());
        ClassLoader copy = (ClassLoader) Ends.copy(new Object[] {asking})[0];
        assertSame(JdkObjectsTest.class, copy.loadClass(JdkObjectsTest.class.getName()));
        assertNotSame(JdkObjectsTest.class.getClassLoader(), copy);
        ClassLoader elsewhere = new URLClassLoader(new URL[0], null);
        assertThrows(OffloadRefused.class, () -> Ends.copy(new Object[] {elsewhere}));
    }
}
