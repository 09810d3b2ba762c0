//! What the numbers of fields and methods mean, now that their classes are known: the declaring class,
//! flags, and whether a call was one of a native method.

use super::class_names::ClassName;
use super::names::Name;
use super::references::{Reference, References};
use super::shapes::{Found, Shapes};

const ACC_FINAL: u16 = 0x0010;
const ACC_VOLATILE: u16 = 0x0040;

/// A field as the trace tells it.
#[derive(Debug, Clone)]
pub(crate) struct FieldFacts {
    /// `class#field` with the declaring class.
    pub(crate) label: String,
    pub(crate) descriptor: String,
    pub(crate) is_final: bool,
    pub(crate) is_volatile: bool,
}

/// Looks numbers up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning<'m> {
    pub(crate) shapes: &'m Shapes,
    pub(crate) references: &'m References,
}

impl Meaning<'_> {
    /// A field; if its class was not seen, with the class that the code named. `None` for an unknown
    /// number.
    pub(crate) fn field(&self, number: u32) -> Option<FieldFacts> {
        let reference = self.references.fields.get(number)?;
        let Reference { owner, name, descriptor } = reference;
        let (class, access) = match self.shapes.find_field(owner, name, descriptor) {
            Found::Declared(declared) => (declared.class, declared.access),
            Found::Unknown | Found::Missing => (owner, 0),
        };
        Some(FieldFacts {
            label: self.label(class, name),
            descriptor: self.shapes.names.text(descriptor),
            is_final: access & ACC_FINAL != 0,
            is_volatile: access & ACC_VOLATILE != 0,
        })
    }

    pub(crate) fn field_label(&self, number: u32) -> String {
        self.field(number).map_or_else(|| "?".to_owned(), |field| field.label)
    }

    /// `class#name` of a method, as the code names it.
    pub(crate) fn method_label(&self, number: u32) -> String {
        let reference = self.references.methods.get(number);
        reference.map_or_else(|| "?".to_owned(), |method| self.label(method.owner, method.name))
    }

    /// Dotted name of a class with probes.
    pub(crate) fn probed_class(&self, number: u32) -> String {
        let class = self.references.classes.get(number);
        class.map_or_else(|| "?".to_owned(), |class| self.shapes.names.dotted(class))
    }

    fn label(&self, class: Name, member: Name) -> String {
        format!("{}#{}", self.shapes.names.dotted(class), self.shapes.names.text(member))
    }

    /// `class#name(descriptor)` of the native method that a call ran; `None` if it ran another.
    pub(crate) fn native(&self, number: u32, receiver: Option<&ClassName>) -> Option<String> {
        let called = self.references.methods.get(number)?;
        let names = &self.shapes.names;
        let is_array = |class: Name| names.bytes(class).starts_with(b"[");
        let object = names.find(b"java/lang/Object");
        let owner = if is_array(called.owner) { object? } else { called.owner };
        let of_receiver = receiver.and_then(|class| {
            let class =
                if class.is_array() { object } else { names.find(class.internal().as_bytes()) };
            class.map(|class| self.shapes.find_method(class, called.name, called.descriptor))
        });
        let found = match of_receiver {
            Some(found @ Found::Declared(_)) => found,
            // A hidden class has no shape: what it inherits is the best guess.
            _ => self.shapes.find_method(owner, called.name, called.descriptor),
        };
        let Found::Declared(declared) = found else { return None };
        declared.is_native().then(|| {
            let descriptor = names.text(declared.descriptor);
            format!("{}{descriptor}", self.label(declared.class, called.name))
        })
    }
}
