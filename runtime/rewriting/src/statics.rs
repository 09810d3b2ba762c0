//! Statics of a class on a worker: fetched from home at the first access, so its initialiser does not
//! run there. Some classes keep theirs: enums and interfaces, and classes whose initialiser gives the
//! same on both sides and changes nothing else.

use beehive_classfile::opcode::{
    ANEWARRAY, GETFIELD, GETSTATIC, INVOKEINTERFACE, INVOKEVIRTUAL, MONITORENTER, MONITOREXIT,
    MULTIANEWARRAY, NEW, NEWARRAY, PUTFIELD, PUTSTATIC,
};
use beehive_classfile::{ACC_FINAL, ACC_SYNTHETIC, ClassView, FieldView, Instruction, MethodView};

use crate::class_index::{Kind, kind_of};

/// Names of the tables that compilers of `switch` over enums make: they map this JVM's ordinals.
const ENUM_TABLES: [&[u8]; 2] = [b"$SwitchMap$", b"$EnumSwitchMapping$"];

/// Whether a static field has its value from more than the class file.
pub(crate) fn is_pending(field: &FieldView<'_, '_>) -> bool {
    let is_constant = field.access() & ACC_FINAL != 0 && field.has_constant_value();
    field.is_static() && !is_constant
}

/// Whether the initialiser of a class is left out on workers, and its statics fetched.
pub(crate) fn has_pending_statics(class: &ClassView<'_>) -> bool {
    drops_initialiser(class) && class.fields().any(|field| is_pending(&field))
}

/// Whether the initialiser of a class, if it has one, does not run on workers.
pub(crate) fn drops_initialiser(class: &ClassView<'_>) -> bool {
    let is_kept = matches!(kind_of(class), Kind::Enum | Kind::Interface)
        || is_enum_table(class)
        || is_pure(class);
    !is_kept
}

fn is_enum_table(class: &ClassView<'_>) -> bool {
    let is_table = |field: FieldView<'_, '_>| {
        ENUM_TABLES.iter().any(|prefix| field.name().as_bytes().starts_with(prefix))
    };
    let is_synthetic =
        class.access() & ACC_SYNTHETIC != 0 || class.name().as_bytes().ends_with(b"$WhenMappings");
    is_synthetic && class.fields().len() > 0 && class.fields().all(is_table)
}

/// Whether the initialiser sets only final statics without identity, and from constants: `assert`'s
/// flag, numbers, strings.
fn is_pure(class: &ClassView<'_>) -> bool {
    let mut pending = class.fields().filter(is_pending).peekable();
    let plain = |field: FieldView<'_, '_>| {
        let descriptor = field.descriptor();
        let is_value = descriptor.as_bytes().len() == 1 || descriptor == "Ljava/lang/String;";
        is_value && field.access() & ACC_FINAL != 0
    };
    let Some(initialiser) = class.methods().find(|method| method.name() == "<clinit>") else {
        return false;
    };
    pending.peek().is_some() && pending.all(plain) && runs_nothing(initialiser)
}

fn runs_nothing(initialiser: MethodView<'_, '_>) -> bool {
    let mut end = 0;
    let plain = initialiser.instructions().all(|instruction| {
        end = instruction.next_pc();
        is_plain(initialiser, &instruction)
    });
    plain && initialiser.code_length() == Some(end)
}

fn is_plain(initialiser: MethodView<'_, '_>, instruction: &Instruction<'_, '_>) -> bool {
    match instruction.opcode() {
        GETSTATIC | PUTSTATIC => {
            instruction.member().is_some_and(|field| field.owner == initialiser.class().name())
        }
        INVOKEVIRTUAL => {
            instruction.member().is_some_and(|method| method.name == "desiredAssertionStatus")
        }
        GETFIELD | PUTFIELD | NEW | NEWARRAY | ANEWARRAY | MULTIANEWARRAY | MONITORENTER
        | MONITOREXIT => false,
        opcode => !(INVOKEVIRTUAL..=0xba).contains(&opcode) && opcode != INVOKEINTERFACE,
    }
}
