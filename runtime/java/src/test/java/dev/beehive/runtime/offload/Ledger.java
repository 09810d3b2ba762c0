// The program of the simulation: a seeded walk over a graph of accounts that reads, writes, links, locks, calls home
// and sometimes throws. Run at home or on a worker it must do the same.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The receiver of the root. */
final class Ledger {
    static final Method RUN = method(Ledger.class, "run", long.class);
    static final Method DUMP = method(Ledger.class, "dump");
    static final Method UNDONE = method(Ledger.class, "undone", long.class);
    static final Method ECHO = method(Ledger.class, "echo", Object.class);
    private static final Method APPEND = method(Journal.class, "append", String.class);
    private static final Method SIZE = method(Journal.class, "size");
    private static final Method READER = method(Journal.class, "reader");
    private static final Method READ_BY = method(Journal.class, "readBy", Thread.class);
    private static final int ACCOUNTS = 12;
    private static final int STEPS = 30;
    private static final int ALL_STEPS = 14;
    /** Those of {@link #step} that ask home nothing, one shell apart. */
    private static final int QUIET_STEPS = 8;

    /** One node of the graph. */
    static final class Account {
        int number;
        long balance;
        boolean open = true;
        String note = "new";
        Account next;
        Object any;
        int[] history = new int[8];
        Account[] friends = new Account[3];
    }

    /** Stays at home. Others can see what is appended; each entry also changes the ledger, as another thread would. */
    static final class Journal {
        final List<String> entries = new ArrayList<>();
        Ledger ledger;

        int append(String text) {
            entries.add(text);
            Account account = ledger.accounts.get(entries.size() % ledger.accounts.size());
            account.balance += 1_000;
            account.note = account.note + "!";
            ledger.totals.merge("entries", 1L, Long::sum);
            return entries.size();
        }

        int size() {
            return entries.size();
        }

        /** What cannot travel. */
        Thread reader() {
            return Thread.currentThread();
        }

        void readBy(Thread reader) {
            throw new AssertionError("called with " + reader);
        }
    }

    /** Read only: both ends of the simulation are in one JVM. */
    static final class Rates {
        static int factor = 3;
    }

    List<Account> accounts = new ArrayList<>();
    Map<String, Long> totals = new HashMap<>();
    Map<Account, String> byIdentity = new HashMap<>();
    Map<String, Account> inOrder = new LinkedHashMap<>();
    Map<Account, Integer> marks = new IdentityHashMap<>();
    Journal journal = new Journal();

    static Ledger create() {
        Ledger ledger = new Ledger();
        ledger.journal.ledger = ledger;
        for (int i = 0; i < ACCOUNTS; i++) {
            Account account = new Account();
            account.number = i;
            ledger.accounts.add(account);
            account.next = ledger.accounts.get(i / 2);
            ledger.byIdentity.put(account, "a" + i);
        }
        return ledger;
    }

    /** What stays home at first: the journal always, accounts by number. */
    static boolean ships(Object object, long seed) {
        if (object instanceof Account account) {
            return (account.number * 31L + seed) % 3 != 0;
        }
        return !(object instanceof Journal);
    }

