// What writes the references of an answer. Called again when the answer turns out to need an initialiser first.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.OffloadRefused;

/** Of one answer. */
interface Writing {
    void write() throws OffloadRefused;

    /** Writes the answer and its contents; refused where that needs a class that is nowhere. */
    default void into(Encoder encoder) throws OffloadRefused {
        try {
            write();
            encoder.finish();
        } catch (NoClassDefFoundError e) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_CLASS_MISSING, String.valueOf(e.getMessage()), "");
        }
    }
}
