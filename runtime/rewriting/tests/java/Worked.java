// One program with a bit of everything that rewriting for workers touches; prints what it computed. It behaves
// the same rewritten, which is the test.
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

public final class Worked {
    private static final List<String> ORDER = new ArrayList<>();
    private static final Object LOCK = new Object();
    static final int CONSTANT = 42;
    static final String GREETING = "hello " + CONSTANT;
    static volatile long ticks = 5;
    private static int counter;

    interface Shape {
        double UNIT = Math.sqrt(1.0);
        List<String> NAMES = new ArrayList<>(List.of("a", "b"));

        double area();

        default String describe() {
            return getClass().getSimpleName() + " " + area() * UNIT + NAMES;
        }

        static Shape square(double side) {
            return () -> side * side;
        }
    }

    enum Colour implements Shape {
        RED, GREEN {
            @Override
            public double area() {
                return 2 + weight;
            }
        };

        static final Map<String, Colour> BY_NAME = new TreeMap<>();
        protected int weight = ordinal() + 1;

        static {
            for (Colour colour : values()) {
                BY_NAME.put(colour.name().toLowerCase(), colour);
            }
        }

        @Override
        public double area() {
            return weight;
        }
    }

    record Point(int x, int y) implements Shape, Serializable {
        static int made;

        Point {
            made++;
        }

        @Override
        public double area() {
            return Math.abs(x * y);
        }

        Point plus(Point other) {
            return new Point(x + other.x, y + other.y);
        }
    }

    static class Early {
        static final String NAME = note("Early");
        static int size = NAME.length();

        static String note(String what) {
            ORDER.add(what);
            return what;
        }
    }

    static final class Late extends Early {
        static final String OTHER = note("Late after " + NAME);

        static int sum() {
            return size + OTHER.length();
        }
    }

    static class Account implements Serializable, Cloneable {
        private volatile int balance;
        private volatile double rate = 1.5;
        private volatile String owner = "nobody";
        protected long total;
        private transient Account next;

        Account(int balance) {
            this.balance = balance;
        }

        synchronized int deposit(int amount) {
            if (amount < 0) {
                throw new IllegalArgumentException("negative");
            }
            balance += amount;
            total += amount;
            return balance;
        }

        static synchronized void both(Account a, Account b) {
            synchronized (a) {
                synchronized (b) {
                    a.balance += 1;
                    b.balance += 2;
                    a.next = b;
                }
            }
        }

        final int drain() {
            int drained = 0;
            for (Account at = this; at != null; at = at.next) {
                synchronized (at) {
                    drained += at.balance;
                    if (at.balance > 1000) {
                        return drained;
                    }
                    at.balance = 0;
                }
            }
            return drained;
        }

