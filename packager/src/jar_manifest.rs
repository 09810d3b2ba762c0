//! `META-INF/MANIFEST.MF` of the jars read and of the jars written. Keeps what libraries ask for at
//! run time (`Implementation-Version` and the like); leaves out what is not true of a part of a jar:
//! signatures, its class path, its launcher, other versions of its classes.

/// Attributes that are left out of a bundle's jars, lower case.
const LEFT_OUT: &[&str] = &[
    "class-path",
    "launcher-agent-class",
    "main-class",
    "multi-release",
    "signature-version",
    "spring-boot-classes",
    "spring-boot-classpath-index",
    "spring-boot-layers-index",
    "spring-boot-lib",
    "start-class",
];

/// Value of an attribute of the main section, continuation lines joined.
pub fn main_attribute(manifest: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(manifest);
    let main = sections(&text).next()?;
    let found = main.iter().find_map(|attribute| {
        let (key, value) = attribute.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.replace("\r\n ", "").replace("\n ", ""))
    })?;
    Some(found.trim().to_owned())
}

/// The manifest of a bundle's jar, made of the original one.
pub fn for_bundle(original: Option<&[u8]>) -> Vec<u8> {
    let text = original.map(String::from_utf8_lossy).unwrap_or_default();
    let mut out = String::from("Manifest-Version: 1.0\r\n");
    for (number, section) in sections(&text).enumerate() {
        let kept: Vec<&&str> = section.iter().filter(|attribute| is_kept(attribute)).collect();
        // Sections are about one entry each; only those about packages tell more than digests.
        let is_package = section.first().is_some_and(|name| name.trim_end().ends_with('/'));
        if number > 0 && (!is_package || kept.len() < 2) {
            continue;
        }
        if number > 0 {
            out.push_str("\r\n");
        }
        for line in kept.iter().flat_map(|attribute| attribute.lines()) {
            out.push_str(line);
            out.push_str("\r\n");
        }
    }
    out.push_str("\r\n");
    out.into_bytes()
}

fn is_kept(attribute: &str) -> bool {
    let name = attribute.split(':').next().unwrap_or("").trim().to_ascii_lowercase();
    name != "manifest-version" && !name.contains("-digest") && !LEFT_OUT.contains(&name.as_str())
}

/// The sections of a manifest; each a list of attributes with their continuation lines.
fn sections(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['\r', '\n']);
        if rest.is_empty() {
            return None;
        }
        let mut attributes = Vec::new();
        while let Some((attribute, after)) = take_attribute(rest) {
            attributes.push(attribute);
            rest = after;
        }
        Some(attributes)
    })
}

/// The attribute at the start of `text` without its last line end, and what follows; `None` at an
/// empty line or the end.
fn take_attribute(text: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let is_continuation = end > 0 && line.starts_with(' ');
        if line.trim_end_matches(['\r', '\n']).is_empty() || (end > 0 && !is_continuation) {
            break;
        }
        end += line.len();
    }
    let (attribute, rest) = text.split_at_checked(end).filter(|_| end > 0)?;
    Some((attribute.trim_end_matches(['\r', '\n']), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\
        Implementation-Title: a very long title that has to go on in the nex\r\n t line\r\n\
        Class-Path: a.jar b\r\n .jar\r\n\r\n\
        Name: com/acme/\r\nSealed: true\r\n\r\n\
        Name: com/acme/A.class\r\nSHA-256-Digest: abc=\r\n\r\n";

    #[test]
    fn attributes_are_found_whatever_their_case_and_folding() {
        let value = |name| main_attribute(SIGNED.as_bytes(), name);
        assert_eq!(value("multi-release").as_deref(), Some("true"));
        assert_eq!(value("Class-Path").as_deref(), Some("a.jar b.jar"));
        assert_eq!(value("Sealed"), None);
        assert_eq!(main_attribute(b"", "Class-Path"), None);
        assert_eq!(main_attribute(b"Multi-Release: true\nX: y", "X").as_deref(), Some("y"));
    }

    #[test]
    fn digests_class_path_and_versions_are_left_out() {
        let kept = String::from_utf8(for_bundle(Some(SIGNED.as_bytes()))).unwrap();
        assert_eq!(
            kept,
            "Manifest-Version: 1.0\r\n\
             Implementation-Title: a very long title that has to go on in the nex\r\n t line\r\n\
             \r\nName: com/acme/\r\nSealed: true\r\n\r\n"
        );
        assert_eq!(for_bundle(None), b"Manifest-Version: 1.0\r\n\r\n");
        assert_eq!(for_bundle(Some(&for_bundle(Some(SIGNED.as_bytes())))), kept.as_bytes());
    }
}
