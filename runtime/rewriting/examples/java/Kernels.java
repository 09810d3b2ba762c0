// Computing and pointer-chasing kernels whose slow-down by the barriers is measured. Each gives a number that the
// two versions must agree on. Fields, statics and objects are the point; arrays have no barriers.
public final class Kernels {
    private static final int SIZE = 1 << 12;
    private static int seed = 12345;
    private static Tree tree;
    private static Cell list;

    private Kernels() {}

    static final class Body {
        double x;
        double y;
        double vx;
        double vy;
        final double mass;

        Body(double x, double y, double mass) {
            this.x = x;
            this.y = y;
            this.mass = mass;
        }

        void pull(Body other, double dt) {
            double dx = other.x - x;
            double dy = other.y - y;
            double square = dx * dx + dy * dy + 0.01;
            double force = dt / (square * Math.sqrt(square));
            vx += dx * other.mass * force;
            vy += dy * other.mass * force;
            other.vx -= dx * mass * force;
            other.vy -= dy * mass * force;
        }

        void move(double dt) {
            x += vx * dt;
            y += vy * dt;
        }
    }

    static final class Tree {
        final int key;
        int value;
        Tree left;
        Tree right;

        Tree(int key) {
            this.key = key;
        }

        void insert(int key) {
            Tree at = this;
            while (key != at.key) {
                Tree next = key < at.key ? at.left : at.right;
                if (next == null) {
                    next = new Tree(key);
                    if (key < at.key) {
                        at.left = next;
                    } else {
                        at.right = next;
                    }
                }
                at = next;
            }
            at.value++;
        }

        int sum() {
            return value + (left == null ? 0 : left.sum()) + (right == null ? 0 : right.sum());
        }
    }

    static final class Cell {
        int value;
        Cell next;

        Cell(int value, Cell next) {
            this.value = value;
            this.next = next;
        }
    }

    abstract static class Animal {
        private int legs;

        Animal(int legs) {
            this.legs = legs;
        }

        int legs() {
            return legs;
        }

        abstract int noise();
    }

    static final class Dog extends Animal {
        private final int bark = 7;

        Dog() {
            super(4);
        }

        @Override
        int noise() {
            return bark;
        }
    }

    static final class Bird extends Animal {
        private final int song = 3;

        Bird() {
            super(2);
        }

        @Override
        int noise() {
            return song;
        }
    }

    static final class Table {
        static final class Entry {
            final int key;
            int value;
            final Entry next;

            Entry(int key, Entry next) {
                this.key = key;
                this.next = next;
            }
        }

        final Entry[] buckets = new Entry[SIZE];
        int size;

        Entry at(int key) {
            int index = key * 0x9E3779B1 >>> 20;
            for (Entry entry = buckets[index]; entry != null; entry = entry.next) {
                if (entry.key == key) {
                    return entry;
                }
            }
            size++;
            return buckets[index] = new Entry(key, buckets[index]);
        }
    }

    private static int random() {
        seed = seed * 1103515245 + 12345;
        return seed >>> 8;
    }

    public static double bodies() {
        Body[] bodies = new Body[8];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = new Body(i, i * i % 5, 1 + i % 3);
        }
        for (int step = 0; step < 4000; step++) {
            for (int i = 0; i < bodies.length; i++) {
                for (int j = i + 1; j < bodies.length; j++) {
                    bodies[i].pull(bodies[j], 0.001);
                }
            }
            for (Body body : bodies) {
                body.move(0.001);
            }
        }
        return bodies[0].x + bodies[7].vy;
    }

    public static double matrix() {
        int n = 96;
        double[][] a = new double[n][n];
        double[][] b = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i][j] = i + j;
                b[i][j] = i - j;
            }
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double cell = 0;
                for (int k = 0; k < n; k++) {
                    cell += a[i][k] * b[k][j];
                }
                sum += cell;
            }
        }
        return sum;
    }

    public static double text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append(i % 7 == 0 ? "seven" : "x").append(i);
        }
        return text.toString().hashCode();
    }

    public static double treeSum() {
        grow();
        int sum = 0;
        for (int i = 0; i < 60; i++) {
            sum += tree.sum();
        }
        return sum;
    }

    public static double treeSearch() {
        grow();
        seed = 99;
        for (int i = 0; i < 20_000; i++) {
            tree.insert(random() & SIZE - 1);
        }
        int sum = tree.sum();
        tree = null;
        return sum;
    }

    private static void grow() {
        if (tree == null) {
            tree = new Tree(SIZE / 2);
            seed = 1;
            for (int i = 0; i < SIZE; i++) {
                tree.insert(random() & SIZE - 1);
            }
        }
    }

    public static double linked() {
        if (list == null) {
            for (int i = 0; i < SIZE; i++) {
                list = new Cell(i, list);
            }
        }
        int sum = 0;
        for (int round = 0; round < 100; round++) {
            for (Cell cell = list; cell != null; cell = cell.next) {
                sum += cell.value ^ round;
            }
        }
        return sum;
    }

    public static double getters() {
        Animal[] animals = new Animal[64];
        for (int i = 0; i < animals.length; i++) {
            animals[i] = i % 3 == 0 ? new Dog() : new Bird();
        }
        int sum = 0;
        for (int round = 0; round < 4000; round++) {
            for (Animal animal : animals) {
                sum += animal.legs() * animal.noise();
            }
        }
        return sum;
    }

    public static double table() {
        Table table = new Table();
        seed = 7;
        for (int i = 0; i < 40_000; i++) {
            table.at(random() & 2 * SIZE - 1).value += i;
        }
        return table.size + table.at(3).value;
    }

    public static double allocation() {
        Cell last = null;
        int sum = 0;
        for (int i = 0; i < 200_000; i++) {
            last = new Cell(i, (i & 15) == 0 ? null : last);
            sum += last.value + (last.next == null ? 1 : last.next.value);
        }
        return sum;
    }

    public static double statics() {
        seed = 5;
        int sum = 0;
        for (int i = 0; i < 300_000; i++) {
            sum ^= random();
        }
        return sum;
    }
}
