// Writes JSON on one line: objects, arrays of objects, numbers and texts. No more is needed for `measured`.
package dev.beehive.runtime.server;

/** Members in the order in which they are written. */
final class Json {
    private final StringBuilder out = new StringBuilder("{");
    private final StringBuilder closers = new StringBuilder("}");
    private boolean first = true;

    Json number(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    Json text(String name, String value) {
        name(name);
        quote(value);
        return this;
    }

    /** Begins an object; an element of an array when it has no name. */
    Json open(String name) {
        name(name);
        return begin('{', '}');
    }

    Json openArray(String name) {
        name(name);
        return begin('[', ']');
    }

    private Json begin(char opener, char closer) {
        out.append(opener);
        closers.append(closer);
        first = true;
        return this;
    }

    /** Ends what was begun last. */
    Json close() {
        out.append(closers.charAt(closers.length() - 1));
        closers.setLength(closers.length() - 1);
        first = false;
        return this;
    }

    @Override
    public String toString() {
        return out + new StringBuilder(closers).reverse().toString();
    }

    private void name(String name) {
        if (!first) {
            out.append(',');
        }
        first = false;
        if (name != null) {
            quote(name);
            out.append(':');
        }
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