        @Override
        protected Account clone() {
            try {
                return (Account) super.clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    public static final class Sealed extends Account {
        private static final String KIND = String.valueOf(Sealed.class.getSimpleName());
        int extra = 7;
        private long[] history = {1, 2, 3};

        Sealed() {
            super(1);
            total = history.length;
        }

        long sum() {
            long sum = extra + total;
            for (long one : history) {
                sum += one;
            }
            return sum + KIND.length();
        }
    }

    private static class Plain implements Serializable {
        int a;
        private String b = "b";
        protected static final long STAMP = System.nanoTime();

        private Plain(int a) {
            this.a = a;
        }

        private Plain() {
            this(3);
        }

        static Plain make() {
            return new Plain();
        }
    }

    final class Inner {
        private int seen = counter;

        int twice() {
            seen += 1;
            secret = seen * 2;
            return secret;
        }
    }

    private int secret = 1;

    public static void main(String[] arguments) throws Exception {
        System.out.println(GREETING + ticks++ + ticks);
        statics();
        shapes();
        monitors();
        atomics();
        lambdas();
        serial();
        Worked worked = new Worked();
        counter = 20;
        Inner inner = worked.new Inner();
        System.out.println(inner.twice() + " " + worked.secret + " " + inner.seen);
        members();
        assertions();
    }

    private static void statics() {
        System.out.println(Late.sum() + " " + ORDER + " " + Early.size++ + Late.size);
        Point.made = 0;
        System.out.println(new Point(1, 2).plus(new Point(3, 4)) + " " + Point.made);
    }

    private static void shapes() {
        for (Colour colour : Colour.values()) {
            switch (colour) {
                case RED -> System.out.println("red " + colour.describe());
                case GREEN -> System.out.println("green " + colour.area() + colour.getClass().isEnum());
            }
        }
        Shape.NAMES.add("c");
        System.out.println(Colour.BY_NAME + " " + new Point(2, -3).describe() + Shape.square(3).area());
    }

    private static void monitors() throws Exception {
        Account a = new Account(10);
        Account b = new Sealed();
        Account.both(a, b);
        try {
            a.deposit(-1);
        } catch (IllegalArgumentException e) {
            System.out.println("refused " + e.getMessage() + " " + a.deposit(5));
        }
        Account copy = a.clone();
        System.out.println(a.drain() + " " + copy.balance + " " + ((Sealed) b).sum() + " " + a.total);
        a.rate *= 2;
        a.owner += "!";
        System.out.println(a.rate + a.owner + (a.next == b));
        int[] box = new int[1];
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int n = 0; n < 1000; n++) {
                    synchronized (LOCK) {
                        box[0]++;
                        LOCK.notifyAll();
                    }
                }
            });
            threads[i].start();
        }
        synchronized (LOCK) {
            while (box[0] < 4000) {
                LOCK.wait(50);
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(box[0]);
    }

    private static final class Odometer extends AtomicInteger {
        private static final long serialVersionUID = 9;

        int next() {
            return incrementAndGet();
        }
    }

    private static void atomics() {
        AtomicInteger one = new AtomicInteger(1);
        AtomicLong two = new AtomicLong(2);
        AtomicBoolean three = new AtomicBoolean();
        AtomicReference<String> four = new AtomicReference<>("4");
        System.out.println(one.incrementAndGet() + " " + two.compareAndSet(2, 3) + two.get() + three.getAndSet(true));
        System.out.println(four.updateAndGet(text -> text + text) + new Odometer().next() + one.intValue());
        IntSupplier supplier = one::incrementAndGet;
        System.out.println(supplier.getAsInt() + supplier.getAsInt() + " " + one.get());
    }

    private static void lambdas() {
        int captured = counter + 3;
        Supplier<String> plain = () -> "captured " + captured;
        Supplier<List<String>> constructor = ArrayList::new;
        Supplier<String> serial = (Supplier<String> & Serializable) () -> "serial " + GREETING;
        List<String> list = constructor.get();
        list.add(plain.get());
        list.add(serial.get());
        list.sort(String::compareTo);
        System.out.println(list);
    }

    private static void serial() throws Exception {
        for (Class<?> type : List.of(Account.class, Sealed.class, Plain.class, Point.class, Colour.class)) {
            System.out.println(type.getName() + " " + ObjectStreamClass.lookupAny(type).getSerialVersionUID());
        }
        Field field = Plain.class.getDeclaredField("b");
        field.setAccessible(true);
        Plain made = Plain.make();
        field.set(made, field.get(made) + "2");
        System.out.println(made.b + made.a + (Plain.STAMP != 0));
    }

    /** What a library would find that looks at all members of a class. */
    private static void members() {
        Function<Class<?>, Field[]> fields = Class::getDeclaredFields;
        for (Class<?> type : List.of(Account.class, Late.class, Odometer.class)) {
            Set<String> names = new TreeSet<>();
            for (Field each : fields.apply(type)) {
                names.add(each.getName());
            }
            for (Field each : type.getFields()) {
                names.add(each.getName());
            }
            for (Method each : type.getDeclaredMethods()) {
                names.add(each.getName() + "()");
            }
            names.add(type.getMethods().length + " " + type.getDeclaredFields().length);
            System.out.println(names);
        }
    }

    private static void assertions() {
        boolean on = false;
        assert on = true;
        System.out.println("assertions " + on);
    }
}
