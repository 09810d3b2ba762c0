// Calls each method ten times, from outside and not, so that only candidates are timed every time.
package mapped;

public class Main {
    public static void main(String[] args) {
        Object last = null;
        Pets pets = new Pets();
        Shelf shelf = new Shelf();
        Json json = new Json();
        Fetching fetching = new Fetching();
        Setup setup = new Setup();
        for (int i = 0; i < 10; i++) {
            last = pets.pet(i) + pets.unmapped(i) + pets.read(i) + shelf.size() + json.any(i)
                    + fetching.fetch(i) + fetching.other(i) + setup.bean();
        }
        System.out.println(last);
    }
}
