// Calls two tiny methods as fast as it can for the given time; prints how many rounds of 100,000 it was.
package hot;

public class Main {
    public static void main(String[] args) {
        long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000;
        long rounds = 0;
        int sum = 0;
        while (System.nanoTime() < end) {
            sum += round();
            rounds++;
        }
        System.out.println(rounds + " " + sum);
    }

    static int round() {
        int sum = 0;
        for (int i = 0; i < 100_000; i++) sum += step(i);
        return sum;
    }

    static int step(int i) {
        return odd(i) + 1;
    }

    static int odd(int i) {
        return i & 1;
    }
}
