// Works until its standard input ends, one round a line: `round` calls `step` 1,000 times. Says
// "ready", then "done" after each line, so that a test can attach and detach in between.
package idle;

import java.io.BufferedReader;
import java.io.InputStreamReader;

public class Main {
    public static void main(String[] args) throws Exception {
        System.out.println("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        while (in.readLine() != null) {
            System.out.println("done " + round());
        }
    }

    static int round() {
        int sum = 0;
        for (int i = 0; i < 1000; i++) sum += step(i);
        return sum;
    }

    static int step(int i) {
        return Integer.signum(i) + leaf(i);
    }

    static int leaf(int i) {
        return i & 1;
    }
}
