// What application code can ask its JVM about and must be told alike on a worker: system properties, locale, time zone,
// and which classes are the worker's own.
// What describes the JVM itself stays as it is.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.WorkerNative;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;

/** Read from the server's JVM when a worker connects, put into force in the worker's before it runs anything. */
public final class HostSettings {
    private static final String LOCALE = "beehive:locale";
    private static final String ZONE = "beehive:zone";
    private static final String NATIVE = "beehive:worker-native";
    private static final int VALUE_CHARS_MAX = 4_000;
    private static final List<String> OF_THE_JVM = List.of("java.class.", "java.library.path", "java.home", "java.vm.",
        "java.version", "java.specification", "java.runtime.", "java.vendor", "java.security.manager", "jdk.", "sun.",
        "java.protocol.handler", "java.system.class.loader", "java.util.concurrent.ForkJoinPool", "user.dir", "beehive");

    private HostSettings() {
    }

    /** This JVM's. */
    public static Map<String, String> ofThisJvm() {
        Map<String, String> settings = new TreeMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            String value = System.getProperty(name);
            if (value != null && value.length() <= VALUE_CHARS_MAX && !isOfTheJvm(name)) {
                settings.put(name, value);
            }
        }
        settings.put(LOCALE, Locale.getDefault().toLanguageTag());
        settings.put(ZONE, TimeZone.getDefault().getID());
        settings.put(NATIVE, String.join(",", WorkerNative.prefixes()));
        return settings;
    }

    /** Makes this JVM's like the given ones. Properties that only this JVM has are removed. */
    public static void adopt(Map<String, String> settings) {
        if (settings.isEmpty()) {
            return;
        }
        for (String name : System.getProperties().stringPropertyNames()) {
            if (!isOfTheJvm(name) && !settings.containsKey(name)) {
                System.clearProperty(name);
            }
        }
        settings.forEach((name, value) -> {
            if (!name.startsWith("beehive:") && !isOfTheJvm(name)) {
                System.setProperty(name, value);
            }
        });
        String prefixes = settings.getOrDefault(NATIVE, "");
        WorkerNative.set(prefixes.isEmpty() ? List.of() : List.of(prefixes.split(",")));
        Locale.setDefault(Locale.forLanguageTag(settings.getOrDefault(LOCALE, "")));
        TimeZone.setDefault(TimeZone.getTimeZone(settings.getOrDefault(ZONE, "GMT")));
    }

    private static boolean isOfTheJvm(String name) {
        return OF_THE_JVM.stream().anyMatch(name::startsWith);
    }
}
