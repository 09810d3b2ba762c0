// Marks the classes that a worker generates to stand in for objects that stay at home.
package dev.beehive.runtime.codec;

/** Implemented by stand-ins only. */
public interface PinnedStub {
}
