// Root methods of every shape of result and parameters; the test opens their gates and gives answers.
public class Gates {
    private final String name;

    Gates(String name) {
        this.name = name;
    }

    int loop(int n) {
        do {
            n--;
        } while (n > 3);
        return n;
    }

    static long add(long a, int b, double c, boolean d, char e) {
        return a + b + (long) c + (d ? 1 : 0) + e;
    }

    synchronized String text(String a, int[] b) {
        String local = name + a + b.length;
        return local;
    }

    void nothing(byte a, short b, float c) {
        System.out.println("ran " + name + a + b + c);
    }

    private static void attempt(String what, java.util.concurrent.Callable<Object> root) {
        try {
            System.out.println(what + " " + root.call());
        } catch (Exception e) {
            System.out.println(what + " " + e);
        }
    }

    public static void main(String[] arguments) {
        Gates gates = new Gates("g");
        attempt("loop", () -> gates.loop(9));
        attempt("add", () -> add(1, 2, 3.5, true, 'a'));
        attempt("text", () -> gates.text("t", new int[2]));
        attempt("nothing", () -> {
            gates.nothing((byte) 1, (short) 2, 3f);
            return "done";
        });
    }
}
