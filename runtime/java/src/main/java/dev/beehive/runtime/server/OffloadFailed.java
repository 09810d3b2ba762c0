// The one way in which offload fails a request: a worker was lost after others could see what it had done. Running the
// root again would do that twice.
package dev.beehive.runtime.server;

/** Thrown out of the root; the application treats it like any failure. */
public final class OffloadFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OffloadFailed(String code, String text) {
        super(code + ": " + text);
    }
}
