//! A root method as plan and run configuration name it, `class#name(descriptor)`, with the number
//! by which gate and runtime know it.

use std::str::FromStr;

/// A root method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Internal name of its class.
    pub class: String,
    /// Its name.
    pub name: String,
    /// Its descriptor.
    pub descriptor: String,
}

/// A text that names no method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` does not name a method; expected class#name(parameters)result")]
pub struct BadRoot {
    /// The text given.
    pub text: String,
}

impl FromStr for Root {
    type Err = BadRoot;

    fn from_str(text: &str) -> Result<Self, BadRoot> {
        let bad = || BadRoot { text: text.to_owned() };
        let (class, method) = text.split_once('#').ok_or_else(bad)?;
        let open = method.find('(').ok_or_else(bad)?;
        let (name, descriptor) = method.split_at(open);
        if class.is_empty() || name.is_empty() || !descriptor.contains(')') {
            return Err(bad());
        }
        Ok(Self {
            class: class.replace('.', "/"),
            name: name.to_owned(),
            descriptor: descriptor.to_owned(),
        })
    }
}
