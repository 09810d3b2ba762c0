// A stereotype composed twice over: of one that is composed of Spring's.
package contract;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

@WebComponent
@Retention(RetentionPolicy.RUNTIME)
public @interface JsonController {
}
