//! Where a code source URL of a trace points: a file or directory, and what is nested inside it.
//! Pure text; opening is `source`'s business. URLs come as the JVM and Spring Boot's loaders give
//! them: `file:/p/x.jar`, `jar:file:/p/a.jar!/BOOT-INF/lib/x.jar!/`,
//! `jar:nested:/p/a.jar/!BOOT-INF/classes/!/`, `war:file:/p/a.war*/WEB-INF/lib/x.jar`.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// A parsed code source URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Jar, war or directory on disk.
    pub file: PathBuf,
    /// Entries to go into, outermost first: nested jars, or a folder as the last one. No slash at
    /// the end.
    pub inside: Vec<String>,
}

impl Location {
    /// Parses a code source URL; an absolute path is taken as such.
    ///
    /// # Errors
    /// The reason as a fragment: unknown scheme, or no UTF-8 behind the percent signs.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("jar:").unwrap_or(url);
        let parts = if let Some(nested) = rest.strip_prefix("nested:") {
            split_nested(nested)
        } else if let Some(war) = rest.strip_prefix("war:") {
            let war = war.strip_prefix("file:").ok_or("a war that is no file")?;
            split_bang(&war.replacen("*/", "!/", 1).replacen("^/", "!/", 1))
        } else if let Some(file) = rest.strip_prefix("file:") {
            split_bang(file)
        } else if rest.starts_with('/') {
            split_bang(rest)
        } else {
            let scheme = rest.split_once(':').map_or("", |(scheme, _)| scheme);
            return Err(format!("no reader for the scheme `{scheme}:`"));
        };
        Self::of_parts(&parts)
    }

    fn of_parts(parts: &[String]) -> Result<Self, String> {
        let mut decoded = Vec::with_capacity(parts.len());
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let text = percent_decode_str(part).decode_utf8();
            decoded.push(text.map_err(|_| "the path is not UTF-8")?.into_owned());
        }
        let mut decoded = decoded.into_iter();
        let file = decoded.next().ok_or("the path is empty")?;
        let file = PathBuf::from(without_authority(&file));
        let inside = decoded.map(|part| part.trim_matches('/').to_owned());
        Ok(Self { file, inside: inside.filter(|part| !part.is_empty()).collect() })
    }

    /// Name to call the code source by: last nested part, else the file's name.
    pub fn short_name(&self) -> &str {
        let last = self.inside.iter().rev().find(|part| is_archive(Path::new(part)));
        last.and_then(|part| part.rsplit('/').next())
            .or_else(|| self.file.file_name().and_then(|name| name.to_str()))
            .unwrap_or("classes")
    }

    /// Whether this is the place of an application's own classes: a directory of classes, or the
    /// classes folder of a fat jar.
    pub fn is_classes_folder(&self) -> bool {
        match self.inside.last() {
            Some(last) => !is_archive(Path::new(last)),
            None => !is_archive(&self.file),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.inside.iter().try_for_each(|part| write!(f, "!/{part}"))
    }
}

/// Whether a path has the name of an archive.
pub(crate) fn is_archive(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    ["jar", "war", "ear", "zip"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn split_bang(path: &str) -> Vec<String> {
    path.split("!/").map(str::to_owned).collect()
}

/// Boot's form: the outer archive ends at the last `/!`; further levels are separated by `!/`.
fn split_nested(path: &str) -> Vec<String> {
    let trimmed = path.strip_suffix("!/").unwrap_or(path);
    let Some(at) = trimmed.rfind("/!") else { return split_bang(trimmed) };
    let (file, entry) = trimmed.split_at(at);
    let entry = entry.trim_start_matches("/!");
    std::iter::once(file.to_owned()).chain(split_bang(entry)).collect()
}

/// `///p` and `//localhost/p` are `/p`.
fn without_authority(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("//") else { return path };
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, file: &str, inside: &[&str]) {
        let location = Location::parse(url).unwrap();
        assert_eq!(location.file, Path::new(file), "{url}");
        assert_eq!(location.inside, inside, "{url}");
    }

    #[test]
    fn the_forms_of_the_jvm_and_of_boot_loaders() {
        check("file:/p/x.jar", "/p/x.jar", &[]);
        check("file:///p/x.jar", "/p/x.jar", &[]);
        check("file://localhost/p/x.jar", "/p/x.jar", &[]);
        check("file:/p/target/classes/", "/p/target/classes/", &[]);
        check("jar:file:/p/x.jar!/", "/p/x.jar", &[]);
        let lib = "BOOT-INF/lib/x-1.0.jar";
        check("jar:file:/p/app.jar!/BOOT-INF/lib/x-1.0.jar!/", "/p/app.jar", &[lib]);
        check("jar:nested:/p/app.jar/!BOOT-INF/lib/x-1.0.jar!/", "/p/app.jar", &[lib]);
        check("nested:/p/app.jar/!BOOT-INF/lib/x-1.0.jar", "/p/app.jar", &[lib]);
        check("jar:nested:/p/app.jar/!BOOT-INF/classes/!/", "/p/app.jar", &["BOOT-INF/classes"]);
        check("jar:file:/p/app.jar!/BOOT-INF/classes!/", "/p/app.jar", &["BOOT-INF/classes"]);
        check("war:file:/p/a.war*/WEB-INF/lib/x.jar", "/p/a.war", &["WEB-INF/lib/x.jar"]);
        let deep = ["a/b.jar", "c/d.jar"];
        check("jar:nested:/p/app.jar/!a/b.jar!/c/d.jar!/", "/p/app.jar", &deep);
    }

    #[test]
    fn percent_signs_spaces_and_umlauts() {
        check("file:/my%20apps/b%C3%BCcher.jar", "/my apps/bücher.jar", &[]);
        check("file:/my apps/bücher.jar", "/my apps/bücher.jar", &[]);
        check("file:/100%25/a+b.jar", "/100%/a+b.jar", &[]);
        assert!(Location::parse("file:/%ff.jar").unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn other_schemes_are_named() {
        assert!(Location::parse("jrt:/java.sql").unwrap_err().contains("jrt:"));
        assert!(Location::parse("https://x/y.jar").unwrap_err().contains("https:"));
        assert!(Location::parse("").is_err());
    }

    #[test]
    fn short_names() {
        let name = |url| Location::parse(url).unwrap().short_name().to_owned();
        assert_eq!(name("jar:nested:/p/app.jar/!BOOT-INF/lib/x-1.0.jar!/"), "x-1.0.jar");
        assert_eq!(name("jar:nested:/p/app.jar/!BOOT-INF/classes/!/"), "app.jar");
        assert_eq!(name("file:/p/target/classes/"), "classes");
    }
}
