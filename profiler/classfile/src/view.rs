//! `ClassView`: a read-only view over the bytes of one class. Owns two vectors of offsets,
//! nothing else; every look-up borrows. It never changes bytes: see `rewriter`.

use crate::annotation::Annotations;
use crate::attribute::{Attributes, skip_table};
use crate::constant_pool::{CLASS, ConstantPool, METHOD_TYPE, NAME_AND_TYPE};
use crate::descriptor::classes_in;
use crate::error::ClassFileError;
use crate::member::{FieldView, Member, MethodView};
use crate::mutf8::Mutf8;
use crate::read::{u16_at, u32_at};

/// Vectors that a finished view gives back, so that the next class allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct ViewBuffers {
    offsets: Vec<u32>,
    members: Vec<Member>,
}

/// A parsed class: where its parts are in the borrowed bytes.
#[derive(Debug, Clone)]
pub struct ClassView<'a> {
    bytes: &'a [u8],
    pool: ConstantPool<'a>,
    /// Fields, then methods.
    members: Vec<Member>,
    field_count: usize,
    interfaces_at: usize,
    fields_at: usize,
    methods_at: usize,
    attributes_at: usize,
}

impl<'a> ClassView<'a> {
    /// Finds the parts of a class file. Structure and lengths are checked, contents are not.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ClassFileError> {
        Self::parse_reusing(bytes, ViewBuffers::default())
    }

    /// [`parse`](Self::parse) without allocation, with the vectors of an earlier view.
    pub fn parse_reusing(bytes: &'a [u8], buffers: ViewBuffers) -> Result<Self, ClassFileError> {
        let truncated =
            |what, offset| ClassFileError::Truncated { what, offset, length: bytes.len() };
        let magic = u32_at(bytes, 0).ok_or_else(|| truncated("the header", 0))?;
        if magic != 0xcafe_babe {
            return Err(ClassFileError::BadMagic { found: magic });
        }
        let pool = ConstantPool::parse(bytes, buffers.offsets)?;
        let interfaces_at = pool.end() + 6;
        let interface_count = u16_at(bytes, interfaces_at)
            .ok_or_else(|| truncated("the class header", pool.end()))?;
        let fields_at = interfaces_at + 2 + 2 * usize::from(interface_count);
        let mut members = buffers.members;
        members.clear();
        let methods_at = read_members(bytes, None, fields_at, &mut members)
            .ok_or_else(|| truncated("the fields", fields_at))?;
        let field_count = members.len();
        let attributes_at = read_members(bytes, Some(&pool), methods_at, &mut members)
            .ok_or_else(|| truncated("the methods", methods_at))?;
        let end = skip_table(bytes, attributes_at)
            .ok_or_else(|| truncated("the class attributes", attributes_at))?;
        if end != bytes.len() {
            return Err(ClassFileError::TrailingBytes { end, length: bytes.len() });
        }
        let view = Self {
            bytes,
            pool,
            members,
            field_count,
            interfaces_at,
            fields_at,
            methods_at,
            attributes_at,
        };
        view.check_name()?;
        Ok(view)
    }

    /// The class must have a name, and a super class that is absent or has one.
    fn check_name(&self) -> Result<(), ClassFileError> {
        let expected = "class name";
        let this = self.this_class_index();
        self.pool.class_name(this).ok_or(ClassFileError::BadConstant { index: this, expected })?;
        let index = self.header_u16(4);
        if index != 0 && self.pool.class_name(index).is_none() {
            return Err(ClassFileError::BadConstant { index, expected });
        }
        Ok(())
    }

    /// Gives the vectors back for [`parse_reusing`](Self::parse_reusing).
    pub fn into_buffers(self) -> ViewBuffers {
        ViewBuffers { offsets: self.pool.into_offsets(), members: self.members }
    }

    /// The bytes the view was made from.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The constant pool.
    pub fn pool(&self) -> &ConstantPool<'a> {
        &self.pool
    }

    /// Offset of the number of fields.
    pub(crate) fn fields_at(&self) -> usize {
        self.fields_at
    }

    /// Offset of the number of methods, after the last field.
    pub(crate) fn methods_at(&self) -> usize {
        self.methods_at
    }

    fn header_u16(&self, skip: usize) -> u16 {
        u16_at(self.bytes, self.pool.end() + skip).unwrap_or(0)
    }

    /// Major version of the class file: 61 is Java 17, 69 is Java 25.
    pub fn major(&self) -> u16 {
        u16_at(self.bytes, 6).unwrap_or(0)
    }

    /// Access flags (JVMS table 4.1-B).
    pub fn access(&self) -> u16 {
        self.header_u16(0)
    }

    /// Whether this is an interface (annotation types included).
    pub fn is_interface(&self) -> bool {
        self.access() & 0x0200 != 0
    }

    /// Index of the constant that names this class.
    pub fn this_class_index(&self) -> u16 {
        self.header_u16(2)
    }

    /// Internal name, `java/util/ArrayList`.
    pub fn name(&self) -> Mutf8<'a> {
        self.pool.class_name(self.this_class_index()).unwrap_or(Mutf8(b""))
    }

    /// Internal name of the super class; `None` for `java/lang/Object` and modules.
    pub fn super_name(&self) -> Option<Mutf8<'a>> {
        self.pool.class_name(self.header_u16(4))
    }

    /// Internal names of the interfaces that the class names itself.
    pub fn interfaces(&self) -> impl Iterator<Item = Mutf8<'a>> {
        let count = usize::from(u16_at(self.bytes, self.interfaces_at).unwrap_or(0));
        let indices = (1..=count).map(|i| u16_at(self.bytes, self.interfaces_at + 2 * i));
        indices.filter_map(|index| self.pool.class_name(index?))
    }

    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.bytes.get(self.attributes_at..).unwrap_or_default())
    }

    /// Type descriptors of the annotations of the class.
    pub fn annotations(&self) -> Annotations<'_, 'a> {
        Annotations::new(&self.pool, self.attributes())
    }

    /// Constants of a bootstrap method by its number: its method handle, then its arguments.
    pub fn bootstrap(&self, number: u16) -> impl Iterator<Item = u16> + use<'a> {
        let named =
            |index| self.pool.utf8(index).is_some_and(|name: Mutf8<'_>| name == "BootstrapMethods");
        let table = self.attributes().find(|attribute| named(attribute.name_index));
        let table = table.map_or(&[][..], |attribute| attribute.payload);
        let mut at = 2;
        for _ in 0..number {
            at += 4 + 2 * usize::from(u16_at(table, at + 2).unwrap_or(0));
        }
        let count = usize::from(u16_at(table, at + 2).unwrap_or(0));
        let handle = u16_at(table, at).into_iter();
        handle.chain((0..count).map_while(move |i| u16_at(table, at + 4 + 2 * i)))
    }

    /// Access flags as the language has them: of a nested class those of its declaration
    /// (JVMS §4.7.6).
    pub fn declared_access(&self) -> u16 {
        let named =
            |index| self.pool.utf8(index).is_some_and(|name: Mutf8<'_>| name == "InnerClasses");
        let table = self.attributes().find(|attribute| named(attribute.name_index));
        let rows = table.and_then(|table| table.payload.get(2..)).unwrap_or_default();
        let mut own = rows.chunks_exact(8).filter(|row| {
            u16_at(row, 0).and_then(|class| self.pool.class_name(class)) == Some(self.name())
        });
        own.next().and_then(|row| u16_at(row, 6)).unwrap_or_else(|| self.access())
    }

    /// Name of the source file, when the class says it.
    pub fn source_file(&self) -> Option<Mutf8<'a>> {
        let named =
            |index| self.pool.utf8(index).is_some_and(|name: Mutf8<'_>| name == "SourceFile");
        let found = self.attributes().find(|attribute| named(attribute.name_index))?;
        self.pool.utf8(u16_at(found.payload, 0)?)
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldView<'_, 'a>> {
        let fields = self.members.get(..self.field_count).unwrap_or_default();
        fields.iter().map(|member| FieldView::new(self, *member))
    }

    /// The methods, in order, those without code included.
    pub fn methods(&self) -> impl ExactSizeIterator<Item = MethodView<'_, 'a>> {
        let methods = self.members.get(self.field_count..).unwrap_or_default();
        methods.iter().map(|member| MethodView::new(self, *member))
    }

    /// Internal names of the classes this class mentions: `Class` constants (elements of
    /// arrays), and the types in descriptors of its members, of the members it uses, and of
    /// method types. Names repeat; annotations and generic signatures are not followed.
    pub fn referenced_classes(&self) -> impl Iterator<Item = Mutf8<'a>> {
        let constants = (1..self.pool.count()).filter_map(|index| self.types_of_constant(index));
        let own = self.members.iter().filter_map(|member| {
            let descriptor = u16_at(self.bytes, member.start as usize + 4)?;
            self.pool.utf8(descriptor).map(TypeText::Descriptor)
        });
        constants.chain(own).flat_map(TypeText::classes)
    }

    fn types_of_constant(&self, index: u16) -> Option<TypeText<'a>> {
        match self.pool.tag(index)? {
            CLASS => {
                let name = self.pool.class_name(index)?;
                let is_array = name.0.first() == Some(&b'[');
                Some(if is_array { TypeText::Descriptor(name) } else { TypeText::Name(name) })
            }
            NAME_AND_TYPE => self.pool.name_and_type(index).map(|(_, t)| TypeText::Descriptor(t)),
            METHOD_TYPE => self.pool.method_type(index).map(TypeText::Descriptor),
            _ => None,
        }
    }
}

