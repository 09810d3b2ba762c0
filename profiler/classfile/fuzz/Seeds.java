// Source of the seeds in corpus/rewrite: what makes class files rich. Compile with
// `javac -g -parameters -d OUT Seeds.java` and store the classes without their extension.
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

@Seeds.Note(value = "seed", numbers = {1, 2}, inner = @Seeds.Inner(Seeds.Colour.RED))
public sealed class Seeds<T extends @Seeds.Use Object> permits Seeds.Child {
    @Target({ElementType.TYPE_USE, ElementType.TYPE_PARAMETER})
    @Retention(RetentionPolicy.RUNTIME)
    @interface Use {}

    @Retention(RetentionPolicy.CLASS)
    @interface Note {
        String value();

        int[] numbers() default {};

        Inner inner();
    }

    @interface Inner {
        Colour value();
    }

    enum Colour { RED, GREEN }

    record Point(@Use int x, double y) {}

    static final class Child extends Seeds<String> {}

    @Note(value = "method", inner = @Inner(Colour.GREEN))
    static long all(Object given, int n) throws Exception {
        @Use List<@Use String> list = new @Use ArrayList<@Use String>();
        Supplier<String> lazy = () -> given + ":" + n;
        list.add(lazy.get());
        switch (lazy.get()) {
            case "a" -> list.add("b");
            case "c" -> list.add("d");
            default -> list.clear();
        }
        synchronized (given) {
            for (int i = 0; i < n; i++) {
                list.add((@Use String) String.valueOf(new int[] {i}[0]));
            }
        }
        try (AutoCloseable closed = () -> list.clear()) {
            return given instanceof @Use String text ? text.length() : 2L * n;
        } catch (@Use IllegalStateException | IllegalArgumentException bad) {
            return new Point(n, n > 3 ? 1 : 2).x();
        } finally {
            list.add("done");
        }
    }
}
