// Whose bytes a loader of pages defines under another name: as if the class had been made while the application ran.
package dev.beehive.runtime.server;

final class MadePage {
    private MadePage() {
    }
}
