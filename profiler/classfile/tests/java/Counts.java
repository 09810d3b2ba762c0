// Counts what the probes of the behaviour test tell, by id; prints "id entered exited" for
// each id when the program ends, and the texts it was given.
public final class Counts {
    private static final int[] ENTERED = new int[1000];
    private static final int[] EXITED = new int[1000];
    private static final StringBuilder GIVEN = new StringBuilder();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread() {
            @Override
            public void run() {
                print();
            }
        });
    }

    private Counts() {}

    public static int chosen() {
        return 2;
    }

    public static int notChosen() {
        return 0;
    }

    public static void enter(int id) {
        ENTERED[id]++;
    }

    public static void exit(int id) {
        EXITED[id]++;
    }

    public static void given(long a, double b, float c, Object d, int e) {
        GIVEN.append(a).append(' ').append(b).append(' ').append(c);
        GIVEN.append(' ').append(d).append(' ').append(e);
    }

    public static int replaced(int number) {
        return number + 1000;
    }

    private static void print() {
        for (int id = 0; id < ENTERED.length; id++) {
            if (ENTERED[id] + EXITED[id] > 0) {
                System.out.println("#" + id + " " + ENTERED[id] + " " + EXITED[id]);
            }
        }
        System.out.println("given " + GIVEN);
    }
}
