// A codec under measurement: encodes its own copy of the graph, decodes the bytes.
package dev.beehive.runtime.bench;

/** One codec. */
interface Contender {
    String name();

    /** The graph as bytes, with fresh tables. */
    byte[] encode(Object graph) throws Exception;

    /** A graph like the one that was encoded. */
    Object decode(byte[] bytes) throws Exception;
}
