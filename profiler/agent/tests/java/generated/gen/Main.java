// Classes made at run time: a JDK proxy before a user object, and a class defined without a source.
package gen;

import java.io.InputStream;
import java.lang.reflect.Proxy;

public class Main implements Greeter {
    public static void main(String[] args) throws Exception {
        Greeter real = new Main();
        Greeter proxy = (Greeter) Proxy.newProxyInstance(Main.class.getClassLoader(),
            new Class<?>[] {Greeter.class}, (self, method, arguments) -> method.invoke(real, arguments));
        int sum = 0;
        for (int i = 0; i < 10; i++) sum += proxy.greet(i);
        Class<?> copy = new Maker().loadClass("made.Copy");
        for (int i = 0; i < 5; i++) ((Runnable) copy.getDeclaredConstructor().newInstance()).run();
        System.out.println(sum);
    }

    @Override
    public int greet(int n) {
        return Math.abs(n);
    }

    static class Maker extends ClassLoader {
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("made.")) return super.loadClass(name, resolve);
            try (InputStream in = Main.class.getResourceAsStream("/made/Copy.class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (java.io.IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
