//! Names of classes as `Class.getName` gives them, made readable: arrays as in Java source, hidden
//! classes without what differs from run to run.

/// A class of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassName {
    /// As `Class.getName` gives it.
    pub(crate) raw: String,
    /// As the trace shows it.
    pub(crate) shown: String,
    pub(crate) is_hidden: bool,
}

impl ClassName {
    pub(crate) fn new(raw: String) -> Self {
        let shown = shown(&raw);
        let is_hidden = raw.contains('/');
        Self { raw, shown, is_hidden }
    }

    pub(crate) fn is_array(&self) -> bool {
        self.raw.starts_with('[')
    }

    /// The name as class files have it.
    pub(crate) fn internal(&self) -> String {
        self.raw.replace('.', "/")
    }
}

fn shown(raw: &str) -> String {
    let dimensions = raw.bytes().take_while(|byte| *byte == b'[').count();
    if dimensions == 0 {
        return without_address(raw);
    }
    let element = match raw.as_bytes().get(dimensions) {
        Some(b'B') => "byte",
        Some(b'C') => "char",
        Some(b'D') => "double",
        Some(b'F') => "float",
        Some(b'I') => "int",
        Some(b'J') => "long",
        Some(b'S') => "short",
        Some(b'Z') => "boolean",
        _ => raw.get(dimensions + 1..raw.len() - 1).unwrap_or(raw),
    };
    without_address(element) + &"[]".repeat(dimensions)
}

/// `a.B$$Lambda$14/0x0000000800c03000` as `a.B$$Lambda`.
fn without_address(name: &str) -> String {
    let Some((name, _)) = name.split_once('/') else { return name.to_owned() };
    let numbered = name.trim_end_matches(|c: char| c.is_ascii_digit());
    numbered.strip_suffix('$').unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_hidden_classes_are_readable() {
        for (raw, shown) in [
            ("java.util.HashMap", "java.util.HashMap"),
            ("[I", "int[]"),
            ("[[Ljava.lang.String;", "java.lang.String[][]"),
            ("a.B$$Lambda$14/0x0000000800c03000", "a.B$$Lambda"),
            ("a.B$$Lambda/0x00007f0c4c0", "a.B$$Lambda"),
            ("a.B$1", "a.B$1"),
        ] {
            assert_eq!(ClassName::new(raw.to_owned()).shown, shown);
        }
        assert!(ClassName::new("a.B$$Lambda/0x1".to_owned()).is_hidden);
    }
}
