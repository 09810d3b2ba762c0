// Which classes are widely used frameworks', whose caches, published fields and numbers are known to be what they seem.
// Never those of the packages that roots are in: samples and whole products live below the frameworks' own names.
package dev.beehive.runtime.offload;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** By package; asked for any class that a framework's name may be the beginning of. */
public final class Frameworks {
    /** Segments of a package that are its owner's: all projects below share their code. */
    private static final int OWN_SEGMENTS = 3;
    private static final List<String> PACKAGES = List.of("org.hibernate.", "org.springframework.", "org.apache.catalina.",
        "org.apache.tomcat.", "org.apache.coyote.", "org.apache.naming.", "org.apache.el.", "org.apache.jasper.",
        "org.apache.commons.", "org.apache.logging.", "org.apache.ibatis.", "org.mybatis.", "com.fasterxml.", "org.jboss.",
        "net.bytebuddy.", "jakarta.", "com.zaxxer.", "io.micrometer.", "org.slf4j.", "ch.qos.logback.", "org.antlr.");
    /** Of roots, each with a dot at its end. */
    private static final Set<String> APPLICATIONS = ConcurrentHashMap.newKeySet();

    private Frameworks() {
    }

    /** Notes the class of a root: it and what is beside it are the application's. */
    public static void addApplication(Class<?> root) {
        String name = root.getName();
        int end = -1;
        for (int i = 0; i < OWN_SEGMENTS; i++) {
            int next = name.indexOf('.', end + 1);
            end = next < 0 ? end : next;
        }
        if (end > 0) {
            APPLICATIONS.add(name.substring(0, end + 1));
        }
    }

    /** Whether a class is in the packages of roots, or beside them. */
    static boolean isApplication(Class<?> type) {
        return startsWithAny(type.getName(), APPLICATIONS);
    }

    /** Whether a class is one of the frameworks'. */
    public static boolean include(Class<?> type) {
        return include(type.getName(), PACKAGES);
    }

    /** Whether a class of this name is in or below one of these packages, and not the application's. */
    public static boolean include(String name, List<String> packages) {
        return startsWithAny(name, packages) && !startsWithAny(name, APPLICATIONS);
    }

    private static boolean startsWithAny(String name, Iterable<String> beginnings) {
        for (String each : beginnings) {
            if (name.startsWith(each)) {
                return true;
            }
        }
        return false;
    }
}
