// What a root does to its request, its response and sessions, judged by what the Servlet API says of each: attributes of the
// request are this thread's, and can be put back; headers are only told; those of sessions and of the application are others', too.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Of either namespace; names stand here so that nothing depends on the API. */
final class Servlets {
    private static final Set<String> ATTRIBUTE_WRITES = Set.of("setAttribute", "removeAttribute");
    private static final List<String> REQUESTS = List.of("jakarta.servlet.ServletRequest", "javax.servlet.ServletRequest");
    private static final List<String> RESPONSES = List.of("jakarta.servlet.ServletResponse", "javax.servlet.ServletResponse");
    private static final List<String> OF_OTHERS_TOO = List.of("jakarta.servlet.http.HttpSession", "javax.servlet.http.HttpSession",
        "jakarta.servlet.ServletContext", "javax.servlet.ServletContext");
    /** What a response is told before its body; nothing of it is read by the application but by chance. */
    private static final Set<String> TOLD = Set.of("setHeader", "addHeader", "setIntHeader", "addIntHeader", "setDateHeader",
        "addDateHeader", "addCookie", "setStatus", "setContentType", "setCharacterEncoding", "setContentLength",
        "setContentLengthLong", "setLocale");

    private Servlets() {
    }

    /** Whether a call finds what is there: the session, if the request has one. */
    static boolean isHit(Method method, Object target, Object[] arguments) {
        if (!method.getName().equals("getSession") || !isOneOf(target, REQUESTS)) {
            return false;
        }
        if (arguments.length == 1 && Boolean.FALSE.equals(arguments[0])) {
            return true;
        }
        try {
            return call(target, "getSession", new Class<?>[] {boolean.class}, false) != null;
        } catch (Throwable e) {
            return false;
        }
    }

    /** What puts back the attribute of a request that a call is about to change; null for any other call. */
    static Runnable undoOf(Method method, Object target, Object[] arguments) {
        if (!ATTRIBUTE_WRITES.contains(method.getName()) || !isOneOf(target, REQUESTS) || !(arguments[0] instanceof String name)) {
            return null;
        }
        try {
            Object before = call(target, "getAttribute", new Class<?>[] {String.class}, name);
            return () -> putBack(target, name, before);
        } catch (Throwable e) {
            return null;
        }
    }

    private static void putBack(Object request, String name, Object before) {
        try {
            if (before == null) {
                call(request, "removeAttribute", new Class<?>[] {String.class}, name);
            } else {
                call(request, "setAttribute", new Class<?>[] {String.class, Object.class}, name, before);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("attribute " + name + " of a request cannot be put back", e);
        }
    }

    /** Whether a shadow can do without: only the client is told. */
    static boolean isTold(Method method, Object target) {
        return method.getReturnType() == void.class && TOLD.contains(method.getName()) && isOneOf(target, RESPONSES);
    }

    /** Whether a call reads or writes an attribute that other threads may read. */
    static boolean isAttributeOfOthers(Method method, Object target) {
        boolean named = ATTRIBUTE_WRITES.contains(method.getName()) || method.getName().equals("getAttribute");
        return named && isOneOf(target, OF_OTHERS_TOO);
    }

    private static Object call(Object target, String name, Class<?>[] types, Object... arguments) throws Throwable {
        for (Method each : target.getClass().getMethods()) {
            if (each.getName().equals(name) && Arrays.equals(each.getParameterTypes(), types)) {
                return Calls.virtually(each, target, arguments);
            }
        }
        throw new NoSuchMethodException(name);
    }

    private static boolean isOneOf(Object target, List<String> names) {
        return target != null && extendsOne(target.getClass(), names);
    }

    private static boolean extendsOne(Class<?> type, List<String> names) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (names.contains(c.getName())) {
                return true;
            }
            for (Class<?> each : c.getInterfaces()) {
                if (extendsOne(each, names)) {
                    return true;
                }
            }
        }
        return false;
    }
}
