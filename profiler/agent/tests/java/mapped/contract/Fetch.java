// A mapping of the application's own.
package contract;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.springframework.web.bind.annotation.GetMapping;

@GetMapping
@Retention(RetentionPolicy.RUNTIME)
public @interface Fetch {
}