    String run(long seed) {
        Port port = Port.CURRENT.get();
        Random random = new Random(seed);
        port.touch(this);
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < STEPS; i++) {
            seen.append(step(port, random, ALL_STEPS)).append(' ');
        }
        if (random.nextInt(5) == 0) {
            throw new IllegalArgumentException("thrown after " + seen);
        }
        return seen.toString();
    }

    /**
     * A walk of which nothing may be left anywhere: home must refuse it something, or it gives home what cannot travel, or
     * returns it. It may even notice, and go on.
     */
    Object undone(long seed) {
        Port port = Port.CURRENT.get();
        Random random = new Random(seed);
        port.touch(this);
        for (int i = 0; i < STEPS; i++) {
            step(port, random, QUIET_STEPS);
        }
        try {
            switch (random.nextInt(4)) {
                case 0 -> port.call(0, journal, READER);
                case 1 -> port.call(0, journal, READ_BY, new Thread());
                case 2 -> {
                    port.lock(accounts.get(0));
                    port.call(CallFlags.SYNC, journal, READER);
                }
                default -> {
                    return new Thread();
                }
            }
        } catch (WorkerLost e) {
            if (random.nextBoolean()) {
                throw e;
            }
        }
        step(port, random, QUIET_STEPS);
        port.resource("made/1");
        return "noticed";
    }

    /** A root whose argument may be one that cannot travel. */
    Object echo(Object value) {
        return value;
    }

    private String step(Port port, Random random, int kinds) {
        Account one = pick(port, random);
        Account other = pick(port, random);
        switch (random.nextInt(kinds)) {
            case 0 -> one.balance -= random.nextInt(100);
            case 1 -> one.note = "note " + random.nextInt(10);
            case 2 -> one.next = other;
            case 3 -> add(one, random);
            case 4 -> {
                totals.put("k" + random.nextInt(5), one.balance);
                inOrder.put("k" + random.nextInt(9), other);
            }
            case 5 -> {
                totals.remove("k" + random.nextInt(5));
                inOrder.remove("k" + random.nextInt(9));
            }
            case 6 -> {
                one.history[random.nextInt(8)] += other.number;
                marks.merge(one, 1, Integer::sum);
            }
            case 7 -> one.friends[random.nextInt(3)] = other;
            case 8 -> underLock(port, one, other, random);
            case 9 -> {
                return String.valueOf(port.call(CallFlags.SYNC | CallFlags.EFFECT, journal, APPEND, "e" + one.number));
            }
            case 10 -> {
                return String.valueOf(port.call(CallFlags.SYNC, journal, SIZE));
            }
            case 11 -> {
                return Arrays.toString(port.resource("made/" + random.nextInt(3)));
            }
            case 12 -> {
                port.statics(Rates.class);
                return String.valueOf(one.balance * Rates.factor);
            }
            default -> {
                return byIdentity.get(one) + one.balance + one.open + port.touch(one.next).note + totals.get("entries");
            }
        }
        return "";
    }

    private Account pick(Port port, Random random) {
        return port.touch(accounts.get(random.nextInt(accounts.size())));
    }

    private void add(Account one, Random random) {
        Account made = new Account();
        made.number = accounts.size();
        made.next = one;
        made.any = random.nextBoolean() ? List.of(one, made) : new Object[] {one.note, made.number};
        accounts.add(made);
        byIdentity.put(made, "made" + made.number);
        if (accounts.size() > 3 * ACCOUNTS) {
            byIdentity.remove(accounts.remove(ACCOUNTS));
        }
    }

    private void underLock(Port port, Account one, Account other, Random random) {
        port.lock(one);
        one.balance += 7;
        if (random.nextBoolean()) {
            port.lock(other);
            other.open = !other.open;
            port.unlock(other);
        }
        one.note += "~";
        port.unlock(one);
    }

    /** Everything that can be seen, with sharing, as text. */
    String dump() {
        Port port = Port.CURRENT.get();
        port.touch(this);
        Map<Object, Integer> numbers = new IdentityHashMap<>();
        StringBuilder text = new StringBuilder();
        for (Account account : accounts) {
            describe(port, account, numbers, text);
        }
        List<String> sorted = new ArrayList<>();
        byIdentity.forEach((account, name) -> sorted.add(number(account, numbers) + name));
        StringBuilder ordered = new StringBuilder();
        inOrder.forEach((key, account) -> ordered.append(key).append(number(account, numbers)));
        // Their order is that of addresses, more or less: who is not known by now has no number of its own.
        marks.forEach((account, times) -> sorted.add(numbers.getOrDefault(account, -1) + "*" + times));
        sorted.sort(null);
        return text + " " + new java.util.TreeMap<>(totals) + sorted + ordered;
    }

    private void describe(Port port, Account account, Map<Object, Integer> numbers, StringBuilder text) {
        port.touch(account);
        text.append(number(account, numbers)).append(':').append(account.number).append(' ').append(account.balance)
            .append(account.open).append(account.note).append("->").append(number(account.next, numbers));
        for (Account friend : account.friends) {
            text.append(',').append(number(friend, numbers));
        }
        text.append(Arrays.toString(account.history));
        if (account.any instanceof List<?> list) {
            list.forEach(each -> text.append('l').append(number(each, numbers)));
        } else if (account.any instanceof Object[] array) {
            text.append(array[0]).append(array[1]);
        }
        text.append('\n');
    }

    private static String number(Object object, Map<Object, Integer> numbers) {
        return object == null ? "-" : "#" + numbers.computeIfAbsent(object, o -> numbers.size());
    }

    private static Method method(Class<?> holder, String name, Class<?>... parameters) {
        try {
            Method method = holder.getDeclaredMethod(name, parameters);
            method.setAccessible(true);
            return method;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }
}
