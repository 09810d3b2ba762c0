//! What the trace knows of classes, by name: supertypes, whose they are, how they came about. Names the
//! trace has no row for are judged by their package alone. Read by the rules of `handling`.

use std::collections::{BTreeMap, BTreeSet};

use beehive_trace::{Class, ClassKind, Origin, Trace};

/// Packages of the JDK, for classes loaded before the recorder saw any.
const JDK: &[&str] = &["java.", "jdk.", "sun.", "com.sun.", "javax.crypto.", "javax.net."];

/// Supertypes of classes of the JDK that the rules ask for; the trace has rows for other classes only.
/// Beginning and end of a name, and what such a class is.
const JDK_SUPERTYPES: &[(&str, &str, &str)] = &[
    ("java.io.ByteArrayInputStream", "", "java.io.ByteArrayInputStream"),
    ("java.io.ByteArrayOutputStream", "", "java.io.ByteArrayOutputStream"),
    ("java.io.StringReader", "", "java.io.StringReader"),
    ("java.io.StringWriter", "", "java.io.StringWriter"),
    ("java.", "InputStream", "java.io.InputStream"),
    ("sun.", "InputStream", "java.io.InputStream"),
    ("java.", "OutputStream", "java.io.OutputStream"),
    ("sun.", "OutputStream", "java.io.OutputStream"),
    ("java.io.PrintStream", "", "java.io.OutputStream"),
    ("java.io.", "Reader", "java.io.Reader"),
    ("java.io.", "Writer", "java.io.Writer"),
    ("java.nio.channels.", "Channel", "java.nio.channels.Channel"),
    ("sun.nio.ch.", "", "java.nio.channels.Channel"),
    ("sun.security.ssl.", "", "java.net.Socket"),
    ("java.net.SocksSocketImpl", "", "java.net.Socket"),
    ("java.lang.reflect.Method", "", "java.lang.reflect.AccessibleObject"),
    ("java.lang.reflect.Constructor", "", "java.lang.reflect.AccessibleObject"),
    ("java.lang.reflect.Field", "", "java.lang.reflect.AccessibleObject"),
    ("java.lang.VirtualThread", "", "java.lang.Thread"),
    ("java.lang.ProcessImpl", "", "java.lang.Process"),
    ("java.net.URLClassLoader", "", "java.lang.ClassLoader"),
    ("sun.nio.cs.", "", "java.nio.charset.Charset"),
    ("java.time.ZoneRegion", "", "java.time.ZoneId"),
    ("java.time.ZoneOffset", "", "java.time.ZoneId"),
    ("java.util.Properties", "", "java.util.Hashtable"),
    ("java.util.Stack", "", "java.util.Vector"),
    ("java.util.jar.JarFile", "", "java.util.zip.ZipFile"),
    ("sun.security.provider.NativePRNG", "", "java.security.SecureRandomSpi"),
    ("java.util.concurrent.", "Executor", "java.util.concurrent.Executor"),
    ("java.util.concurrent.ForkJoinPool", "", "java.util.concurrent.Executor"),
    ("java.util.concurrent.Executors$", "Service", "java.util.concurrent.Executor"),
    ("java.util.concurrent.ThreadPerTaskExecutor", "", "java.util.concurrent.Executor"),
    ("java.util.concurrent.CompletableFuture", "", "java.util.concurrent.Future"),
    ("java.util.concurrent.FutureTask", "", "java.util.concurrent.Future"),
    ("java.util.concurrent.", "BlockingQueue", "java.util.concurrent.BlockingQueue"),
    ("java.util.concurrent.", "BlockingDeque", "java.util.concurrent.BlockingQueue"),
    ("java.util.concurrent.ConcurrentHashMap", "", "java.util.concurrent.ConcurrentMap"),
    ("java.util.concurrent.ConcurrentSkipListMap", "", "java.util.concurrent.ConcurrentMap"),
];

/// What a class of the JDK is besides itself.
fn jdk_supertypes(name: &str) -> impl Iterator<Item = &'static str> {
    let rows = JDK_SUPERTYPES.iter().filter(move |(begin, end, _)| {
        // A whole name unless it ends in a dot or names an ending.
        let begins = name.strip_prefix(begin);
        let is_open = begin.ends_with('.') || !end.is_empty() || begin.ends_with('$');
        begins.is_some_and(|rest| {
            name.ends_with(end) && (is_open || rest.is_empty() || rest.starts_with('$'))
        })
    });
    rows.map(|(_, _, up)| *up)
}

/// Longest chain of supertypes followed; a guard against rows that refer to each other.
const SUPERTYPES_MAX: usize = 256;

