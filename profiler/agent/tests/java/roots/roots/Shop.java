// A service with timed methods: nested ones, failing ones, one that burns and one that sleeps.
package roots;

import org.springframework.stereotype.Service;

@Service
public class Shop {
    private int orders;

    public int order(int n) throws InterruptedException {
        return pack(n) + untimed(n);
    }

    protected int pack(int n) {
        if (n % 10 == 0) throw new IllegalArgumentException("every tenth");
        return n;
    }

    private int untimed(int n) {
        return orders += n;
    }

    void nap() throws InterruptedException {
        Thread.sleep(3);
    }

    long burn() {
        long end = System.nanoTime() + 3_000_000;
        long turns = 0;
        while (System.nanoTime() < end) turns++;
        return turns;
    }

    public static int fixed() {
        return Integer.parseInt("1");
    }
}
