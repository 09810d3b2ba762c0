// What the generated classes of the tests implement; an application class, loaded from its own folder.
package gen;

public interface Greeter {
    int greet(int n);
}