/// Where class names stand: alone, or inside a descriptor.
enum TypeText<'a> {
    Name(Mutf8<'a>),
    Descriptor(Mutf8<'a>),
}

impl<'a> TypeText<'a> {
    fn classes(self) -> impl Iterator<Item = Mutf8<'a>> {
        let (name, descriptor) = match self {
            Self::Name(name) => (Some(name), Mutf8(b"")),
            Self::Descriptor(descriptor) => (None, descriptor),
        };
        name.into_iter().chain(classes_in(descriptor))
    }
}

/// Records the members of the table at `at`; gives the offset after it. With a pool (for
/// methods) the `Code` attribute is looked for as well.
fn read_members(
    bytes: &[u8],
    pool: Option<&ConstantPool<'_>>,
    at: usize,
    members: &mut Vec<Member>,
) -> Option<usize> {
    let count = u16_at(bytes, at)?;
    let mut at = at + 2;
    // The index of the name "Code": compared as text once a class.
    let mut code_name = 0;
    for _ in 0..count {
        let start = at as u32;
        let attributes = u16_at(bytes, at + 6)?;
        at += 8;
        let mut code_at = 0;
        for _ in 0..attributes {
            let name = u16_at(bytes, at)?;
            let length = u32_at(bytes, at + 2)? as usize;
            if let Some(pool) = pool
                && code_at == 0
                && (name == code_name || pool.utf8(name).is_some_and(|name| name == "Code"))
            {
                code_name = name;
                code_at = at as u32;
            }
            at = at.checked_add(6)?.checked_add(length)?;
        }
        if at > bytes.len() {
            return None;
        }
        members.push(Member { start, code_at });
    }
    Some(at)
}
