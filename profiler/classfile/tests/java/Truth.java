// A program whose calls can be counted by hand: recursion, loops that jump to the first
// instruction, exceptions through several frames, every kind of return, both switches,
// constructors that fail before and after super(...), monitors. Prints what it computed.
// Written for class files as old as Java 5: no lambdas, no invokedynamic.
public final class Truth {
    private static int calls;
    private int value = 3;

    private Truth(int value) {
        super();
        this.value = value;
        touch();
    }

    private static void touch() {
        calls = next(calls);
    }

    private static int next(int number) {
        return number + 1;
    }

    private static int fibonacci(int n) {
        touch();
        return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
    }

    private static int loopAtStart(int n) {
        do {
            touch();
            n--;
        } while (n > 0);
        return n;
    }

    private static void thrower(int depth) {
        if (depth == 0) {
            throw new IllegalStateException("bottom");
        }
        thrower(depth - 1);
    }

    private static int catcher() {
        int caught = 0;
        for (int i = 0; i < 5; i++) {
            try {
                thrower(i);
            } catch (IllegalStateException expected) {
                caught++;
            } finally {
                touch();
            }
        }
        return caught;
    }

    private static long wide(long a, double b, float c, Object d, int e) {
        touch();
        return a + (long) b + (long) c + d.hashCode() + e;
    }

    private static double half(double a) {
        touch();
        return a / 2;
    }

    private static float third(float a) {
        touch();
        return a / 3;
    }

    private static Object self(Object a) {
        touch();
        return a;
    }

    private static int switches(int n) {
        touch();
        int sum = 0;
        switch (n) {
            case 0: sum += 1; break;
            case 1: sum += 2; break;
            case 2: sum += 4; break;
            default: sum += 8;
        }
        switch (n) {
            case -1000: sum += 16; break;
            case 2: sum += 32; break;
            case 100000: sum += 64; break;
            default: sum += 128;
        }
        return sum;
    }

    private synchronized int locked(boolean fail) {
        touch();
        synchronized (this) {
            if (fail) {
                throw new UnsupportedOperationException();
            }
            return value;
        }
    }

    private static int failing(int n) {
        touch();
        if (n == 7) {
            throw new IllegalArgumentException();
        }
        return n;
    }

    private static class Base {
        Base(int n) {
            failing(n + 1);
        }
    }

    private static final class Derived extends Base {
        private final Object made;

        Derived(int n) {
            super(failing(n) > 0 ? new int[] {n}[0] : new Integer(n).intValue());
            made = new Object();
            failing(n + 2);
        }
    }

    private static int constructors() {
        int made = 0;
        for (int n = 4; n < 9; n++) {
            try {
                made += new Derived(n).made == null ? 0 : 1;
            } catch (IllegalArgumentException expected) {
                touch();
            }
        }
        return made;
    }

    public static void main(String[] arguments) {
        StringBuilder out = new StringBuilder();
        out.append(fibonacci(10)).append(' ').append(loopAtStart(10)).append(' ');
        out.append(catcher()).append(' ').append(wide(1L, 2.0, 3f, Integer.valueOf(4), 5));
        out.append(' ').append(half(5.0)).append(' ').append(third(9f)).append(' ');
        out.append(self("same"));
        for (int n = -1; n < 4; n++) {
            out.append(' ').append(switches(n));
        }
        out.append(' ').append(new Truth(9).locked(false));
        try {
            new Truth(1).locked(true);
        } catch (UnsupportedOperationException expected) {
            out.append(" unlocked");
        }
        out.append(' ').append(constructors()).append(' ').append(calls);
        System.out.println(out);
    }
}
