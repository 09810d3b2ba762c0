// A mapping on a generic interface: the class that implements it has another descriptor.
package contract;

import org.springframework.web.bind.annotation.RequestMapping;

public interface Reading<K> {
    @RequestMapping
    Object read(K key);
}
