//! Native methods that a library registers by a table instead of by name: (name, signature, function)
//! triples in its data, found through the relocations that fill them. Which class a table is for is
//! not in the table; a method found with two different functions is left unresolved.

use std::collections::{BTreeMap, BTreeSet};

use crate::library::{Library, Pointer};

/// Functions by method name and descriptor.
pub type Registered = BTreeMap<(String, String), BTreeSet<RegisteredFunction>>;

/// A function out of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisteredFunction {
    /// In the same library.
    Local(u64),
    /// In another library, by symbol.
    Import(String),
}

/// All rows of all registration tables of `library`.
pub fn registered_in(library: &Library) -> Registered {
    let mut found = Registered::new();
    for (address, pointer) in library.pointers() {
        let Some((name, descriptor, function)) = row_at(library, address, pointer) else {
            continue;
        };
        found.entry((name, descriptor)).or_default().insert(function);
    }
    found
}

fn row_at(
    library: &Library,
    address: u64,
    name: &Pointer,
) -> Option<(String, String, RegisteredFunction)> {
    let Pointer::Local(name) = name else { return None };
    let Some(Pointer::Local(descriptor)) = library.pointer_at(address + 8) else { return None };
    let descriptor = library.text_at(*descriptor).filter(|text| is_descriptor(text))?;
    let name = library.text_at(*name).filter(|text| is_name(text))?;
    let function = match library.pointer_at(address + 16)? {
        Pointer::Local(function) if library.is_code(*function) => {
            RegisteredFunction::Local(*function)
        }
        Pointer::Symbol(symbol) => RegisteredFunction::Import(symbol.clone()),
        Pointer::Local(_) => return None,
    };
    Some((name.to_owned(), descriptor.to_owned(), function))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

fn is_descriptor(text: &str) -> bool {
    text.starts_with('(') && text.contains(')') && !text.ends_with(')') && !text.contains(' ')
}
