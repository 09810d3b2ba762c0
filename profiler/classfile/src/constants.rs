//! Constants that probes use: declared once per rewriter, appended to a class's pool only
//! when a probe in that class needs them. Old indices never move. Look-ups are array reads.

use crate::constant_pool::{
    CLASS, FIELD, INTEGER, INTERFACE_METHOD, LONG, METHOD, NAME_AND_TYPE, STRING, UTF8,
};
use crate::descriptor::{field_slots, method_slots};
use crate::error::ClassFileError;
use crate::mutf8::Mutf8;

/// A declared constant: its place in [`Constants`].
type Handle = u16;

/// A static method that probes may call, by [`Constants::static_method`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticMethod {
    pub(crate) handle: Handle,
    /// Stack slots of its arguments.
    pub(crate) takes: u16,
    /// Stack slots of its result.
    pub(crate) gives: u16,
}

/// An instance method that probes may call, by [`Constants::virtual_method`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VirtualMethod {
    pub(crate) handle: Handle,
    /// Stack slots of its receiver and arguments.
    pub(crate) takes: u16,
    /// Stack slots of its result.
    pub(crate) gives: u16,
}

/// A field that probes may read or write, by [`Constants::field`] or
/// [`Constants::own_field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub(crate) handle: Handle,
    /// Stack slots of its value.
    pub(crate) slots: u16,
}

/// Name and type of a field that classes of several names have, by [`Constants::field_name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldName {
    pub(crate) handle: Handle,
    /// Stack slots of its value.
    pub(crate) slots: u16,
}

/// A class that probes may name, by [`Constants::class`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    pub(crate) handle: Handle,
}

/// A text that probes may load, by [`Constants::string`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    pub(crate) handle: Handle,
}

/// What a declared constant consists of; parts are declared constants themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spec {
    /// Modified UTF-8, length first, as it stands in a class file.
    Utf8(Box<[u8]>),
    /// Class, String: tag and text.
    OfText(u8, Handle),
    /// `NameAndType`.
    NameAndType(Handle, Handle),
    /// Field or method: tag, class, name and type.
    Member(u8, Handle, Handle),
    /// Field of the class being rewritten.
    Own(Handle),
}

/// The constants a rewriter can add, and those it has added to the current class.
#[derive(Debug, Clone, Default)]
pub struct Constants {
    specs: Vec<Spec>,
    /// Index in the current class's pool; 0: not added yet.
    resolved: Vec<u16>,
    /// Integers added to the current class, with their index.
    integers: Vec<(i32, u16)>,
    /// Classes added to the current class by their name, with their index.
    classes: Vec<(Box<[u8]>, u16)>,
    /// Fields added to the current class by the index of their owner, with their index.
    fields: Vec<(u16, Handle, u16)>,
    bytes: Vec<u8>,
    next_index: u32,
    this_class: u16,
}

impl Constants {
    fn declare(&mut self, spec: Spec) -> Handle {
        if let Some(known) = self.specs.iter().position(|other| *other == spec) {
            return known as Handle;
        }
        self.specs.push(spec);
        self.resolved.push(0);
        (self.specs.len() - 1) as Handle
    }

    fn utf8(&mut self, text: &str) -> Handle {
        let mut bytes = vec![0, 0];
        encode(text, &mut bytes);
        let length = (bytes.len() - 2) as u16;
        bytes.splice(..2, length.to_be_bytes());
        self.declare(Spec::Utf8(bytes.into()))
    }

    fn name_and_type(&mut self, name: &str, descriptor: &str) -> Handle {
        let name = self.utf8(name);
        let descriptor = self.utf8(descriptor);
        self.declare(Spec::NameAndType(name, descriptor))
    }

    /// Declares a class by internal name, `java/lang/Throwable`, or array descriptor.
    pub fn class(&mut self, name: &str) -> Class {
        let name = self.utf8(name);
        Class { handle: self.declare(Spec::OfText(CLASS, name)) }
    }

    /// Declares a string.
    pub fn string(&mut self, text: &str) -> Text {
        let text = self.utf8(text);
        Text { handle: self.declare(Spec::OfText(STRING, text)) }
    }

