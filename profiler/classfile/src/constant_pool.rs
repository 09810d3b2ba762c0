//! `ConstantPool`: where each constant starts, and typed look-ups that borrow.
//! Only tags and lengths are checked up front; indices are checked when they are followed.

use crate::error::ClassFileError;
use crate::mutf8::Mutf8;
use crate::read::{u8_at, u16_at};

pub(crate) const UTF8: u8 = 1;
pub(crate) const INTEGER: u8 = 3;
pub(crate) const FLOAT: u8 = 4;
pub(crate) const LONG: u8 = 5;
pub(crate) const DOUBLE: u8 = 6;
pub(crate) const CLASS: u8 = 7;
pub(crate) const STRING: u8 = 8;
pub(crate) const FIELD: u8 = 9;
pub(crate) const METHOD: u8 = 10;
pub(crate) const INTERFACE_METHOD: u8 = 11;
pub(crate) const NAME_AND_TYPE: u8 = 12;
pub(crate) const METHOD_HANDLE: u8 = 15;
pub(crate) const METHOD_TYPE: u8 = 16;
pub(crate) const DYNAMIC: u8 = 17;
pub(crate) const INVOKE_DYNAMIC: u8 = 18;
const MODULE: u8 = 19;
const PACKAGE: u8 = 20;

/// Size of a constant in bytes, tag included (the fixed part of a `Utf8`); 0: no such tag.
const SIZES: [u8; 21] = [0, 3, 0, 5, 5, 9, 9, 3, 3, 5, 5, 5, 5, 0, 0, 4, 3, 5, 5, 3, 3];

/// Where the pool starts in a class file: after magic, versions and count.
pub(crate) const POOL_START: usize = 10;

/// A field or method as a constant names it: all three texts borrow from the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRef<'a> {
    /// Internal name of the class named at the site, `java/util/List`, or an array descriptor.
    pub owner: Mutf8<'a>,
    /// Name of the field or method.
    pub name: Mutf8<'a>,
    /// Its descriptor.
    pub descriptor: Mutf8<'a>,
    /// Whether the constant is an `InterfaceMethodref`.
    pub is_interface: bool,
}

/// A call site of `invokedynamic` (or a dynamic constant).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DynamicRef<'a> {
    /// Index in the `BootstrapMethods` attribute.
    pub bootstrap: u16,
    /// Name given to the bootstrap method.
    pub name: Mutf8<'a>,
    /// Descriptor of the call, or of the constant.
    pub descriptor: Mutf8<'a>,
}

/// The constant pool of one class: its bytes and the offset of each constant.
#[derive(Debug, Clone)]
pub struct ConstantPool<'a> {
    bytes: &'a [u8],
    /// Offset of constant `i` in `bytes`; 0 for index 0 and second halves of `long`/`double`.
    offsets: Vec<u32>,
    end: usize,
}

impl<'a> ConstantPool<'a> {
    /// Finds the constants of a whole class file. `offsets` is a used vector to fill again.
    pub(crate) fn parse(bytes: &'a [u8], mut offsets: Vec<u32>) -> Result<Self, ClassFileError> {
        let truncated = |offset| ClassFileError::Truncated {
            what: "the constant pool",
            offset,
            length: bytes.len(),
        };
        let count = u16_at(bytes, POOL_START - 2).ok_or_else(|| truncated(POOL_START - 2))?;
        offsets.clear();
        offsets.resize(usize::from(count), 0);
        let mut at = POOL_START;
        let mut slots = offsets.iter_mut().skip(1);
        let mut left = count.max(1);
        while let Some(slot) = slots.next() {
            let tag = u8_at(bytes, at).ok_or_else(|| truncated(at))?;
            *slot = at as u32;
            left -= 1;
            let size = usize::from(SIZES.get(usize::from(tag)).copied().unwrap_or(0));
            if size == 0 {
                let index = count - left;
                return Err(ClassFileError::BadConstantTag { index, offset: at, tag });
            }
            if tag == UTF8 {
                at += usize::from(u16_at(bytes, at + 1).ok_or_else(|| truncated(at))?);
            } else if tag == LONG || tag == DOUBLE {
                let index = count - left;
                let expected = "long or double with its second slot";
                slots.next().ok_or(ClassFileError::BadConstant { index, expected })?;
                left -= 1;
            }
            at += size;
        }
        if at > bytes.len() {
            return Err(truncated(POOL_START));
        }
        Ok(Self { bytes, offsets, end: at })
    }

    /// Gives the vector of offsets back, to be used for another class.
    pub(crate) fn into_offsets(self) -> Vec<u32> {
        self.offsets
    }

    /// The count as the class file has it: one more than the highest index.
    pub fn count(&self) -> u16 {
        self.offsets.len() as u16
    }

    /// Offset of the first byte after the pool.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Offset of constant `index`, when it exists and has this tag.
    #[inline]
    fn tagged(&self, index: u16, tag: u8) -> Option<usize> {
        let at = *self.offsets.get(usize::from(index))? as usize;
        (u8_at(self.bytes, at)? == tag).then_some(at)
    }

