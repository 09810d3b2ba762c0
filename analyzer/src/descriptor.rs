//! What a method's descriptor alone says about offloading: arguments and results that are open
//! streams, requests or sessions, and results that are completed on another thread. Names are the
//! Java platform's, Jakarta Servlet's, Spring's, Reactor's, RxJava's and Mutiny's.

/// Types that stand for something open at the server: no equal exists on a worker.
const OPEN: &[&str] = &[
    "java.io.File",
    "java.io.RandomAccessFile",
    "java.nio.channels.",
    "java.net.Socket",
    "java.net.ServerSocket",
    "java.net.DatagramSocket",
    "java.util.Scanner",
    "java.sql.Connection",
    "java.sql.ResultSet",
    "java.util.stream.Stream",
    "com.sun.net.httpserver.HttpExchange",
    "jakarta.servlet.",
    "javax.servlet.",
    "jakarta.ws.rs.core.StreamingOutput",
    "org.springframework.web.multipart.MultipartFile",
    "org.springframework.http.server.",
    "org.springframework.web.context.request.",
    "org.springframework.web.server.ServerWebExchange",
    "org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody",
    "org.springframework.core.io.Resource",
    "org.springframework.core.io.InputStreamSource",
    "io.vertx.ext.web.RoutingContext",
    "io.vertx.core.http.",
    "io.micronaut.http.HttpRequest",
    "io.micronaut.http.multipart.",
    "io.netty.",
];

/// Plain values among them.
const VALUES: &[&str] = &[
    "jakarta.servlet.DispatcherType",
    "jakarta.servlet.http.Cookie",
    "javax.servlet.DispatcherType",
    "javax.servlet.http.Cookie",
    "io.vertx.core.http.HttpMethod",
    "io.vertx.core.http.HttpVersion",
    "io.netty.handler.codec.http.HttpMethod",
    "io.netty.handler.codec.http.HttpResponseStatus",
    "io.netty.handler.codec.http.HttpVersion",
];

/// Packages and endings of the JDK's streams, which may be anybody's.
const STREAM_PACKAGES: &[&str] = &["java.io.", "java.util.zip.", "java.util.jar."];
const STREAM_ENDINGS: &[&str] = &["InputStream", "OutputStream", "Reader", "Writer", "PrintStream"];

/// Streams that hold what they read or write in memory.
const IN_MEMORY: &[&str] = &["ByteArray", "CharArray", "String"];

/// Result types that are completed later, by another thread.
const LATER: &[&str] = &[
    "java.util.concurrent.Future",
    "java.util.concurrent.Callable",
    "java.util.concurrent.CompletionStage",
    "java.util.concurrent.CompletableFuture",
    "java.util.concurrent.Flow$Publisher",
    "org.reactivestreams.Publisher",
    "reactor.core.publisher.",
    "io.reactivex.",
    "io.smallrye.mutiny.",
    "io.vertx.core.Future",
    "kotlinx.coroutines.",
    "org.springframework.web.context.request.async.DeferredResult",
    "org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter",
    "org.springframework.web.servlet.mvc.method.annotation.SseEmitter",
];

/// What the descriptor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An argument that is open at the server: its type.
    OpenArgument(String),
    /// A result that stays open at the worker: its type.
    OpenResult(String),
    /// A result that another thread completes: its type.
    LaterResult(String),
}

/// The obstacle in a method's descriptor, if any.
pub(crate) fn obstacle(descriptor: &str) -> Option<Shape> {
    if let Some(open) = parameters(descriptor).filter_map(class_name).find(|c| is_open(c)) {
        return Some(Shape::OpenArgument(open));
    }
    let result = descriptor.rsplit(')').next().and_then(class_name)?;
    if is_in(LATER, &result) {
        return Some(Shape::LaterResult(result));
    }
    is_open(&result).then_some(Shape::OpenResult(result))
}

fn is_open(class: &str) -> bool {
    is_in(OPEN, class) && !is_in(VALUES, class) || is_stream(class)
}

