//! Roots the user named: `class#name`, where `*` stands for any text.

/// Whether a pattern of the configuration means this method; `class` is dotted.
pub(crate) fn is_named(patterns: &[String], class: &str, method: &str) -> bool {
    patterns.iter().any(|pattern| {
        let (class_pattern, method_pattern) = pattern.split_once('#').unwrap_or((pattern, "*"));
        matches(class_pattern, class) && matches(method_pattern, method)
    })
}

/// Whether `text` fits `pattern`. Each part between stars is taken where it fits first, which is
/// enough: a later place leaves less text for the parts after it.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = text.get(at + part.len()..).unwrap_or("");
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, fits) in [
            ("com.acme.Shop", "com.acme.Shop", true),
            ("com.acme.*", "com.acme.a.B", true),
            ("*Shop", "com.acme.Shop", true),
            ("*a*a*", "banana", true),
            ("a*a", "a", false),
            ("*ab*b", "ab", false),
            ("com.*.Shop", "com.acme.Shopping", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        let patterns = ["com.acme.*#show".to_owned()];
        assert!(is_named(&patterns, "com.acme.A", "show"));
        assert!(!is_named(&patterns, "com.acme.A", "hide"));
    }
}
