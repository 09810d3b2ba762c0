// Containers of Spring's with beans that are there and beans that are not.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.PropertyResolver;

class SpringBeansTest {
    /** Different kinds of beans. */
    static class Beans {
        @Bean
        StringBuilder made() {
            return new StringBuilder();
        }

        @Bean
        Part part() {
            return new Part();
        }

        @Bean
        @Lazy
        Thread later() {
            return new Thread();
        }

        @Bean
        @Scope("prototype")
        Object[] each() {
            return new Object[0];
        }

        @Bean
        FactoryBean<Runtime> product() {
            return new FactoryBean<>() {
                @Override
                public Runtime getObject() {
                    return Runtime.getRuntime();
                }

                @Override
                public Class<?> getObjectType() {
                    return Runtime.class;
                }
            };
        }
    }

    private static final AnnotationConfigApplicationContext CONTEXT = new AnnotationConfigApplicationContext(Beans.class);

    private static boolean isSeen(Class<?> type, Object target, String name, Object... arguments) {
        Method method = Stream.of(type.getMethods()).filter(each -> each.getName().equals(name) && Calls.fits(each, target, arguments))
            .findFirst().orElseThrow();
        return new HomeEffects().isSeen((CallKinds.flagsOf(method) & CallFlags.EFFECT) != 0, method, target, arguments);
    }

    @Test
    void aBeanThatIsThereIsFoundAgain() {
        for (BeanFactory each : new BeanFactory[] {CONTEXT, CONTEXT.getDefaultListableBeanFactory()}) {
            assertEquals(false, isSeen(BeanFactory.class, each, "getBean", "made"));
            assertEquals(false, isSeen(BeanFactory.class, each, "getBean", StringBuilder.class));
            assertEquals(false, isSeen(BeanFactory.class, each, "getBean", "made", StringBuilder.class));
            assertEquals(false, isSeen(ListableBeanFactory.class, each, "getBeansOfType", StringBuilder.class));
            assertEquals(false, isSeen(ListableBeanFactory.class, each, "getBeansOfType", Process.class));
        }
    }

    @Test
    void oneThatWouldBeMadeIsNotAsked() {
        assertEquals(true, isSeen(BeanFactory.class, CONTEXT, "getBean", "later"));
        assertEquals(true, isSeen(BeanFactory.class, CONTEXT, "getBean", Thread.class));
        assertEquals(true, isSeen(BeanFactory.class, CONTEXT, "getBean", "each"));
        assertEquals(true, isSeen(BeanFactory.class, CONTEXT, "getBean", "nowhere"));
        assertEquals(true, isSeen(ListableBeanFactory.class, CONTEXT, "getBeansOfType", Object.class));
    }

    @Test
    void theProductOfAFactoryIsThereOnceItWasAskedFor() {
        assertEquals(true, isSeen(BeanFactory.class, CONTEXT, "getBean", Runtime.class));
        CONTEXT.getBean(Runtime.class);
        assertEquals(false, isSeen(BeanFactory.class, CONTEXT, "getBean", Runtime.class));
        assertEquals(false, isSeen(BeanFactory.class, CONTEXT, "getBean", "product"));
    }

    /** A bean of the application's. */
    record Part() {
    }

    /** Holds it by way of a proxy. */
    record Holder(Part part, List<Runtime> many) {
    }

    @Test
    void whatALazyDependencyStandsForIsFoundAgain() throws Exception {
        DefaultListableBeanFactory factory = CONTEXT.getDefaultListableBeanFactory();
        for (Field each : Holder.class.getDeclaredFields()) {
            DependencyDescriptor wanted = new DependencyDescriptor(each, true);
            boolean seen = isSeen(DefaultListableBeanFactory.class, factory, "doResolveDependency", wanted, "holder", null, null);
            assertEquals(each.getType() == List.class, seen, each.getName());
        }
        assertEquals(true, isSeen(DefaultListableBeanFactory.class, factory, "registerDependentBean", "made", "holder"));
        factory.registerDependentBean("made", "holder");
        assertEquals(false, isSeen(DefaultListableBeanFactory.class, factory, "registerDependentBean", "made", "holder"));
    }

    @Test
    void settingsAreOnlyRead() {
        assertEquals(false, isSeen(PropertyResolver.class, CONTEXT.getEnvironment(), "containsProperty", "x"));
        assertEquals(false, isSeen(PropertyResolver.class, CONTEXT.getEnvironment(), "getProperty", "x"));
    }
}
