// Prints value and bucket of the probe class for values around all powers of two.
import java.lang.reflect.Method;

public class Buckets {
    public static void main(String[] args) throws Exception {
        Method bucket = Class.forName("java.lang.BeeProbe").getDeclaredMethod("bucket", long.class);
        bucket.setAccessible(true);
        for (int exponent = 0; exponent < 63; exponent++) {
            for (long off = -3; off <= 3; off++) {
                for (int step = 0; step < 64; step++) {
                    long value = (1L << exponent) + off + step * ((1L << exponent) / 64);
                    if (value >= 0) System.out.println(value + " " + bucket.invoke(null, value));
                }
            }
        }
    }
}
