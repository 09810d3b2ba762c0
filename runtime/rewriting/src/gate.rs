//! The gate: what stands at the entry of a root method on the server. When it is open the runtime
//! may answer instead of the method; else the method runs as ever.
//!
//! ```text
//! if (Gate.isOpen(N)) {
//!     Object answer = Gate.invoke(N, this, new Object[] {…});
//!     if (answer != Gate.LOCAL) return (T) answer;
//! }
//! ```

use beehive_classfile::opcode::{IF_ACMPEQ, IFEQ};
use beehive_classfile::{
    Class, ClassFileError, Constants, Emitter, Field, Kind, MethodView, Mutf8, StaticMethod,
    return_kind, return_type,
};

use crate::boxes::Boxes;
use crate::hooks::GATE;

pub(crate) const IS_OPEN: &str = "(I)Z";
pub(crate) const INVOKE: &str = "(ILjava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;";

/// The declared constants of a gate.
#[derive(Debug, Clone)]
pub(crate) struct GateCode {
    is_open: StaticMethod,
    invoke: StaticMethod,
    local: Field,
    object: Class,
    boxes: Boxes,
}

impl GateCode {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        Ok(Self {
            is_open: constants.static_method(GATE, "isOpen", IS_OPEN)?,
            invoke: constants.static_method(GATE, "invoke", INVOKE)?,
            local: constants.field(GATE, "LOCAL", "Ljava/lang/Object;")?,
            object: constants.class("java/lang/Object"),
            boxes: Boxes::declare(constants)?,
        })
    }

    /// Emits the gate of root `number` at the entry of `method`.
    pub(crate) fn emit(&self, number: i32, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(number);
        emit.invokestatic(self.is_open);
        emit.branch_to_code(IFEQ, 1);
        emit.push_int(number);
        if method.is_static() {
            emit.push_null();
        } else {
            emit.load_this();
        }
        self.arguments(method, emit);
        emit.invokestatic(self.invoke);
        let answer = emit.scratch(0);
        emit.store(Kind::Reference, answer);
        emit.load(Kind::Reference, answer);
        emit.getstatic(self.local);
        emit.branch_to_code(IF_ACMPEQ, 2);
        if let Some(kind) = return_kind(method.descriptor()) {
            emit.load(Kind::Reference, answer);
            let descriptor = return_type(method.descriptor()).unwrap_or(Mutf8::new(b""));
            self.boxes.open(descriptor, emit);
            emit.return_value(Some(kind));
        } else {
            emit.return_value(None);
        }
    }

    fn arguments(&self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(method.parameters().count() as i32);
        emit.new_array(self.object);
        for (index, parameter) in (0..).zip(method.parameters()) {
            emit.dup();
            emit.push_int(index);
            emit.load(parameter.kind, parameter.slot);
            self.boxes.close(parameter.descriptor, emit);
            emit.store_element();
        }
    }
}
