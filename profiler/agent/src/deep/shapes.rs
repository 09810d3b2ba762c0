//! The shapes of the classes that came through the class hook: super types, fields, methods. They tell
//! which method a call means and which class declares a field, as far as the classes were seen. Of
//! several classes of one name the first is kept.

use std::collections::{HashMap, HashSet};

use beehive_classfile::{ACC_NATIVE, ClassView};

use super::names::{Name, Names};

const ACC_PRIVATE: u16 = 0x0002;
const ACC_FINAL: u16 = 0x0010;

/// A field or a method: name, descriptor, access flags.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) name: Name,
    pub(crate) descriptor: Name,
    pub(crate) access: u16,
}

/// One class.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    super_name: Option<Name>,
    interfaces: Box<[Name]>,
    access: u16,
    pub(crate) fields: Box<[Member]>,
    methods: Box<[Member]>,
}

/// What a look-up gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A class on the way was not seen yet.
    Unknown,
    /// There is no such member.
    Missing,
    /// The class that declares it, and what the declaration says.
    Declared(Declared),
}

/// A declared member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) class: Name,
    pub(crate) descriptor: Name,
    pub(crate) access: u16,
    /// Whether no subclass can have another one.
    pub(crate) is_last: bool,
}

impl Declared {
    pub(crate) fn is_native(&self) -> bool {
        self.access & ACC_NATIVE != 0
    }
}

/// All shapes.
#[derive(Debug)]
pub(crate) struct Shapes {
    pub(crate) names: Names,
    classes: HashMap<Name, Shape>,
    /// Names and descriptors that some class declares as native.
    natives: HashSet<(Name, Name)>,
}

impl Default for Shapes {
    fn default() -> Self {
        let mut names = Names::default();
        // Called on receivers of any class, and before the class that declares it was seen.
        let hash_code = (names.number(b"hashCode"), names.number(b"()I"));
        Self { names, classes: HashMap::new(), natives: HashSet::from([hash_code]) }
    }
}

impl Shapes {
    /// Takes note of a class.
    pub(crate) fn add(&mut self, view: &ClassView<'_>) {
        let name = self.names.number(view.name().as_bytes());
        if self.classes.contains_key(&name) {
            return;
        }
        let super_name = view.super_name().map(|text| self.names.number(text.as_bytes()));
        let interfaces = view.interfaces().map(|text| self.names.number(text.as_bytes())).collect();
        let fields = view.fields().map(|field| Member {
            name: self.names.number(field.name().as_bytes()),
            descriptor: self.names.number(field.descriptor().as_bytes()),
            access: field.access(),
        });
        let fields = fields.collect();
        let methods = view.methods().map(|method| Member {
            name: self.names.number(method.name().as_bytes()),
            descriptor: self.names.number(method.descriptor().as_bytes()),
            access: method.access(),
        });
        let methods: Box<[Member]> = methods.collect();
        let natives = methods.iter().filter(|method| method.access & ACC_NATIVE != 0);
        self.natives.extend(natives.map(|method| (method.name, method.descriptor)));
        let shape = Shape { super_name, interfaces, access: view.access(), fields, methods };
        self.classes.insert(name, shape);
    }

    /// The shape of a class that was seen.
    pub(crate) fn class(&self, name: Name) -> Option<&Shape> {
        self.classes.get(&name)
    }

    /// The super class of a class that was seen.
    pub(crate) fn super_class(&self, name: Name) -> Option<Name> {
        self.classes.get(&name)?.super_name
    }

    /// Whether any class declares a native method of this name and descriptor.
    pub(crate) fn is_native_somewhere(&self, name: &[u8], descriptor: &[u8]) -> bool {
        match (self.names.find(name), self.names.find(descriptor)) {
            (Some(name), Some(descriptor)) => self.natives.contains(&(name, descriptor)),
            _ => false,
        }
    }

    /// Whether `class` is `ancestor` or extends it, as far as is known.
    pub(crate) fn extends(&self, class: &[u8], ancestor: &[u8]) -> bool {
        if class == ancestor {
            return true;
        }
        let (Some(mut class), Some(ancestor)) = (self.names.find(class), self.names.find(ancestor))
        else {
            return false;
        };
        while class != ancestor {
            match self.super_class(class) {
                Some(above) => class = above,
                None => return false,
            }
        }
        true
    }

    /// The field that a reference to `owner` means (JVMS §5.4.3.2).
    pub(crate) fn find_field(&self, owner: Name, name: Name, descriptor: Name) -> Found {
        let Some(shape) = self.classes.get(&owner) else { return Found::Unknown };
        let same = |field: &&Member| field.name == name && field.descriptor == descriptor;
        if let Some(field) = shape.fields.iter().find(same) {
            let is_last = true;
            let access = field.access;
            return Found::Declared(Declared { class: owner, descriptor, access, is_last });
        }
        above(shape, |above| self.find_field(above, name, descriptor))
    }

    /// The method that a reference to `owner` means (JVMS §5.4.3.3). For methods whose signature is
    /// polymorphic any descriptor fits.
    pub(crate) fn find_method(&self, owner: Name, name: Name, descriptor: Name) -> Found {
        let Some(shape) = self.classes.get(&owner) else { return Found::Unknown };
        let polymorphic = self.is_polymorphic(owner);
        let same = |method: &&Member| {
            method.name == name
                && (method.descriptor == descriptor
                    || polymorphic && method.access & ACC_NATIVE != 0)
        };
        if let Some(method) = shape.methods.iter().find(same) {
            let is_last =
                (method.access | shape.access) & ACC_FINAL != 0 || method.access & ACC_PRIVATE != 0;
            let (descriptor, access) = (method.descriptor, method.access);
            return Found::Declared(Declared { class: owner, descriptor, access, is_last });
        }
        match above(shape, |above| self.find_method(above, name, descriptor)) {
            Found::Declared(declared) => Found::Declared(Declared {
                is_last: declared.is_last || shape.access & ACC_FINAL != 0,
                ..declared
            }),
            found => found,
        }
    }

    fn is_polymorphic(&self, owner: Name) -> bool {
        matches!(
            self.names.bytes(owner),
            b"java/lang/invoke/MethodHandle" | b"java/lang/invoke/VarHandle"
        )
    }
}

/// Asks the super types, interfaces first as fields are found.
fn above(shape: &Shape, mut ask: impl FnMut(Name) -> Found) -> Found {
    let mut unknown = false;
    for above in shape.super_name.iter().chain(&shape.interfaces) {
        match ask(*above) {
            Found::Declared(declared) => return Found::Declared(declared),
            Found::Unknown => unknown = true,
            Found::Missing => {}
        }
    }
    if unknown { Found::Unknown } else { Found::Missing }
}
