//! Texts by number. The shapes of ten thousands of classes name the same members again and again.

use std::collections::HashMap;

/// Number of a text.
pub(crate) type Name = u32;

/// All texts met so far: names of classes and members, descriptors, as class files have them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Box<[u8]>, Name>,
    texts: Vec<Box<[u8]>>,
}

impl Names {
    /// Number of a text, which is added if it is new.
    pub(crate) fn number(&mut self, text: &[u8]) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as Name;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    /// Number of a text that was added before.
    pub(crate) fn find(&self, text: &[u8]) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    /// The bytes of a text.
    pub(crate) fn bytes(&self, name: Name) -> &[u8] {
        self.texts.get(name as usize).map_or(&[], |text| text)
    }

    /// The text; what is not UTF-8 is replaced.
    pub(crate) fn text(&self, name: Name) -> String {
        String::from_utf8_lossy(self.bytes(name)).into_owned()
    }

    /// A class name with dots.
    pub(crate) fn dotted(&self, name: Name) -> String {
        self.text(name).replace('/', ".")
    }
}
