// What the tests of `beehive profile` look at from outside: streams, environment, status, shutdown hooks.
public final class Echo {
    static volatile long turns;

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "streams" -> {
                String line = new java.io.BufferedReader(new java.io.InputStreamReader(System.in)).readLine();
                System.out.println("out " + line + " " + System.getenv("ECHO_WORD") + " " + arguments.length);
                System.err.println("err " + line);
                System.exit(9);
            }
            case "forever" -> {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook ran")));
                System.out.println("pid " + ProcessHandle.current().pid());
                while (true) {
                    turn();
                    Thread.sleep(1);
                }
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static void turn() {
        turns++;
    }
}
