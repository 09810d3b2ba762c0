// The four codecs, each set up as its documentation recommends for graphs with shared references.
package dev.beehive.runtime.bench;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.beehive.runtime.codec.Closure;
import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.codec.Side;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.apache.fory.Fory;
import org.apache.fory.config.Language;

/** Builds them. */
final class Contenders {
    private static final List<Class<?>> REGISTERED = List.of(Shop.class, Shop.Owner.class, Shop.Item.class,
        Shop.Link.class, Shop.Place.class, Shop.State.class, ArrayList.class, HashMap.class, BigDecimal.class,
        byte[].class);

    private Contenders() {
    }

    static List<Contender> all() {
        return List.of(new Beehive(), new KryoCodec(), new ForyCodec(), new JavaSerialization());
    }

    private static final class Beehive implements Contender {
        private static final long SEED = 7;
        private final CodecSession server = session(Side.SERVER);
        private final CodecSession worker = session(Side.WORKER);

        private static CodecSession session(Side side) {
            return new CodecSession(side, SEED, Shop.class.getClassLoader(), Closure.EVERYTHING, Limits.STANDARD);
        }

        @Override
        public String name() {
            return "beehive";
        }

        @Override
        public byte[] encode(Object graph) throws Exception {
            server.reset();
            server.encoder().begin();
            server.encoder().writeRoot(graph);
            server.encoder().finish();
            return server.encoder().writer().toByteArray();
        }

        @Override
        public Object decode(byte[] bytes) throws Exception {
            worker.reset();
            worker.decoder().begin(bytes, 0, bytes.length);
            Object root = worker.decoder().readRoot();
            worker.decoder().finish();
            return root;
        }
    }

    private static final class KryoCodec implements Contender {
        private final Kryo kryo = new Kryo();
        private final Output output = new Output(1 << 16, -1);

        KryoCodec() {
            kryo.setReferences(true);
            kryo.setRegistrationRequired(true);
            REGISTERED.forEach(kryo::register);
        }

        @Override
        public String name() {
            return "kryo 5.6.2";
        }

        @Override
        public byte[] encode(Object graph) {
            output.reset();
            kryo.writeClassAndObject(output, graph);
            return output.toBytes();
        }

        @Override
        public Object decode(byte[] bytes) {
            return kryo.readClassAndObject(new Input(bytes));
        }
    }

    private static final class ForyCodec implements Contender {
        private final Fory fory = Fory.builder().withLanguage(Language.JAVA).withRefTracking(true)
            .requireClassRegistration(true).withMaxDepth(10_000).withAsyncCompilation(false).build();

        ForyCodec() {
            REGISTERED.forEach(fory::register);
        }

        @Override
        public String name() {
            return "fory 0.12.3";
        }

        @Override
        public byte[] encode(Object graph) {
            return fory.serialize(graph);
        }

        @Override
        public Object decode(byte[] bytes) {
            return fory.deserialize(bytes);
        }
    }

    private static final class JavaSerialization implements Contender {
        @Override
        public String name() {
            return "java";
        }

        @Override
        public byte[] encode(Object graph) throws Exception {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(graph);
            }
            return bytes.toByteArray();
        }

        @Override
        public Object decode(byte[] bytes) throws Exception {
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
                return in.readObject();
            }
        }
    }
}
