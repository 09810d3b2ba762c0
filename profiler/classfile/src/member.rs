//! `MethodView` and `FieldView`: one member of a class, borrowed from its `ClassView`.

use crate::annotation::Annotations;
use crate::attribute::{Attributes, skip_table};
use crate::code::{Code, Instructions};
use crate::constant_pool::ConstantPool;
use crate::descriptor::{Parameters, parameters};
use crate::mutf8::Mutf8;
use crate::opcode::{self, INVOKEVIRTUAL};
use crate::read::{u16_at, u32_at};
use crate::view::ClassView;

/// Access flag of public classes and members.
pub const ACC_PUBLIC: u16 = 0x0001;
/// Access flag of private members.
pub const ACC_PRIVATE: u16 = 0x0002;
/// Access flag of classes without subclasses, fields set once, methods not overridden.
pub const ACC_FINAL: u16 = 0x0010;
/// Access flag of volatile fields.
pub const ACC_VOLATILE: u16 = 0x0040;
/// Access flag of fields that are not serialised.
pub const ACC_TRANSIENT: u16 = 0x0080;
/// Access flag of interfaces.
pub const ACC_INTERFACE: u16 = 0x0200;
/// Access flag of abstract classes and methods.
pub const ACC_ABSTRACT: u16 = 0x0400;
/// Access flag of enum classes and constants.
pub const ACC_ENUM: u16 = 0x4000;
/// Access flag of static members.
pub const ACC_STATIC: u16 = 0x0008;
/// Access flag of methods whose body holds the monitor.
pub const ACC_SYNCHRONIZED: u16 = 0x0020;
/// Access flag of native methods.
pub const ACC_NATIVE: u16 = 0x0100;
/// Access flag of members that the compiler made.
pub const ACC_SYNTHETIC: u16 = 0x1000;
/// Access flag of bridge methods.
pub const ACC_BRIDGE: u16 = 0x0040;

/// Where a member is: its start, and its `Code` attribute (0: none).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) start: u32,
    pub(crate) code_at: u32,
}

/// A field of a class.
#[derive(Debug, Clone, Copy)]
pub struct FieldView<'v, 'a> {
    class: &'v ClassView<'a>,
    member: Member,
}

/// A method of a class.
#[derive(Debug, Clone, Copy)]
pub struct MethodView<'v, 'a> {
    class: &'v ClassView<'a>,
    member: Member,
}

/// What fields and methods share.
macro_rules! member_parts {
    ($view:ident) => {
        impl<'v, 'a> $view<'v, 'a> {
            pub(crate) fn new(class: &'v ClassView<'a>, member: Member) -> Self {
                Self { class, member }
            }

            /// The class it belongs to.
            pub fn class(&self) -> &'v ClassView<'a> {
                self.class
            }

            /// Offset in the class file of its access flags, where it begins.
            pub(crate) fn start(&self) -> usize {
                self.member.start as usize
            }

            fn part(&self, skip: usize) -> u16 {
                u16_at(self.class.bytes(), self.member.start as usize + skip).unwrap_or(0)
            }

            fn text(&self, skip: usize) -> Mutf8<'a> {
                self.class.pool().utf8(self.part(skip)).unwrap_or(Mutf8(b""))
            }

            /// Access flags (JVMS tables 4.5-A and 4.6-A).
            pub fn access(&self) -> u16 {
                self.part(0)
            }

            /// Name; empty when the class file is malformed here.
            pub fn name(&self) -> Mutf8<'a> {
                self.text(2)
            }

            /// Descriptor; empty when the class file is malformed here.
            pub fn descriptor(&self) -> Mutf8<'a> {
                self.text(4)
            }

            /// Whether it is static.
            pub fn is_static(&self) -> bool {
                self.access() & ACC_STATIC != 0
            }

            fn attributes(&self) -> Attributes<'a> {
                let at = self.member.start as usize + 6;
                Attributes::new(self.class.bytes().get(at..).unwrap_or_default())
            }

            /// Type descriptors of its annotations.
            pub fn annotations(&self) -> Annotations<'v, 'a> {
                Annotations::new(self.class.pool(), self.attributes())
            }
        }
    };
}

member_parts!(FieldView);
member_parts!(MethodView);

