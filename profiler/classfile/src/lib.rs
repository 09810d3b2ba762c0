//! Parses and rewrites Java class files: bytes in, bytes out, nothing else. The agents use it
//! inside a JVM at class load, the packager ahead of time. It knows no probe class and no JVM:
//! what is inserted comes from an implementation of [`Probes`]; what a class refers to is told
//! by [`ClassView`]. Arbitrary bytes are an error or a method left alone, never a panic.
//!
//! # Light probes
//!
//! ```
//! use beehive_classfile::{
//!     Emitter, Instruction, MethodPlan, MethodView, Probes, Rewriter, Rewritten, StaticMethod,
//! };
//!
//! /// Counts calls: `enter(id)` at entry, `exit(id)` on every way out; leaves only enter.
//! struct LightProbes {
//!     enter: StaticMethod,
//!     exit: StaticMethod,
//!     connect: StaticMethod,
//!     next_id: i32,
//! }
//!
//! impl Probes for LightProbes {
//!     fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
//!         if method.class().name() == "java/net/Socket" {
//!             let connects = method.name() == "connect"
//!                 && method.descriptor() == "(Ljava/net/SocketAddress;I)V";
//!             return if connects { MethodPlan::ENTRY } else { MethodPlan::NONE };
//!         }
//!         self.next_id += 1; // Remember class, name and descriptor of this id here.
//!         if method.is_leaf() {
//!             return MethodPlan::ENTRY;
//!         }
//!         MethodPlan::ENTRY | MethodPlan::RETURNS | MethodPlan::HANDLER
//!     }
//!
//!     fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
//!         if method.class().name() == "java/net/Socket" {
//!             emit.load_parameters(method); // aload_1, iload_2
//!             emit.invokestatic(self.connect);
//!         } else {
//!             emit.push_int(self.next_id);
//!             emit.invokestatic(self.enter);
//!         }
//!     }
//!
//!     fn at_return(&mut self, _at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
//!         emit.push_int(self.next_id);
//!         emit.invokestatic(self.exit);
//!     }
//!
//!     fn at_throw(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
//!         emit.push_int(self.next_id);
//!         emit.invokestatic(self.exit);
//!     }
//! }
//!
//! # fn main() -> Result<(), beehive_classfile::ClassFileError> {
//! let mut rewriter = Rewriter::new(); // Clone it for each thread that rewrites.
//! let constants = rewriter.constants();
//! let probe = "java/lang/BeeProbe";
//! let mut probes = LightProbes {
//!     enter: constants.static_method(probe, "enter", "(I)V")?,
//!     exit: constants.static_method(probe, "exit", "(I)V")?,
//!     connect: constants.static_method(probe, "connect", "(Ljava/net/SocketAddress;I)V")?,
//!     next_id: 0,
//! };
//! # let class_bytes = b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x05\x07\0\x02\x01\0\x01A\x07\0\x04\x01\0\
//! #     \x10java/lang/Object\0\x21\0\x01\0\x03\0\0\0\0\0\0\0\0";
//! match rewriter.rewrite(class_bytes, &mut probes)? {
//!     Rewritten::Unchanged => { /* give the JVM nothing */ }
//!     Rewritten::Changed(bytes) => { /* copy them into the JVM's own memory */ }
//! }
//! assert_eq!(rewriter.tally().left_alone_total(), 0);
//! # Ok(())
//! # }
//! ```

mod annotation;
mod attribute;
mod class_edits;
mod code;
mod code_tables;
mod constant_pool;
mod constants;
mod debug_tables;
mod descriptor;
mod duplicate;
mod emitter;
mod error;
mod frame_state;
mod jimage;
mod jimage_location;
mod jumps;
mod left_alone;
mod member;
mod method_writer;
mod mutf8;
pub mod opcode;
mod position;
mod probes;
mod read;
mod receivers;
mod rewriter;
mod scan;
mod stack_map;
mod super_call;
mod view;

pub use annotation::Annotations;
pub use class_edits::{ClassEdits, InitialValue};
pub use code::{Instruction, Instructions};
pub use constant_pool::{ConstantPool, DynamicRef, MemberRef};
pub use constants::{Class, Constants, Field, FieldName, StaticMethod, Text, VirtualMethod};
pub use descriptor::{
    Kind, Parameter, Parameters, classes_in, field_slots, method_slots, parameters, return_kind,
    return_type,
};
pub use emitter::Emitter;
pub use error::ClassFileError;
pub use jimage::JImage;
pub use jimage_location::Resource;
pub use left_alone::{LeftAlone, Tally};
pub use member::{
    ACC_ABSTRACT, ACC_BRIDGE, ACC_ENUM, ACC_FINAL, ACC_INTERFACE, ACC_NATIVE, ACC_PRIVATE,
    ACC_PUBLIC, ACC_STATIC, ACC_SYNCHRONIZED, ACC_SYNTHETIC, ACC_TRANSIENT, ACC_VOLATILE,
    FieldView, MethodView,
};
pub use mutf8::Mutf8;
pub use opcode::OpcodeSet;
pub use probes::{Action, MethodPlan, Probes};
pub use receivers::{Receiver, Receivers};
pub use rewriter::{HUGE_METHOD_LIMIT, Rewriter, Rewritten};
pub use view::{ClassView, ViewBuffers};
