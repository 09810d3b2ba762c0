// Takes objects' contents away before each way of touching them; rewritten, every touch brings them back first, and
// what is written is not lost. Not rewritten, nothing is ever taken away.
import static dev.beehive.runtime.hook.Barrier.hollow;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

public class Shells {
    static class Base {
        protected int a = 1;
        long b = 2;

        Base() {}
    }

    static class Node extends Base implements Cloneable {
        private double c = 3.5;
        Node next;
        String name;
        volatile int v = 4;
        volatile long w = 5;
        final int[] numbers = {6, 7};

        Node(String name, Node next) {
            super();
            this.name = name;
            this.next = next;
        }

        int sum() {
            return (int) (a + b + c) + v + (int) w + numbers[1];
        }

        void grow(Node other) {
            a += other.a;
            other.b += b;
            c = other.c * 2;
            other.w = w + 1;
            v++;
        }

        Node copy() throws CloneNotSupportedException {
            return (Node) super.clone();
        }

        /** As another one's: the call is not one of a superclass's method on `this`. */
        static Node copyOf(Node other) throws CloneNotSupportedException {
            return (Node) other.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Node && name.equals(((Node) other).name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }

        static double peek(Node node) {
            return node.c;
        }

        class Part {
            int read() {
                return a + numbers[0];
            }

            void write(long to) {
                b = to;
            }
        }
    }

    private static Node fresh() {
        return new Node("n", new Node("m", new Node("l", null)));
    }

    /** An object once looked at is not looked at again in one method, so each time it is another's result. */
    private static Node hollowed(Node node) {
        for (Node at = node; at != null;) {
            Node next = at.next;
            hollow(at);
            at = next;
        }
        return node;
    }

    private static Node alone(Node node) {
        hollow(node);
        return node;
    }

    public static void main(String[] arguments) throws Exception {
        reads();
        writes();
        loops();
        special();
        serialized();
    }

    private static void reads() {
        Node node = fresh();
        node = hollowed(node);
        System.out.println(node.a + " " + node.next.b + " " + node.next.next.name);
        node = hollowed(node);
        System.out.println(node.sum() + " " + Node.peek(node.next) + " " + node.next.v + node.next.w);
        node = hollowed(node);
        System.out.println(node.numbers[0] + (node.next == null ? "none" : node.next.next.name));
        node = hollowed(node);
        System.out.println((node.a > 0 ? node : node.next).name + (node.a > 5 ? node : node.next).name);
    }

    private static void writes() {
        Node node = fresh();
        node = hollowed(node);
        node.a = 10;
        node.b += 11;
        node.next.c = 12.5;
        node.next.v = 13;
        node.next.w++;
        node.next.next.name = node.a > 3 ? "deep" : "flat";
        System.out.println(node.a + " " + node.b + " " + node.c + " " + node.next.c + node.next.v + node.next.w
            + node.next.next.name + node.name);
        node = hollowed(node);
        node.grow(node.next);
        node.next.next.grow(node);
        System.out.println(node.sum() + " " + node.next.sum() + " " + node.next.next.sum());
        node = hollowed(node);
        node.next.numbers[0] = 99;
        (node.a == 0 ? node : node.next).b = 77;
        System.out.println(node.next.numbers[0] + " " + node.next.b + " " + node.next.a);
    }

    private static void loops() {
        Node node = fresh();
        int sum = 0;
        for (int round = 0; round < 3; round++) {
            node = hollowed(node);
            Node at = node;
            while (at != null) {
                if (at.a + at.b > 2) {
                    at.b += round;
                }
                sum += at.sum();
                try {
                    if (at.name.equals("m")) {
                        throw new IllegalStateException(at.name);
                    }
                } catch (IllegalStateException e) {
                    sum += at.v + e.getMessage().length();
                } finally {
                    at = at.next;
                }
            }
        }
        System.out.println(sum);
    }

    static class Note implements java.io.Serializable {
        private static final long serialVersionUID = 1;
        static String late = String.valueOf(Note.class.getName());
        String text = "note";
    }

    private static void serialized() throws Exception {
        Note note = new Note();
        hollow(note);
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        try (java.io.ObjectOutputStream out = new java.io.ObjectOutputStream(bytes)) {
            out.writeObject(note);
        }
        System.out.println(bytes.toString("ISO-8859-1").contains("note"));
        System.out.println(Note.class.getDeclaredField("late").get(null));
        handles();
    }

    static class Later {
        static String value = String.valueOf(Later.class.getName());
    }

    static class Latest {
        static String value = String.valueOf(Latest.class.getName());
    }

    /** Handles read and write without a barrier. */
    private static void handles() throws Exception {
        java.lang.invoke.MethodHandles.Lookup lookup = java.lang.invoke.MethodHandles.lookup();
        try {
            System.out.println(lookup.findStaticGetter(Later.class, "value", String.class).invoke());
            System.out.println(lookup.unreflectGetter(Latest.class.getDeclaredField("value")).invoke());
            Node node = alone(fresh());
            System.out.println((String) lookup.findGetter(Node.class, "name", String.class).invokeExact(node));
            node = alone(node);
            lookup.findSetter(Node.class, "next", Node.class).invokeExact(node, node);
            System.out.println(node.next.name);
            node = alone(node);
            System.out.println((int) lookup.unreflectGetter(Base.class.getDeclaredField("a")).invokeExact((Base) node));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void special() throws Exception {
        Node node = fresh();
        Map<Node, String> map = new HashMap<>();
        map.put(node, "found");
        node = hollowed(node);
        System.out.println(map.get(node) + node.equals(node.next) + map.containsKey(new Node("n", null)));
        node = hollowed(node);
        Node copy = node.copy();
        System.out.println(copy.a + copy.name + copy.next.name);
        node = hollowed(node);
        copy = Node.copyOf(node);
        System.out.println(copy.a + copy.name + copy.next.name);
        node = hollowed(node);
        Node.Part part = node.new Part();
        hollow(part);
        node = alone(node);
        part.write(500);
        System.out.println(part.read() + " " + node.b);
        node = alone(node);
        Field field = Node.class.getDeclaredField("name");
        Field number = Base.class.getDeclaredField("b");
        System.out.println(field.get(node));
        node = alone(node);
        field.set(node, "set");
        node = alone(node);
        number.setLong(node, 8);
        System.out.println(node.name + number.getLong(node) + node.a);
    }
}
