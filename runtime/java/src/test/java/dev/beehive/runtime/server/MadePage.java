// A class that nobody loads but the loader of pages: as if it had been made while the application ran.
package dev.beehive.runtime.server;

final class MadePage {
    private MadePage() {
    }
}
