// The graph that every codec carries: 10 owners of 40 items each, with strings, records, decimals, an enum, a linked
// list of all items, a map keyed by identity and a block of bytes. Also says whether two such graphs are equal.
package dev.beehive.runtime.bench;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The root. */
public final class Shop implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int OWNERS = 10;
    private static final int ITEMS = 40;
    private static final int PICTURE_BYTES = 2000;

    /** Where an item stands. */
    public enum State {
        NEW, SOLD, GONE
    }

    /** A value without identity of interest. */
    public record Place(int row, int column, String hall) implements Serializable {
    }

    /** Someone with a list of items. */
    public static final class Owner implements Serializable {
        private static final long serialVersionUID = 1L;
        String name;
        int age;
        List<Item> items = new ArrayList<>();
    }

    /** Compared by identity: it has no equals. */
    public static final class Item implements Serializable {
        private static final long serialVersionUID = 1L;
        String title;
        long serial;
        boolean fragile;
        BigDecimal price;
        State state;
        Place place;
        Owner owner;
    }

    /** The linked list. */
    public static final class Link implements Serializable {
        private static final long serialVersionUID = 1L;
        Item item;
        Link next;
    }

    List<Owner> owners = new ArrayList<>();
    Link first;
    Map<Item, Integer> shelf = new HashMap<>();
    byte[] picture = new byte[PICTURE_BYTES];

    /** The same contents every time; every object of it is new. */
    public static Shop build() {
        Shop shop = new Shop();
        for (int o = 0; o < OWNERS; o++) {
            Owner owner = new Owner();
            owner.name = "owner " + o;
            owner.age = 30 + o;
            shop.owners.add(owner);
            for (int i = 0; i < ITEMS; i++) {
                shop.addItem(owner, o * ITEMS + i);
            }
        }
        for (int i = 0; i < PICTURE_BYTES; i++) {
            shop.picture[i] = (byte) (i * 7);
        }
        return shop;
    }

    private void addItem(Owner owner, int n) {
        Item item = new Item();
        item.title = "item number " + n;
        item.serial = 1_000L * n;
        item.fragile = n % 3 == 0;
        item.price = BigDecimal.valueOf(100 + n, 2);
        item.state = State.values()[n % 3];
        item.place = n % 10 == 0 ? new Place(n, n / 10, "hall " + n % 4) : null;
        item.owner = owner;
        owner.items.add(item);
        if (n % 20 == 0) {
            shelf.put(item, n);
        }
        Link link = new Link();
        link.item = item;
        link.next = first;
        first = link;
    }

    /** Whether a decoded graph has the same contents and the same sharing as a fresh one. */
    public static boolean isSound(Shop decoded) {
        Shop wanted = build();
        Link mine = wanted.first;
        Link its = decoded.first;
        for (; mine != null && its != null; mine = mine.next, its = its.next) {
            boolean shared = its.item.owner.items.contains(its.item) && decoded.owners.contains(its.item.owner);
            boolean equal = mine.item.title.equals(its.item.title) && mine.item.serial == its.item.serial
                && mine.item.price.equals(its.item.price) && mine.item.state == its.item.state
                && java.util.Objects.equals(mine.item.place, its.item.place);
            Integer onShelf = wanted.shelf.get(mine.item);
            if (!shared || !equal || !java.util.Objects.equals(onShelf, decoded.shelf.get(its.item))) {
                return false;
            }
        }
        return mine == null && its == null && java.util.Arrays.equals(wanted.picture, decoded.picture)
            && decoded.shelf.size() == wanted.shelf.size();
    }
}
