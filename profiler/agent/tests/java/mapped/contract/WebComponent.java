// A stereotype composed of Spring's.
package contract;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.springframework.stereotype.Component;

@Component
@WebComponent
@Retention(RetentionPolicy.RUNTIME)
public @interface WebComponent {
}
