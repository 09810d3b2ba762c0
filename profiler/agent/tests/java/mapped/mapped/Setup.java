// Composed of a stereotype, but serves no requests.
package mapped;

import org.springframework.context.annotation.Configuration;

@Configuration
class Setup {
    Object bean() {
        return Integer.valueOf("5000");
    }
}
