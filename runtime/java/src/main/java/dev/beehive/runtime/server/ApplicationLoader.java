// Which loader is the application's: the one that workers have the like of. Mostly the loader of any root; but classes that
// are made while the application runs (pages that become servlets) have loaders of their own below it.
package dev.beehive.runtime.server;

import dev.beehive.runtime.memory.TrustedLookup;
import java.util.Collection;
import java.util.List;

/** Of one server; knows the classes of all its roots. */
final class ApplicationLoader {
    private final List<String> rootClasses;

    ApplicationLoader(Collection<String> rootClasses) {
        this.rootClasses = List.copyOf(rootClasses);
    }

    /** The highest loader above that of a root which has classes of roots itself; its own if there is none. */
    ClassLoader above(ClassLoader ofRoot) {
        ClassLoader highest = ofRoot;
        for (ClassLoader each = ofRoot; each != null; each = each.getParent()) {
            if (ownsRoot(each)) {
                highest = each;
            }
        }
        return highest;
    }

    private boolean ownsRoot(ClassLoader loader) {
        for (String name : rootClasses) {
            Class<?> found = TrustedLookup.loaded(loader, name);
            if (found != null && found.getClassLoader() == loader) {
                return true;
            }
        }
        return false;
    }
}
