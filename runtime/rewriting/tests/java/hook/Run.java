// Runs a program and then tells what its hooks saw, in lines that begin with #. Not rewritten.
package dev.beehive.runtime.hook;

public final class Run {
    private Run() {}

    public static void main(String[] arguments) throws Throwable {
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        HostEffects.asked.forEach(each -> System.out.println("#effect " + each));
        System.out.println("#held " + Monitors.held());
        System.out.println("#entered " + Monitors.entered);
        System.out.println("#filled " + Barrier.filled);
        System.out.println("#acquired " + Barrier.acquired);
        System.out.println("#released " + Barrier.released);
        System.out.println("#linked " + LambdaSites.linked);
        System.out.println("#redirected " + Atomics.redirected);
    }
}
