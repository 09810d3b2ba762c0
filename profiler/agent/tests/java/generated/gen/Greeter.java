package gen;

public interface Greeter {
    int greet(int n);
}