impl FieldView<'_, '_> {
    /// Whether the class file gives it its value (static fields, JVMS §4.7.2).
    pub fn has_constant_value(&self) -> bool {
        let pool = self.class.pool();
        self.attributes().any(|attribute| {
            pool.utf8(attribute.name_index).is_some_and(|name| name == "ConstantValue")
        })
    }
}

impl<'v, 'a> MethodView<'v, 'a> {
    /// Offset behind its last attribute.
    pub(crate) fn end(&self) -> Option<usize> {
        skip_table(self.class.bytes(), self.start() + 6)
    }

    pub(crate) fn code_at(&self) -> Option<usize> {
        (self.member.code_at != 0).then_some(self.member.code_at as usize)
    }

    /// The bytes of the `Code` attribute after its name and length.
    pub(crate) fn code_payload(&self) -> Option<&'a [u8]> {
        let at = self.code_at()?;
        let length = u32_at(self.class.bytes(), at + 2)? as usize;
        self.class.bytes().get(at + 6..)?.get(..length)
    }

    /// Whether the method has code: it is neither abstract nor native.
    pub fn has_code(&self) -> bool {
        self.member.code_at != 0
    }

    /// The code taken apart. Class files before 45.3 lay it out in another way (JVMS §4.7.3 of
    /// the first edition); no compiler since 1996 writes them, so they count as malformed.
    pub(crate) fn code(&self) -> Option<Code<'a>> {
        let version = (self.class.major(), u16_at(self.class.bytes(), 4)?);
        if version < (45, 3) { None } else { Code::parse(self.code_payload()?) }
    }

    /// Length of the code in bytes; `None` without code.
    pub fn code_length(&self) -> Option<u32> {
        self.code().map(|code| code.bytes.len() as u32)
    }

    /// The instructions, in order of position; ends early when the code is malformed.
    pub fn instructions(&self) -> Instructions<'v, 'a> {
        Instructions::new(*self, self.code().map_or(&[], |code| code.bytes))
    }

    /// Where its exception handlers begin, as positions of instructions; one that serves several
    /// ranges comes several times.
    pub fn handlers(&self) -> impl Iterator<Item = u32> + use<'a> {
        let rows = self.code().map_or(&[][..], |code| code.exceptions);
        rows.chunks_exact(8).filter_map(|row| u16_at(row, 4)).map(u32::from)
    }

    /// Whether this is `<init>`.
    pub fn is_constructor(&self) -> bool {
        self.name() == "<init>"
    }

    /// The parameters with the local variables that hold them on entry.
    pub fn parameters(&self) -> Parameters<'a> {
        parameters(self.descriptor(), u16::from(!self.is_static()))
    }

    /// Whether no other method can run inside this one: it calls nothing, creates no object,
    /// enters no monitor and touches only statics of its own class (another's could run that
    /// class's initialiser). Arrays of primitives and casts are allowed. A method whose code is
    /// malformed or absent is no leaf, and neither is a synchronized one.
    pub fn is_leaf(&self) -> bool {
        let mut end = 0;
        let plain = self.instructions().all(|instruction| {
            end = instruction.next_pc();
            leaf_instruction(self.class.pool(), self.class.this_class_index(), &instruction)
        });
        plain && self.access() & ACC_SYNCHRONIZED == 0 && self.code_length() == Some(end)
    }
}

/// Whether one instruction keeps its method a leaf.
fn leaf_instruction(
    pool: &ConstantPool<'_>,
    this_class: u16,
    instruction: &crate::code::Instruction<'_, '_>,
) -> bool {
    match instruction.opcode() {
        INVOKEVIRTUAL..=opcode::NEW
        | opcode::ANEWARRAY
        | opcode::MULTIANEWARRAY
        | opcode::MONITORENTER
        | opcode::MONITOREXIT => false,
        opcode::GETSTATIC | opcode::PUTSTATIC => {
            let name = pool.class_name(this_class);
            instruction.member().is_some_and(|member| Some(member.owner) == name)
        }
        opcode::LDC | opcode::LDC_W | opcode::LDC2_W => {
            instruction.constant_index().is_some_and(|index| pool.is_plain_value(index))
        }
        _ => true,
    }
}
