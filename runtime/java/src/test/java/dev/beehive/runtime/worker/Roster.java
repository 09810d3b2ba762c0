// Collections that hold threads, and a root's reading of them past what it is: what cannot travel is in them, but is not
// looked at. Written as the rewriting would leave it.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.hook.Barrier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.WeakHashMap;

/** Of one shop. */
public final class Roster {
    public transient int $bh;
    final Map<Thread, String> tasks = new WeakHashMap<>();
    final TreeMap<String, Object> byName = new TreeMap<>();
    final List<Object> queue = new ArrayList<>();

    /** With a thread in each of them. */
    static Roster full(Thread other) {
        Roster roster = new Roster();
        roster.tasks.put(other, "other");
        roster.byName.putAll(Map.of("ann", 1, "eve", 2, "zoe", other));
        roster.queue.addAll(List.of("first", other, "third", "last"));
        return roster;
    }

    /** What each view shows of the collections that it is one of. */
    String describe(String task) {
        Barrier.read(this, $bh);
        StringBuilder seen = new StringBuilder();
        String before = tasks.put(Thread.currentThread(), task);
        seen.append(before).append(tasks.get(Thread.currentThread())).append(tasks.size());
        for (String each : byName.headMap("m").keySet()) {
            seen.append(' ').append(each);
        }
        for (Map.Entry<String, Object> each : Collections.unmodifiableMap(byName).entrySet()) {
            if (each.getKey().equals("eve")) {
                break;
            }
            seen.append(' ').append(each.getValue());
        }
        Iterator<Object> steps = queue.subList(2, 4).iterator();
        while (steps.hasNext()) {
            seen.append(' ').append(steps.next());
        }
        return seen.append(new ArrayList<>(byName.navigableKeySet())).append(byName.lastKey()).toString();
    }
}
