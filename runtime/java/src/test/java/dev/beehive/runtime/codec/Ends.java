// Two ends of a connection in one JVM, for tests: what one end encodes the other decodes.
package dev.beehive.runtime.codec;

import java.util.IdentityHashMap;
import java.util.Map;

/** A server's and a worker's codec session. */
final class Ends {
    static final long SEED = 42;

    final CodecSession server;
    final CodecSession worker;

    Ends(Closure closure, Limits limits) {
        ClassLoader loader = Ends.class.getClassLoader();
        server = new CodecSession(Side.SERVER, SEED, loader, closure, limits);
        worker = new CodecSession(Side.WORKER, SEED, loader, Closure.EVERYTHING, limits);
    }

    Ends() {
        this(Closure.EVERYTHING, Limits.STANDARD);
    }

    @SuppressWarnings("unchecked")
    <T> T toWorker(T root) throws OffloadRefused, MalformedMessage {
        return (T) decode(worker, encode(server, root));
    }

    @SuppressWarnings("unchecked")
    <T> T toServer(T root) throws OffloadRefused, MalformedMessage {
        return (T) decode(server, encode(worker, root));
    }

    static byte[] encode(CodecSession from, Object root) throws OffloadRefused {
        from.encoder().begin();
        from.encoder().writeRoot(root);
        from.encoder().finish();
        return from.encoder().writer().toByteArray();
    }

    static Object decode(CodecSession to, byte[] bytes) throws MalformedMessage {
        to.decoder().begin(bytes, 0, bytes.length);
        Object root = to.decoder().readRoot();
        to.decoder().finish();
        return root;
    }

    /** All that can be reached, in one order, each object under a number, so that sharing shows. */
    static String asText(Object root) {
        Map<Object, Integer> numbers = new IdentityHashMap<>();
        StringBuilder text = new StringBuilder();
        Reach.visit(root, object -> {
            text.append('#').append(numbers.computeIfAbsent(object, o -> numbers.size()));
            text.append(' ').append(object.getClass().getSimpleName());
            Shapes.of(object.getClass()).visit(object, (target, field, index) ->
                text.append(' ').append(numbers.computeIfAbsent(target, o -> numbers.size())));
            text.append('\n');
        });
        return text.toString();
    }

    /** A copy through a connection of its own. */
    static <T> T copy(T root) throws OffloadRefused, MalformedMessage {
        return new Ends().toWorker(root);
    }
}