/// Views over the class table.
#[derive(Debug)]
pub(crate) struct Types<'a> {
    by_name: BTreeMap<&'a str, &'a Class>,
    recorded_bytes: BTreeSet<&'a str>,
}

impl<'a> Types<'a> {
    pub(crate) fn new(trace: &'a Trace) -> Self {
        let classes = trace.classes.iter().map(|class| (class.name.as_str(), class));
        let recorded = trace.generated.iter().filter_map(|row| {
            let class = trace.classes.get(row.class as usize)?;
            (!row.bytes.is_empty()).then_some(class.name.as_str())
        });
        Self { by_name: classes.collect(), recorded_bytes: recorded.collect() }
    }

    /// The class and all its supertypes, nearest first; at least the name itself.
    pub(crate) fn lineage<'n>(&self, name: &'n str) -> Vec<&'n str>
    where
        'a: 'n,
    {
        let mut found = vec![name];
        let mut next = 0;
        while let Some(&at) = found.get(next).filter(|_| found.len() < SUPERTYPES_MAX) {
            next += 1;
            for up in jdk_supertypes(at) {
                if !found.contains(&up) {
                    found.push(up);
                }
            }
            let Some(class) = self.by_name.get(at) else { continue };
            let above = std::iter::once(class.super_name.as_str())
                .chain(class.interfaces.iter().map(String::as_str));
            for up in above.filter(|up| !up.is_empty()) {
                if !found.contains(&up) {
                    found.push(up);
                }
            }
        }
        found
    }

    /// Superclasses of the class, itself first, interfaces left out.
    pub(crate) fn superclasses<'n>(&self, name: &'n str) -> Vec<&'n str>
    where
        'a: 'n,
    {
        let mut found = vec![name];
        while let Some(class) = found.last().and_then(|at| self.by_name.get(at)) {
            let up = class.super_name.as_str();
            if up.is_empty() || found.contains(&up) || found.len() == SUPERTYPES_MAX {
                break;
            }
            found.push(up);
        }
        found
    }

    /// Whether the class is the JDK's.
    pub(crate) fn is_jdk(&self, name: &str) -> bool {
        let element = name.trim_end_matches("[]");
        match self.by_name.get(element) {
            Some(class) => class.origin == Origin::Jdk,
            // Primitives have no dot.
            None => !element.contains('.') || JDK.iter().any(|prefix| element.starts_with(prefix)),
        }
    }

    /// Whether a worker lacks the class: made at run time, its bytes not recorded. Proxies of the JDK are
    /// made anew from their interfaces.
    pub(crate) fn is_lacking(&self, name: &str) -> bool {
        let kind = self.by_name.get(name).map(|class| class.kind);
        let is_made = matches!(kind, Some(ClassKind::Subclass | ClassKind::Generated));
        is_made && !self.recorded_bytes.contains(name)
    }

    /// Whether the class is a proxy that the JDK has made.
    pub(crate) fn is_jdk_proxy(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|class| class.kind == ClassKind::JdkProxy)
    }

    /// Code source of the class, if recorded.
    pub(crate) fn source(&self, name: &str) -> Option<&'a str> {
        self.by_name.get(name).map(|class| class.source.as_str())
    }

    /// Whether any class of the trace has a name with this beginning.
    pub(crate) fn has_package(&self, prefix: &str) -> bool {
        self.by_name.range(prefix..).next().is_some_and(|(name, _)| name.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::parse_text;

    #[test]
    fn lineage_goes_through_classes_and_interfaces_and_ends() {
        let text = "beetrace 1\n\
            class c0 a.A {\"origin\":\"user\",\"super_name\":\"a.B\",\"interfaces\":[\"a.I\"]}\n\
            class c1 a.B {\"origin\":\"user\",\"super_name\":\"a.A\"}\n\
            class c2 a.I {\"origin\":\"user\",\"interfaces\":[\"java.util.Map\"]}\n";
        let trace = parse_text(text).unwrap();
        let types = Types::new(&trace);
        assert_eq!(types.lineage("a.A"), ["a.A", "a.B", "a.I", "java.util.Map"]);
        assert_eq!(types.superclasses("a.A"), ["a.A", "a.B"]);
        assert!(types.lineage("java.io.FileInputStream").contains(&"java.io.InputStream"));
        assert!(
            types
                .lineage("java.util.concurrent.ThreadPoolExecutor")
                .contains(&"java.util.concurrent.Executor")
        );
        assert_eq!(types.lineage("java.util.ArrayList"), ["java.util.ArrayList"]);
        assert!(types.is_jdk("byte[]") && types.is_jdk("java.util.HashMap$Node[]"));
        assert!(!types.is_jdk("a.A[]") && !types.is_jdk("org.x.Y"));
    }
}
