// A map that counts as a framework's cache, by its name: what is put into it stays when an invocation is taken back.
package org.springframework.beehive;

import java.util.concurrent.ConcurrentHashMap;

public class FrameworkCache extends ConcurrentHashMap<String, Object> {
    private static final long serialVersionUID = 1L;
}
