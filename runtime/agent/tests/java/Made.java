// Given to the JVM as bytes only.
public class Made {
    private int made;

    int made() {
        return made;
    }
}
