/* Roots that take too long: one by its work, one by sleeping; and one that does not. */
package limits;

public final class Main {
    private long total;

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Main main = new Main();
        long[] numbers = new long[4096];
        numbers[7] = 1;
        long sum = main.busy(numbers) + main.quick(numbers);
        Thread sleeper = Thread.currentThread();
        Thread other = new Thread(() -> main.others(sleeper), "other");
        other.start();
        main.asleep();
        other.join();
        System.out.println("done " + (sum + main.quick(numbers)));
    }

    /** More elements than a sample may read. */
    long busy(long[] numbers) {
        long sum = 0;
        for (int round = 0; round < 4000; round++) {
            sum = 0;
            for (int i = 0; i < numbers.length; i++) {
                sum += numbers[i];
            }
        }
        return sum;
    }

    void asleep() throws InterruptedException {
        Thread.sleep(1500);
    }

    long quick(long[] numbers) {
        total = numbers[7];
        return total;
    }

    /** Begins once the sleeper sleeps: of two samples at a time the second would be skipped. */
    private void others(Thread sleeper) {
        while (sleeper.getState() != Thread.State.TIMED_WAITING) {
            Thread.yield();
        }
        long[] numbers = new long[8];
        long end = System.currentTimeMillis() + 1400;
        while (System.currentTimeMillis() < end) {
            quick(numbers);
        }
    }
}
