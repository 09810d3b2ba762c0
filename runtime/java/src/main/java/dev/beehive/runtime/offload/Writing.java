// What writes the references of an answer. Called again when the answer turns out to need an initialiser first.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.OffloadRefused;

/** Of one answer. */
interface Writing {
    void write() throws OffloadRefused;
}
