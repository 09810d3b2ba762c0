//! Whose code a class is: the user's, a framework's, the JDK's. By code source first, by package
//! only inside one flat jar or when the user says so. The agent applies the rule at class load; the
//! analyzer may apply another rule to the recorded code sources later.

use serde::{Deserialize, Serialize};

/// Who wrote a class, as far as its code source tells.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The application itself.
    User,
    /// A library or framework the application brings along.
    #[default]
    Framework,
    /// The JDK: no code source, or a module of the run-time image.
    Jdk,
}

/// How to tell user classes; made by `record` from the command line, applied by the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct SplitRule {
    /// Package prefixes that are the user's wherever they come from (`--app-package`), dotted.
    pub app_packages: Vec<String>,
    /// Jar file names or path suffixes whose classes are the user's (the jar holding the main class
    /// when it is not a fat jar, Quarkus' `app/` jar, …).
    pub app_sources: Vec<String>,
    /// Package prefixes of the user inside a flat (shaded) jar that also holds libraries; classes
    /// of `app_sources` outside these packages are a framework's. Empty: the whole jar is the user's.
    pub flat_packages: Vec<String>,
    /// Package prefixes of code that is never the user's although its source says so, dotted.
    pub never: Vec<String>,
}

impl SplitRule {
    /// Origin of a class.
    ///
    /// `class` is dotted; `source` is the code source URL as the JVM gives it, empty if none.
    pub fn origin(&self, class: &str, source: &str) -> Origin {
        if is_jdk(class, source) {
            return Origin::Jdk;
        }
        if in_packages(class, &self.never) {
            return Origin::Framework;
        }
        if in_packages(class, &self.app_packages) {
            return Origin::User;
        }
        if self.is_user_source(source)
            && (self.flat_packages.is_empty()
                || !self.is_app_source(source)
                || in_packages(class, &self.flat_packages))
        {
            return Origin::User;
        }
        Origin::Framework
    }

    fn is_user_source(&self, source: &str) -> bool {
        let nested_library = source.contains("/lib/") && source.contains("-INF/");
        let nested_classes =
            source.contains("BOOT-INF/classes") || source.contains("WEB-INF/classes");
        nested_classes
            || (source.starts_with("file:") && source.ends_with('/') && !nested_library)
            || self.is_app_source(source)
    }

    fn is_app_source(&self, source: &str) -> bool {
        let path = source.trim_end_matches("!/");
        self.app_sources.iter().any(|suffix| path.ends_with(suffix.as_str()))
    }
}

/// Beginnings of the names of the JDK's classes; the last four of its modules java.xml, java.security.jgss
/// and jdk.jsobject.
const JDK_PREFIXES: [&str; 9] = [
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "org.w3c.dom.",
    "org.xml.sax.",
    "org.ietf.jgss.",
    "netscape.javascript.",
];

/// Classes without a code source belong to the boot loader; JDK modules have `jrt:` sources.
fn is_jdk(class: &str, source: &str) -> bool {
    source.starts_with("jrt:")
        || (source.is_empty() && JDK_PREFIXES.iter().any(|prefix| class.starts_with(prefix)))
}

fn in_packages(class: &str, prefixes: &[String]) -> bool {
    prefixes.iter().any(|prefix| {
        class.strip_prefix(prefix.as_str()).is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with('.')
                || rest.starts_with('$')
                || prefix.ends_with('.')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(rule: &SplitRule, class: &str, source: &str) -> Origin {
        rule.origin(class, source)
    }

    #[test]
    fn code_source_decides_before_names() {
        let rule = SplitRule::default();
        let user = "jar:nested:/a/app.jar/!BOOT-INF/classes/!/";
        let lib = "jar:nested:/a/app.jar/!BOOT-INF/lib/spring-core-6.2.1.jar!/";
        assert_eq!(origin(&rule, "org.springframework.samples.X", user), Origin::User);
        assert_eq!(origin(&rule, "com.acme.Client", lib), Origin::Framework);
        assert_eq!(origin(&rule, "com.acme.A", "file:/src/target/classes/"), Origin::User);
        assert_eq!(origin(&rule, "com.acme.A", "file:/repo/guava.jar"), Origin::Framework);
        assert_eq!(origin(&rule, "java.lang.String", ""), Origin::Jdk);
        assert_eq!(origin(&rule, "com.sun.net.httpserver.X", "jrt:/jdk.httpserver"), Origin::Jdk);
    }

    #[test]
    fn flat_jars_need_packages() {
        let rule = SplitRule {
            app_sources: vec!["/app.jar".into()],
            flat_packages: vec!["com.acme".into()],
            ..SplitRule::default()
        };
        assert_eq!(origin(&rule, "com.acme.shop.Main", "file:/x/app.jar"), Origin::User);
        assert_eq!(origin(&rule, "com.acmeother.Main", "file:/x/app.jar"), Origin::Framework);
        assert_eq!(origin(&rule, "com.google.gson.Gson", "file:/x/app.jar"), Origin::Framework);
    }

    #[test]
    fn the_user_has_the_last_word() {
        let rule = SplitRule {
            app_packages: vec!["com.acme.lib".into()],
            never: vec!["com.acme.gen".into()],
            ..SplitRule::default()
        };
        assert_eq!(origin(&rule, "com.acme.lib.X", "file:/r/shared.jar"), Origin::User);
        assert_eq!(origin(&rule, "com.acme.gen.X", "file:/c/classes/"), Origin::Framework);
    }
}
