//! What the packager needs to know of one class file: its name, supertypes, methods and the classes
//! it mentions. A thin layer over the class-file reader that turns internal names into dotted ones.

use beehive_classfile::{ClassView, Mutf8};

/// Facts of a class file; all names dotted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ClassFacts {
    /// Its own name.
    pub name: String,
    /// Superclass, then direct interfaces.
    pub supertypes: Vec<String>,
    /// Whether the first supertype is the superclass (not so for `java.lang.Object`).
    pub has_super: bool,
    /// Classes mentioned in constants and descriptors, sorted; supertypes among them.
    pub references: Vec<String>,
}

/// Reads the facts of a class file.
///
/// # Errors
/// The parser's reason if the bytes are no class file.
pub fn class_facts(bytes: &[u8]) -> Result<ClassFacts, String> {
    let view = ClassView::parse(bytes).map_err(|e| e.to_string())?;
    let super_name = view.super_name().map(dotted);
    let has_super = super_name.is_some();
    let mut references: Vec<String> = view.referenced_classes().map(dotted).collect();
    references.sort_unstable();
    references.dedup();
    let supertypes = super_name.into_iter().chain(view.interfaces().map(dotted)).collect();
    Ok(ClassFacts { name: dotted(view.name()), supertypes, has_super, references })
}

/// Whether the class file declares the method.
pub fn declares(bytes: &[u8], name: &str, descriptor: &str) -> bool {
    ClassView::parse(bytes).is_ok_and(|view| {
        view.methods().any(|m| m.name().to_str() == name && m.descriptor().to_str() == descriptor)
    })
}

fn dotted(name: Mutf8<'_>) -> String {
    name.to_str().replace('/', ".")
}