    /// Declares a static method of a class.
    pub fn static_method(
        &mut self,
        owner: &str,
        name: &str,
        descriptor: &str,
    ) -> Result<StaticMethod, ClassFileError> {
        self.method(METHOD, owner, name, descriptor)
    }

    /// Declares an instance method of a class.
    pub fn virtual_method(
        &mut self,
        owner: &str,
        name: &str,
        descriptor: &str,
    ) -> Result<VirtualMethod, ClassFileError> {
        let StaticMethod { handle, takes, gives } = self.method(METHOD, owner, name, descriptor)?;
        Ok(VirtualMethod { handle, takes: takes + 1, gives })
    }

    /// Declares a static method of an interface.
    pub fn static_interface_method(
        &mut self,
        owner: &str,
        name: &str,
        descriptor: &str,
    ) -> Result<StaticMethod, ClassFileError> {
        self.method(INTERFACE_METHOD, owner, name, descriptor)
    }

    fn method(
        &mut self,
        tag: u8,
        owner: &str,
        name: &str,
        descriptor: &str,
    ) -> Result<StaticMethod, ClassFileError> {
        let (takes, gives) = method_slots(Mutf8(descriptor.as_bytes()))
            .ok_or_else(|| ClassFileError::BadDescriptor { descriptor: descriptor.to_owned() })?;
        let owner = self.class(owner).handle;
        let member = self.name_and_type(name, descriptor);
        let handle = self.declare(Spec::Member(tag, owner, member));
        Ok(StaticMethod { handle, takes, gives })
    }

    /// Declares a field of a named class.
    pub fn field(
        &mut self,
        owner: &str,
        name: &str,
        descriptor: &str,
    ) -> Result<Field, ClassFileError> {
        let slots = slots_of(descriptor)?;
        let owner = self.class(owner).handle;
        let member = self.name_and_type(name, descriptor);
        Ok(Field { handle: self.declare(Spec::Member(FIELD, owner, member)), slots })
    }

    /// Declares a field that is read of one class or another.
    pub fn field_name(
        &mut self,
        name: &str,
        descriptor: &str,
    ) -> Result<FieldName, ClassFileError> {
        let slots = slots_of(descriptor)?;
        Ok(FieldName { handle: self.name_and_type(name, descriptor), slots })
    }

    /// Declares a field of whichever class is being rewritten.
    pub fn own_field(&mut self, name: &str, descriptor: &str) -> Result<Field, ClassFileError> {
        let slots = slots_of(descriptor)?;
        let member = self.name_and_type(name, descriptor);
        Ok(Field { handle: self.declare(Spec::Own(member)), slots })
    }

    /// Declares the text of an attribute name, a field's name or its descriptor.
    pub fn name(&mut self, name: &str) -> Text {
        Text { handle: self.utf8(name) }
    }

    /// The name of the attribute that holds a static field's value.
    pub(crate) fn constant_value_name(&mut self) -> Text {
        self.name("ConstantValue")
    }

    /// Forgets what was added, for a class with `count` constants.
    pub(crate) fn start_class(&mut self, count: u16, this_class: u16) {
        self.resolved.fill(0);
        self.integers.clear();
        self.classes.clear();
        self.fields.clear();
        self.bytes.clear();
        self.next_index = u32::from(count.max(1));
        self.this_class = this_class;
    }

    /// The constants added to the current class, and the count its pool has with them.
    pub(crate) fn added(&self) -> (&[u8], u16) {
        (&self.bytes, self.next_index as u16)
    }

    fn take_index(&mut self) -> Option<u16> {
        let index = u16::try_from(self.next_index).ok().filter(|index| *index < u16::MAX)?;
        self.next_index += 1;
        Some(index)
    }

    /// Index of a declared constant in the current class; `None` when the pool is full.
    #[inline]
    pub(crate) fn index(&mut self, handle: Handle) -> Option<u16> {
        match *self.resolved.get(usize::from(handle))? {
            0 => self.add(handle),
            index => Some(index),
        }
    }

