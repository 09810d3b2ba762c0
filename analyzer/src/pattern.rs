//! Method patterns as a person writes them: `com.acme.Shop#buy`, `*Controller#*`, with or without a
//! descriptor, `*` for any part. The same notation as the agent's named roots.

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodPattern {
    class: String,
    name: String,
    descriptor: Option<String>,
}

impl MethodPattern {
    /// Parses `class#name` or `class#name(descriptor)`; a text without `#` is a class, all its methods.
    pub fn new(text: &str) -> Self {
        let (class, member) = text.split_once('#').unwrap_or((text, "*"));
        let (name, descriptor) = match member.find('(') {
            Some(at) => {
                let (name, descriptor) = member.split_at(at);
                (name, Some(descriptor.to_owned()))
            }
            None => (member, None),
        };
        Self { class: class.to_owned(), name: name.to_owned(), descriptor }
    }

    /// Whether the method is meant. A class without a package matches that simple name in any package.
    pub fn matches(&self, class: &str, name: &str, descriptor: &str) -> bool {
        let has_package = self.class.contains(['.', '*']);
        let shown = if has_package { class } else { class.rsplit('.').next().unwrap_or(class) };
        is_match(&self.class, shown)
            && is_match(&self.name, name)
            && self.descriptor.as_ref().is_none_or(|d| is_match(d, descriptor))
    }
}

impl MethodPattern {
    /// Whether the method with the label `class#name(descriptor)` is meant.
    pub fn matches_label(&self, label: &str) -> bool {
        let (class, member) = label.split_once('#').unwrap_or((label, ""));
        let (name, descriptor) = member.split_at(member.find('(').unwrap_or(member.len()));
        self.matches(class, name, descriptor)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters.
fn is_match(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_any_part() {
        let matches = |pattern: &str| {
            MethodPattern::new(pattern).matches("com.acme.ShopController", "buy", "(I)V")
        };
        for yes in [
            "com.acme.ShopController#buy",
            "com.acme.ShopController#buy(I)V",
            "com.acme.ShopController",
            "ShopController#buy",
            "*Controller#*",
            "com.*#b*y",
            "com.acme.*",
            "*#buy(I*",
        ] {
            assert!(matches(yes), "{yes}");
        }
        for no in ["com.acme.Shop#buy", "*Controller#sell", "buy", "#buy(J)V", "com.acme#*"] {
            assert!(!matches(no), "{no}");
        }
    }

    #[test]
    fn a_part_between_stars_must_not_overlap_the_ends() {
        assert!(!is_match("ab*ba", "aba"));
        assert!(is_match("a*b*c", "a__b__b__c"));
        assert!(!is_match("a*b*c", "a__c__b"));
    }
}