fn is_stream(class: &str) -> bool {
    let name = STREAM_PACKAGES.iter().find_map(|package| class.strip_prefix(package));
    name.is_some_and(|name| {
        STREAM_ENDINGS.iter().any(|ending| name.ends_with(ending))
            && !IN_MEMORY.iter().any(|kind| name.starts_with(kind))
    })
}

/// An entry that ends with a dot is a package, others are one class and its nested ones. Shading may
/// have put a prefix before either.
fn is_in(table: &[&str], class: &str) -> bool {
    let tails = class.match_indices('.').filter_map(|(dot, _)| class.get(dot + 1..));
    std::iter::once(class).chain(tails).any(|name| {
        table.iter().any(|entry| {
            let rest = name.strip_prefix(entry);
            rest.is_some_and(|r| entry.ends_with('.') || r.is_empty() || r.starts_with('$'))
        })
    })
}

/// Parameter types of a descriptor, each in the JVM's form (`I`, `[Ljava/lang/String;`).
pub(crate) fn parameters(descriptor: &str) -> impl Iterator<Item = &str> {
    let inside = descriptor.strip_prefix('(').and_then(|d| d.split_once(')'));
    let mut rest = inside.map_or("", |(parameters, _)| parameters);
    std::iter::from_fn(move || {
        let element = rest.find(|c| c != '[')?;
        let tail = rest.get(element..)?;
        let length = if tail.starts_with('L') { tail.find(';')? + 1 } else { 1 };
        let (first, others) = rest.split_at_checked(element + length)?;
        rest = others;
        Some(first)
    })
}

/// Dotted class name of a field type, an array's element class; `None` for primitives.
fn class_name(of_type: &str) -> Option<String> {
    let element = of_type.trim_start_matches('[');
    let name = element.strip_prefix('L')?.strip_suffix(';')?;
    Some(name.replace('/', "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_split() {
        let split = |d| parameters(d).collect::<Vec<_>>();
        assert_eq!(split("(I[[JLa/B;[La/C;Z)V"), ["I", "[[J", "La/B;", "[La/C;", "Z"]);
        assert!(split("()V").is_empty());
        assert!(split("garbage").is_empty());
        assert!(split("(Lunterminated)V").is_empty());
        assert!(split("([[)V").is_empty());
    }

    #[test]
    fn open_things_are_found_in_arguments_and_results() {
        let session = "jakarta.servlet.http.HttpSession";
        assert_eq!(
            obstacle("(Ljakarta/servlet/http/HttpSession;J)V"),
            Some(Shape::OpenArgument(session.into()))
        );
        assert_eq!(
            obstacle("()[Ljava/io/InputStream;"),
            Some(Shape::OpenResult("java.io.InputStream".into()))
        );
        assert_eq!(
            obstacle("(J)Lreactor/core/publisher/Mono;"),
            Some(Shape::LaterResult("reactor.core.publisher.Mono".into()))
        );
        let moved = "shaded.io.netty.channel.ChannelHandlerContext";
        assert_eq!(
            obstacle(&format!("(L{};)V", moved.replace('.', "/"))),
            Some(Shape::OpenArgument(moved.into()))
        );
        assert_eq!(obstacle("(Ljava/lang/String;[BJ)Ljava/util/List;"), None);
        assert_eq!(obstacle("(Lmoved/jakarta/servlet/DispatcherType;)V"), None, "a plain value");
        for open in
            ["java.io.BufferedOutputStream", "java.io.Writer", "java.util.zip.GZIPInputStream"]
        {
            let descriptor = format!("(IL{};)V", open.replace('.', "/"));
            assert_eq!(obstacle(&descriptor), Some(Shape::OpenArgument(open.into())));
        }
        assert_eq!(obstacle("(Ljava/io/ByteArrayOutputStream;Ljava/io/StringReader;)V"), None);
        assert_eq!(obstacle("(Ljava/io/FileFilter;)V"), None, "a prefix of a class name is not it");
    }
}