    #[cold]
    fn add(&mut self, handle: Handle) -> Option<u16> {
        let spec = self.specs.get(usize::from(handle))?;
        let (tag, first, second) = match *spec {
            Spec::Utf8(_) => return self.add_utf8(handle),
            Spec::OfText(tag, text) => (tag, self.index(text)?, None),
            Spec::NameAndType(name, descriptor) => {
                (NAME_AND_TYPE, self.index(name)?, Some(self.index(descriptor)?))
            }
            Spec::Member(tag, class, member) => {
                (tag, self.index(class)?, Some(self.index(member)?))
            }
            Spec::Own(member) => (FIELD, self.this_class, Some(self.index(member)?)),
        };
        let index = self.take_index()?;
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&first.to_be_bytes());
        if let Some(second) = second {
            self.bytes.extend_from_slice(&second.to_be_bytes());
        }
        self.remember(handle, index)
    }

    fn add_utf8(&mut self, handle: Handle) -> Option<u16> {
        let index = self.take_index()?;
        if let Some(Spec::Utf8(text)) = self.specs.get(usize::from(handle)) {
            self.bytes.push(UTF8);
            self.bytes.extend_from_slice(text);
        }
        self.remember(handle, index)
    }

    fn remember(&mut self, handle: Handle, index: u16) -> Option<u16> {
        *self.resolved.get_mut(usize::from(handle))? = index;
        Some(index)
    }

    /// Index of a class by its name in the current class; `None` when the pool is full.
    pub(crate) fn class_named(&mut self, name: &[u8]) -> Option<u16> {
        if let Some((_, index)) = self.classes.iter().find(|(known, _)| **known == *name) {
            return Some(*index);
        }
        let length = u16::try_from(name.len()).ok()?;
        let text = self.take_index()?;
        self.bytes.push(UTF8);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(name);
        let index = self.take_index()?;
        self.bytes.push(CLASS);
        self.bytes.extend_from_slice(&text.to_be_bytes());
        self.classes.push((name.into(), index));
        Some(index)
    }

    /// Index of a field of the class at `owner` in the current class; `None` when the pool is full.
    pub(crate) fn field_in(&mut self, owner: u16, field: FieldName) -> Option<u16> {
        let is_it = |known: &&(u16, Handle, u16)| (known.0, known.1) == (owner, field.handle);
        if let Some((_, _, index)) = self.fields.iter().find(is_it) {
            return Some(*index);
        }
        let name_and_type = self.index(field.handle)?;
        let index = self.take_index()?;
        self.bytes.push(FIELD);
        self.bytes.extend_from_slice(&owner.to_be_bytes());
        self.bytes.extend_from_slice(&name_and_type.to_be_bytes());
        self.fields.push((owner, field.handle, index));
        Some(index)
    }

    /// Index of a `Long` constant in the current class; `None` when the pool is full.
    pub(crate) fn long(&mut self, value: i64) -> Option<u16> {
        let index = self.take_index()?;
        self.take_index()?;
        self.bytes.push(LONG);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        Some(index)
    }

    /// Index of an `Integer` constant in the current class; `None` when the pool is full.
    pub(crate) fn integer(&mut self, value: i32) -> Option<u16> {
        // The last one first: entry and exits of a method push the same number.
        if let Some((_, index)) = self.integers.iter().rev().find(|(known, _)| *known == value) {
            return Some(*index);
        }
        let index = self.take_index()?;
        self.bytes.push(INTEGER);
        self.bytes.extend_from_slice(&value.to_be_bytes());
        self.integers.push((value, index));
        Some(index)
    }
}

fn slots_of(descriptor: &str) -> Result<u16, ClassFileError> {
    field_slots(Mutf8(descriptor.as_bytes()))
        .ok_or_else(|| ClassFileError::BadDescriptor { descriptor: descriptor.to_owned() })
}

/// Appends `text` as modified UTF-8 (JVMS §4.4.7), at most 65,535 bytes of it.
fn encode(text: &str, bytes: &mut Vec<u8>) {
    for unit in text.encode_utf16() {
        if bytes.len() > usize::from(u16::MAX) - 1 {
            break;
        }
        match unit {
            1..=0x7f => bytes.push(unit as u8),
            0 | 0x80..=0x7ff => bytes.extend([0xc0 | (unit >> 6) as u8, 0x80 | (unit & 63) as u8]),
            _ => bytes.extend([
                0xe0 | (unit >> 12) as u8,
                0x80 | (unit >> 6 & 63) as u8,
                0x80 | (unit & 63) as u8,
            ]),
        }
    }
}
