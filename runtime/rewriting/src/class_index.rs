//! What must be known of the other classes to rewrite one for a worker: whether they are rewritten
//! too, what they extend, which of their fields are volatile. The packager fills the index from the class
//! path, the server's agent as classes load.

use std::collections::HashMap;

use beehive_classfile::{ACC_ENUM, ACC_VOLATILE, ClassView};

use crate::statics::has_pending_statics;

/// What kind of class it is, as far as rewriting tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its objects can be shells: they have the state field.
    Ordinary,
    /// Its objects travel whole.
    Record,
    /// Its objects are known by name.
    Enum,
    Interface,
}

/// What is kept of a class.
#[derive(Debug, Clone)]
pub(crate) struct ClassFacts {
    pub(crate) kind: Kind,
    pub(crate) super_name: Box<[u8]>,
    pub(crate) interfaces: Vec<Box<[u8]>>,
    /// Names of its volatile fields.
    pub(crate) volatile_fields: Vec<Box<[u8]>>,
    /// Whether its statics are fetched from home.
    pub(crate) has_pending_statics: bool,
    is_rewritten: bool,
}

/// What is known of a class by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known<'i> {
    /// It is rewritten.
    Rewritten(&'i ClassFacts),
    /// It is as it was: a class of the JDK, or one that workers have their own of.
    Untouched,
    /// It may be either.
    Unknown,
}

/// The classes of an application.
#[derive(Debug, Clone)]
pub struct ClassIndex {
    classes: HashMap<Box<[u8]>, ClassFacts>,
    /// Whether every class of the application is in it.
    is_complete: bool,
    /// Prefixes of the internal names of classes that workers keep as they are.
    native_prefixes: Vec<String>,
}

impl ClassIndex {
    /// An index without classes. `is_complete` promises that every class of the application will be
    /// in it before a class is rewritten.
    pub fn new(is_complete: bool, native_prefixes: Vec<String>) -> Self {
        Self { classes: HashMap::new(), is_complete, native_prefixes }
    }

    /// Adds a class of the application. The first of two of one name is kept.
    pub fn add(&mut self, class: &ClassView<'_>) {
        let name: Box<[u8]> = class.name().as_bytes().into();
        let is_rewritten = !self.is_native(&name);
        self.classes.entry(name).or_insert_with(|| facts_of(class, is_rewritten));
    }

    /// Whether a class of the application is in it.
    pub fn has(&self, name: &[u8]) -> bool {
        self.classes.contains_key(name)
    }

    /// Whether a class, by its internal name, stays as it is on workers.
    pub fn is_native(&self, name: &[u8]) -> bool {
        self.native_prefixes.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
    }

    /// Whether a class in the index is one that is rewritten: native ones are not.
    pub fn rewrites(&self, name: &[u8]) -> bool {
        matches!(self.known(name), Known::Rewritten(_))
    }

    pub(crate) fn known(&self, name: &[u8]) -> Known<'_> {
        match self.classes.get(name) {
            Some(facts) if facts.is_rewritten => Known::Rewritten(facts),
            Some(_) => Known::Untouched,
            None if self.is_complete || name.starts_with(b"java/") || name.starts_with(b"[") => {
                Known::Untouched
            }
            None => Known::Unknown,
        }
    }

    /// The classes from `name` up, as far as they are rewritten.
    fn rewritten_from<'i>(&'i self, name: &[u8]) -> impl Iterator<Item = &'i ClassFacts> {
        let mut next = self.classes.get(name);
        std::iter::from_fn(move || {
            let facts = next?;
            next = self.classes.get(&facts.super_name);
            Some(facts)
        })
        .filter(|facts| facts.is_rewritten)
    }

    /// Kind of a rewritten class; the bodies of enum constants are enums too.
    pub(crate) fn kind(&self, facts: &ClassFacts) -> Kind {
        let is_enum = facts.kind == Kind::Ordinary
            && self.rewritten_from(&facts.super_name).any(|above| above.kind == Kind::Enum);
        if is_enum { Kind::Enum } else { facts.kind }
    }

    /// Whether objects of the class have the state field; `None` when that is not known.
    pub(crate) fn has_state(&self, name: &[u8]) -> Option<bool> {
        match self.known(name) {
            Known::Rewritten(facts) => Some(self.kind(facts) == Kind::Ordinary),
            Known::Untouched => Some(false),
            Known::Unknown => None,
        }
    }

    /// Whether a static field read by way of the class may be pending; `None` when not known.
    pub(crate) fn has_pending_statics(&self, name: &[u8]) -> Option<bool> {
        match self.known(name) {
            Known::Rewritten(facts) if facts.kind == Kind::Interface => Some(false),
            Known::Rewritten(_) => {
                let mut chain = self.rewritten_from(name);
                Some(chain.any(|facts| facts.has_pending_statics))
            }
            Known::Untouched => Some(false),
            Known::Unknown => None,
        }
    }

    /// Whether a field reached by way of the class is volatile.
    pub(crate) fn is_volatile(&self, name: &[u8], field: &[u8]) -> bool {
        let mut chain = self.rewritten_from(name);
        chain.any(|facts| facts.volatile_fields.iter().any(|name| **name == *field))
    }

    /// Whether `name` or a class above it is one of `classes`.
    pub(crate) fn extends_any(&self, name: &[u8], classes: &[&str]) -> Option<usize> {
        let position = |name: &[u8]| classes.iter().position(|class| class.as_bytes() == name);
        position(name)
            .or_else(|| self.rewritten_from(name).find_map(|facts| position(&facts.super_name)))
    }

    /// Whether the class may be serialisable: only what is known not to be is not.
    pub(crate) fn may_be_serializable(&self, facts: &ClassFacts) -> bool {
        facts.interfaces.iter().any(|name| self.name_may_be_serializable(name))
            || (*facts.super_name != *b"java/lang/Object"
                && self.name_may_be_serializable(&facts.super_name))
    }

    fn name_may_be_serializable(&self, name: &[u8]) -> bool {
        match self.classes.get(name) {
            Some(facts) => self.may_be_serializable(facts),
            None => name != b"java/lang/Object",
        }
    }
}

fn facts_of(class: &ClassView<'_>, is_rewritten: bool) -> ClassFacts {
    let volatile = class.fields().filter(|field| field.access() & ACC_VOLATILE != 0);
    ClassFacts {
        kind: kind_of(class),
        super_name: class.super_name().map_or(&b""[..], |name| name.as_bytes()).into(),
        interfaces: class.interfaces().map(|name| name.as_bytes().into()).collect(),
        volatile_fields: volatile.map(|field| field.name().as_bytes().into()).collect(),
        has_pending_statics: is_rewritten && has_pending_statics(class),
        is_rewritten,
    }
}

pub(crate) fn kind_of(class: &ClassView<'_>) -> Kind {
    let extends = |name: &str| class.super_name().is_some_and(|above| above == name);
    if class.is_interface() {
        Kind::Interface
    } else if class.access() & ACC_ENUM != 0 || extends("java/lang/Enum") {
        Kind::Enum
    } else if extends("java/lang/Record") {
        Kind::Record
    } else {
        Kind::Ordinary
    }
}