    /// Tag of constant `index` (JVMS table 4.4-A); `None` for an unusable index.
    pub fn tag(&self, index: u16) -> Option<u8> {
        let at = *self.offsets.get(usize::from(index))? as usize;
        if at == 0 { None } else { u8_at(self.bytes, at) }
    }

    /// Text of a `Utf8` constant.
    #[inline]
    pub fn utf8(&self, index: u16) -> Option<Mutf8<'a>> {
        let at = self.tagged(index, UTF8)?;
        let length = usize::from(u16_at(self.bytes, at + 1)?);
        self.bytes.get(at + 3..)?.get(..length).map(Mutf8)
    }

    /// The index stored `skip` bytes into constant `index` of kind `tag`.
    #[inline]
    fn operand(&self, index: u16, tag: u8, skip: usize) -> Option<u16> {
        u16_at(self.bytes, self.tagged(index, tag)? + skip)
    }

    /// Internal name of a `Class` constant.
    pub fn class_name(&self, index: u16) -> Option<Mutf8<'a>> {
        self.utf8(self.operand(index, CLASS, 1)?)
    }

    /// Text of a `String` constant.
    pub fn string(&self, index: u16) -> Option<Mutf8<'a>> {
        self.utf8(self.operand(index, STRING, 1)?)
    }

    /// Name and descriptor of a `NameAndType` constant.
    pub fn name_and_type(&self, index: u16) -> Option<(Mutf8<'a>, Mutf8<'a>)> {
        let at = self.tagged(index, NAME_AND_TYPE)?;
        let name = self.utf8(u16_at(self.bytes, at + 1)?)?;
        Some((name, self.utf8(u16_at(self.bytes, at + 3)?)?))
    }

    /// Descriptor of a `MethodType` constant.
    pub fn method_type(&self, index: u16) -> Option<Mutf8<'a>> {
        self.utf8(self.operand(index, METHOD_TYPE, 1)?)
    }

    /// A `Fieldref`, `Methodref` or `InterfaceMethodref` with everything it names.
    pub fn member(&self, index: u16) -> Option<MemberRef<'a>> {
        let at = *self.offsets.get(usize::from(index))? as usize;
        let tag = u8_at(self.bytes, at)?;
        if !matches!(tag, FIELD | METHOD | INTERFACE_METHOD) {
            return None;
        }
        let owner = self.class_name(u16_at(self.bytes, at + 1)?)?;
        let (name, descriptor) = self.name_and_type(u16_at(self.bytes, at + 3)?)?;
        Some(MemberRef { owner, name, descriptor, is_interface: tag == INTERFACE_METHOD })
    }

    /// Index of the class that a `Fieldref`, `Methodref` or `InterfaceMethodref` names.
    pub fn member_class(&self, index: u16) -> Option<u16> {
        let at = *self.offsets.get(usize::from(index))? as usize;
        let is_member = matches!(u8_at(self.bytes, at)?, FIELD | METHOD | INTERFACE_METHOD);
        if is_member { u16_at(self.bytes, at + 1) } else { None }
    }

    /// A `Dynamic` or `InvokeDynamic` constant.
    pub fn dynamic(&self, index: u16) -> Option<DynamicRef<'a>> {
        let at = self.tagged(index, INVOKE_DYNAMIC).or_else(|| self.tagged(index, DYNAMIC))?;
        let bootstrap = u16_at(self.bytes, at + 1)?;
        let (name, descriptor) = self.name_and_type(u16_at(self.bytes, at + 3)?)?;
        Some(DynamicRef { bootstrap, name, descriptor })
    }

    /// Kind (1–9, JVMS table 5.4.3.5-A) and member of a `MethodHandle` constant.
    pub fn method_handle(&self, index: u16) -> Option<(u8, MemberRef<'a>)> {
        let at = self.tagged(index, METHOD_HANDLE)?;
        Some((u8_at(self.bytes, at + 1)?, self.member(u16_at(self.bytes, at + 2)?)?))
    }

    /// Offset of a `MethodHandle` constant.
    pub(crate) fn method_handle_at(&self, index: u16) -> Option<usize> {
        self.tagged(index, METHOD_HANDLE)
    }

    /// Indices of the `MethodHandle` constants.
    pub fn method_handles(&self) -> impl Iterator<Item = u16> {
        (1..self.count()).filter(|index| self.tagged(*index, METHOD_HANDLE).is_some())
    }

    /// Whether loading constant `index` can run no Java code: a number or a string.
    pub(crate) fn is_plain_value(&self, index: u16) -> bool {
        matches!(self.tag(index), Some(INTEGER | FLOAT | LONG | DOUBLE | STRING))
    }
}

// Every tag is named, also those that are only measured.
const _: () = assert!(SIZES.len() == PACKAGE as usize + 1 && MODULE < PACKAGE);
