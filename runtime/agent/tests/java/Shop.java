// A program with a root, a lambda, a class that no file holds, and a look at what a worker would get.
import dev.beehive.runtime.server.ClassFiles;
import java.nio.charset.StandardCharsets;
import java.util.function.IntUnaryOperator;

public class Shop {
    private static String note = "shop";
    private int sold = 3;

    static final class Till extends Shop {
        private Shop other = new Shop();

        int count() {
            return other.sold;
        }
    }

    /** Defines a class from bytes, without saying where they come from. */
    static final class Making extends ClassLoader {
        Making() {
            super(Shop.class.getClassLoader());
        }

        Class<?> make(String name, byte[] bytes) {
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    int buy(int pieces) {
        IntUnaryOperator more = n -> n + pieces;
        sold = more.applyAsInt(sold);
        return sold;
    }

    private static void show(String what, byte[] bytes) {
        String text = bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1);
        System.out.println(what + " " + (bytes != null) + " barriers " + text.contains("dev/beehive/runtime/hook/Barrier")
            + " state " + text.contains("$bh"));
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println("bought " + new Shop().buy(4) + note);
        show("Shop", ClassFiles.rewritten(Shop.class));
        show("Till", ClassFiles.rewritten(Till.class));
        byte[] bytes;
        try (var file = Shop.class.getResourceAsStream("made/Made.class_")) {
            bytes = file.readAllBytes();
        }
        show("Made", ClassFiles.rewritten(new Making().make("Made", bytes)));
        show("String", ClassFiles.rewritten(String.class));
    }
}
