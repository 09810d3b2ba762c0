// An application that lives below a framework's name, as published samples do.
package org.springframework.samples.beehive;

/** Only its name matters. */
public final class Sample {
}
