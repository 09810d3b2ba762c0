// Requests, responses and sessions as containers give them: what a root does to them, seen by others or not, put back or not.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServletsTest {
    private final HomeEffects effects = new HomeEffects();
    private final Map<String, Object> attributes = new HashMap<>();
    private final HttpSession session = attributed(HttpSession.class, null);
    private final HttpServletRequest request = attributed(HttpServletRequest.class, session);
    private final HttpServletRequest alone = attributed(HttpServletRequest.class, null);

    /** An object of a container's that keeps attributes; a request with this session. */
    private <T> T attributed(Class<T> type, HttpSession of) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) ->
            switch (method.getName()) {
                case "getAttribute" -> attributes.get(given[0]);
                case "setAttribute" -> attributes.put((String) given[0], given[1]);
                case "removeAttribute" -> attributes.remove(given[0]);
                case "getSession" -> of;
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == given[0];
                default -> throw new UnsupportedOperationException(method.getName());
            }));
    }

    private static Method method(Class<?> type, String name, int parameters) {
        return Stream.of(type.getMethods()).filter(each -> each.getName().equals(name) && each.getParameterCount() == parameters)
            .findFirst().orElseThrow();
    }

    private boolean isSeen(Object target, Class<?> type, String name, Object... arguments) {
        Method method = method(type, name, arguments.length);
        boolean effect = (CallKinds.flagsOf(method) & CallFlags.EFFECT) != 0;
        return effects.isSeen(effect, method, target, arguments);
    }

    @Test
    void attributesOfARequestArePutBack() {
        attributes.put("old", 1);
        assertFalse(isSeen(request, ServletRequest.class, "setAttribute", "old", 2));
        request.setAttribute("old", 2);
        assertFalse(isSeen(request, ServletRequest.class, "setAttribute", "new", 3));
        request.setAttribute("new", 3);
        assertFalse(isSeen(request, ServletRequest.class, "removeAttribute", "old"));
        request.removeAttribute("old");
        assertEquals(Map.of("new", 3), attributes);
        effects.takeBack();
        assertEquals(Map.of("old", 1), attributes);
    }

    @Test
    void aSessionThatIsThereIsFoundAndOneThatIsNotWouldBeMade() {
        assertFalse(isSeen(request, HttpServletRequest.class, "getSession"));
        assertFalse(isSeen(request, HttpServletRequest.class, "getSession", true));
        assertFalse(isSeen(alone, HttpServletRequest.class, "getSession", false));
        assertTrue(isSeen(alone, HttpServletRequest.class, "getSession"));
    }

    @Test
    void aShadowHasAttributesOfItsOwnInSessions() throws Exception {
        Overlay overlay = new Overlay();
        Method set = method(HttpSession.class, "setAttribute", 2);
        Method get = method(HttpSession.class, "getAttribute", 1);
        attributes.put("cart", "full");
        assertTrue(isSeen(session, HttpSession.class, "setAttribute", "cart", "empty"));
        assertTrue(overlay.covers(set, session));
        assertTrue(overlay.answer(get, session, new Object[] {"cart"}).isEmpty());
        overlay.answer(set, session, new Object[] {"cart", "empty"});
        assertEquals("empty", overlay.answer(get, session, new Object[] {"cart"}).orElseThrow().value());
        overlay.answer(method(HttpSession.class, "removeAttribute", 1), session, new Object[] {"cart"});
        assertEquals(null, overlay.answer(get, session, new Object[] {"cart"}).orElseThrow().value());
        assertEquals("full", attributes.get("cart"));
        assertFalse(overlay.covers(method(HttpSession.class, "invalidate", 0), session));
    }

    @Test
    void headersAreOnlyTold() {
        HttpServletResponse response = attributed(HttpServletResponse.class, null);
        for (Object[] told : new Object[][] {{"addHeader", "a", "b"}, {"setStatus", 201}, {"setContentType", "text/plain"}}) {
            Method method = method(HttpServletResponse.class, (String) told[0], told.length - 1);
            assertTrue(effects.isSeen(true, method, response, null), method.getName());
            assertTrue(HomeEffects.canBeLeftOut(method, response), method.getName());
        }
        assertFalse(HomeEffects.canBeLeftOut(method(HttpServletResponse.class, "sendRedirect", 1), response));
        assertFalse(isSeen(response, HttpServletResponse.class, "encodeURL", "/x"));
        assertFalse(isSeen(response, HttpServletResponse.class, "containsHeader", "x"));
    }

    @Test
    void theUrlOfARequestIsTheCallersOwn() {
        assertTrue(CallKinds.makesResult(method(HttpServletRequest.class, "getRequestURL", 0)));
        assertFalse(CallKinds.makesResult(method(HttpServletRequest.class, "getRequestURI", 0)));
    }
}
