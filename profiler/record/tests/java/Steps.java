// A program of known counts for the tests of the recorder: makes `count` calls of step(), then ends as
// asked: by itself with a status, by a signal to itself, or never.
public final class Steps {
    static volatile long sum;

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        for (int i = 0; i < count; i++) {
            step(i);
        }
        switch (arguments[1]) {
            case "exit" -> System.exit(Integer.parseInt(arguments[2]));
            case "kill" -> {
                Thread.sleep(Long.parseLong(arguments[2]));
                long pid = ProcessHandle.current().pid();
                new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor();
            }
            case "forever" -> {
                while (true) {
                    step(1);
                    Thread.sleep(1);
                }
            }
            default -> throw new IllegalArgumentException(arguments[1]);
        }
    }

    static void step(int i) {
        sum += i;
    }
}
