//! The instructions of the barriers: what is emitted around field accesses on a worker. Which access
//! gets which, `worker` decides.

use beehive_classfile::{ClassFileError, Constants, Emitter, FieldName, Instruction, StaticMethod};

use crate::hooks::{BARRIER, STATE_FIELD, STATICS_FIELD};

/// The declared constants of the barriers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BarrierCode {
    state: FieldName,
    statics_state: FieldName,
    read: StaticMethod,
    read_unknown: StaticMethod,
    statics: StaticMethod,
    statics_unknown: StaticMethod,
    acquire: StaticMethod,
    release: StaticMethod,
}

/// How much is known of the class of an object or static field that needs a barrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It has the state field.
    AtState,
    /// It may have it: the runtime finds out.
    AtClass,
}

impl BarrierCode {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        Ok(Self {
            state: constants.field_name(STATE_FIELD, "I")?,
            statics_state: constants.field_name(STATICS_FIELD, "I")?,
            read: constants.static_method(BARRIER, "read", "(Ljava/lang/Object;I)V")?,
            read_unknown: constants.static_method(BARRIER, "read", "(Ljava/lang/Object;)V")?,
            statics: constants.static_method(BARRIER, "statics", "(ILjava/lang/Class;)V")?,
            statics_unknown: constants.static_method(BARRIER, "statics", "(Ljava/lang/Class;)V")?,
            acquire: constants.static_method(BARRIER, "acquire", "(Ljava/lang/Object;)V")?,
            release: constants.static_method(BARRIER, "release", "(Ljava/lang/Object;)V")?,
        })
    }

    /// At the entry of an instance method: looks at `this`, of the class that constant `this` names.
    pub(crate) fn look_at_this(&self, this: u16, emit: &mut Emitter<'_>) {
        emit.load_this();
        emit.load_this();
        emit.getfield_in(this, self.state);
        emit.invokestatic(self.read);
    }

    /// `… object → …`: looks at the object, seen as the class that constant `owner` names.
    fn look(&self, look: Look, owner: u16, emit: &mut Emitter<'_>) {
        match look {
            Look::AtState => {
                emit.dup();
                emit.getfield_in(owner, self.state);
                emit.invokestatic(self.read);
            }
            Look::AtClass => emit.invokestatic(self.read_unknown),
        }
    }

    /// `… object → … object`, looked at.
    pub(crate) fn look_at_top(&self, look: Look, owner: u16, emit: &mut Emitter<'_>) {
        emit.dup();
        self.look(look, owner, emit);
    }

    /// `… object value → … object value`, looked at; the value takes `slots`.
    pub(crate) fn look_below(&self, look: Look, owner: u16, slots: u16, emit: &mut Emitter<'_>) {
        copy_below(slots, emit);
        self.look(look, owner, emit);
    }

    /// Fetches the statics of the class that constant `owner` names, unless they are there.
    pub(crate) fn statics(&self, look: Look, owner: u16, emit: &mut Emitter<'_>) {
        match look {
            Look::AtState => {
                emit.getstatic_in(owner, self.statics_state);
                emit.push_class_at(owner);
                emit.invokestatic(self.statics);
            }
            Look::AtClass => {
                emit.push_class_at(owner);
                emit.invokestatic(self.statics_unknown);
            }
        }
    }

    /// `… object → … object`, before one of its volatile fields is read.
    pub(crate) fn acquire_top(&self, emit: &mut Emitter<'_>) {
        emit.dup();
        emit.invokestatic(self.acquire);
    }

    /// Before a volatile static field is read.
    pub(crate) fn acquire_class(&self, owner: u16, emit: &mut Emitter<'_>) {
        emit.push_class_at(owner);
        emit.invokestatic(self.acquire);
    }

    /// After a volatile static field was written.
    pub(crate) fn release_class(&self, owner: u16, emit: &mut Emitter<'_>) {
        emit.push_class_at(owner);
        emit.invokestatic(self.release);
    }

    /// In the place of a `putfield` of a volatile field whose value takes `slots`.
    pub(crate) fn put_and_release(
        &self,
        at: Instruction<'_, '_>,
        slots: u16,
        emit: &mut Emitter<'_>,
    ) {
        if slots == 1 {
            // object value → object object value
            emit.swap();
            emit.dup_x1();
            emit.swap();
        } else {
            copy_below(2, emit);
            emit.dup_x2();
            emit.pop();
        }
        emit.original(at, 1 + slots, 0);
        emit.invokestatic(self.release);
    }
}

/// `… object value → … object value object`.
fn copy_below(slots: u16, emit: &mut Emitter<'_>) {
    if slots == 1 {
        emit.dup2();
        emit.pop();
    } else {
        emit.dup2_x1();
        emit.pop2();
        emit.dup_x2();
    }
}
