// Stands for a framework's annotation: the agent knows it by its name.
package org.springframework.web.bind.annotation;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

@Retention(RetentionPolicy.RUNTIME)
@RequestMapping
public @interface GetMapping {
}
