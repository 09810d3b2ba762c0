// The application is where its roots are, not where one of them happens to be.
package dev.beehive.runtime.server;

import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApplicationLoaderTest {
    /** Has one class of its own, as a page that became a servlet has. */
    private static final class PageLoader extends ClassLoader {
        PageLoader(ClassLoader parent) {
            super(parent);
        }

        Class<?> page() throws IOException {
            try (InputStream in = getResourceAsStream(MadePage.class.getName().replace('.', '/') + ".class")) {
                // Under a name that no other loader has a class for.
                String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).replace("MadePage", "PageMade");
                byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
                return defineClass(MadePage.class.getPackageName() + ".PageMade", bytes, 0, bytes.length);
            }
        }
    }

    private final ClassLoader application = ApplicationLoaderTest.class.getClassLoader();
    private final PageLoader pages = new PageLoader(new ClassLoader(application) {
    });

    @Test
    void aPageIsOfTheApplicationBelowWhichItWasMade() throws Exception {
        Class<?> page = pages.page();
        ApplicationLoader loaders = new ApplicationLoader(List.of(page.getName(), ApplicationLoaderTest.class.getName()));
        assertSame(application, loaders.above(page.getClassLoader()));
        assertSame(application, loaders.above(application));
    }

    @Test
    void whereNoOtherRootIsAPagesLoaderIsTheApplications() throws Exception {
        Class<?> page = pages.page();
        assertSame(pages, new ApplicationLoader(List.of(page.getName())).above(pages));
        assertSame(pages, new ApplicationLoader(List.of("not.loaded.Yet")).above(pages));
    }
}
