// The settings of a run, as `beehive run` has written them: lines `key=value`, values percent-encoded.
package dev.beehive.runtime.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Read once, at the start. */
final class RunConf {
    private final Map<String, String> values = new HashMap<>();

    private RunConf() {
    }

    static RunConf read(String path) throws IOException {
        RunConf conf = new RunConf();
        for (String line : Files.readAllLines(Path.of(path), StandardCharsets.UTF_8)) {
            int equals = line.indexOf('=');
            if (equals > 0 && line.charAt(0) != '#') {
                conf.values.put(line.substring(0, equals).trim(), line.substring(equals + 1).trim());
            }
        }
        return conf;
    }

    /** A value; `otherwise` when it is not set. */
    String text(String key, String otherwise) {
        String value = values.get(key);
        return value == null ? otherwise : decode(value);
    }

    /** A whole number; `otherwise` when it is not set or none. */
    int number(String key, int otherwise) {
        try {
            return Integer.parseInt(text(key, String.valueOf(otherwise)));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /** Elements, each encoded, between commas. */
    List<String> list(String key) {
        List<String> elements = new ArrayList<>();
        for (String each : values.getOrDefault(key, "").split(",")) {
            if (!each.isEmpty()) {
                elements.add(decode(each));
            }
        }
        return elements;
    }

    /** The roots, `class#name(descriptor)`, by number from 0 on. */
    List<String> roots() {
        List<String> roots = new ArrayList<>();
        for (int i = 0; values.containsKey("root." + i); i++) {
            roots.add(text("root." + i, ""));
        }
        return roots;
    }

    static String decode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            boolean coded = text.charAt(i) == '%' && i + 2 < text.length();
            if (coded) {
                bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(text.charAt(i)).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Percent-encodes what would end a word or a value. */
    static String encode(String text) {
        StringBuilder out = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = each > ' ' && each < 127 && each != '%' && each != '=' && each != ',';
            out.append(plain ? String.valueOf((char) each) : String.format("%%%02X", each & 0xff));
        }
        return out.toString();
    }
}
