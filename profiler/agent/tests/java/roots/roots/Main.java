// 1,000 orders of which 100 fail, 40 naps, 40 burns, 70 named jobs.
package roots;

public class Main {
    public static void main(String[] args) throws InterruptedException {
        Shop shop = new Shop();
        int failed = 0;
        for (int i = 0; i < 1000; i++) {
            try {
                shop.order(i);
            } catch (IllegalArgumentException e) {
                failed++;
            }
        }
        for (int i = 0; i < 40; i++) {
            shop.nap();
            shop.burn();
        }
        Job job = new Job();
        for (int i = 0; i < 70; i++) job.work(i);
        System.out.println(failed + Shop.fixed());
    }
}
