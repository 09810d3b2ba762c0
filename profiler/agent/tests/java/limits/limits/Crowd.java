/* A root that makes more objects than a sample may hold, and then few. */
package limits;

public final class Crowd {
    private Crowd() {}

    public static void main(String[] arguments) {
        Crowd crowd = new Crowd();
        System.out.println("done " + (crowd.meet(1_200_000) + crowd.meet(10)));
    }

    /** Touches so many objects, each once. */
    int meet(int guests) {
        int met = 0;
        for (int i = 0; i < guests; i++) {
            int[] guest = new int[1];
            guest[0] = 1;
            met += guest.length;
        }
        return met;
    }
}
