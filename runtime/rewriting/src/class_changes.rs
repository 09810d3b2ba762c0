//! What changes of a worker's class outside its code: the two state fields, flags that would forbid
//! stand-ins or monitors of the runtime, the initialiser, lambda sites, handles of atomics, and the
//! serialVersionUID that all this would change.

use beehive_classfile::{
    ACC_FINAL, ACC_PRIVATE, ACC_PUBLIC, ACC_STATIC, ACC_SYNCHRONIZED, ACC_SYNTHETIC, ACC_TRANSIENT,
    ClassEdits, ClassFileError, ClassView, Constants, InitialValue, MethodView, Text,
};

use crate::call_code::CallCode;
use crate::class_index::{ClassIndex, Kind, Known};
use crate::hooks::{INITIALISER, STATE_FIELD, STATICS_FIELD, STATICS_PENDING};
use crate::lambdas::LambdaBootstraps;
use crate::serial_version::{self, default_serial_version, is_declared};
use crate::statics::{drops_initialiser, has_pending_statics, is_pending};

/// Java 5: since then a class can be named in code, as barriers do. Older class files differ in nothing else that a
/// JVM looks at: both are verified without stack maps.
const CLASSES_IN_CODE_MAJOR: u16 = 49;

/// `REF_invokeVirtual` (JVMS table 5.4.3.5-A).
const INVOKE_VIRTUAL_HANDLE: u8 = 5;

/// The declared constants of class changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChangeConstants {
    lambdas: LambdaBootstraps,
    state: Text,
    statics_state: Text,
    int: Text,
    serial_version: Text,
    long: Text,
    initialiser: Text,
    /// Keeps the initialisers as ordinary methods.
    pub(crate) keep_initialisers: bool,
}

impl ChangeConstants {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        Ok(Self {
            lambdas: LambdaBootstraps::declare(constants)?,
            state: constants.name(STATE_FIELD),
            statics_state: constants.name(STATICS_FIELD),
            int: constants.name("I"),
            serial_version: constants.name(serial_version::FIELD),
            long: constants.name("J"),
            initialiser: constants.name(INITIALISER),
            keep_initialisers: false,
        })
    }
}

/// Makes the changes of one class.
pub(crate) struct ClassChanges<'c> {
    pub(crate) constants: &'c ChangeConstants,
    pub(crate) calls: &'c CallCode,
    pub(crate) index: &'c ClassIndex,
    pub(crate) kind: Kind,
}

impl ClassChanges<'_> {
    /// Makes them; gives how many synchronized methods keep their monitor to this JVM.
    pub(crate) fn make(&self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) -> u64 {
        if class.major() < CLASSES_IN_CODE_MAJOR {
            edits.set_major(CLASSES_IN_CODE_MAJOR);
        }
        self.constants.lambdas.redirect(class, edits);
        self.redirect_handles(class, edits);
        if self.kind == Kind::Ordinary {
            if class.access() & ACC_FINAL != 0 {
                edits.set_class_access(class, class.access() & !ACC_FINAL);
            }
            self.add_state(class, edits);
        }
        if has_pending_statics(class) {
            self.change_statics(class, edits);
        }
        self.keep_serial_version(class, edits);
        self.change_methods(class, edits)
    }

    /// Method references to what is redirected where it is called.
    fn redirect_handles(&self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) {
        for index in class.pool().method_handles() {
            let Some((INVOKE_VIRTUAL_HANDLE, method)) = class.pool().method_handle(index) else {
                continue;
            };
            if let Some(hook) = self.calls.redirected(method, self.index) {
                edits.redirect_handle(class, index, hook);
            }
        }
    }

    /// The first rewritten class of a hierarchy has the state field.
    fn add_state(&self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) {
        let above = class.super_name();
        let inherits = above.and_then(|above| self.index.has_state(above.as_bytes()));
        if inherits != Some(true) {
            let access = ACC_PUBLIC | ACC_TRANSIENT | ACC_SYNTHETIC;
            edits.add_field(access, self.constants.state, self.constants.int, None);
        }
    }

    /// Statics are written from outside, so they are not final; they are pending from the start.
    fn change_statics(&self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) {
        for field in class.fields().filter(is_pending) {
            if field.access() & ACC_FINAL != 0 && field.name() != serial_version::FIELD {
                edits.set_field_access(field, field.access() & !ACC_FINAL);
            }
        }
        let access = ACC_PUBLIC | ACC_STATIC | ACC_SYNTHETIC;
        let pending = Some(InitialValue::Int(STATICS_PENDING));
        edits.add_field(access, self.constants.statics_state, self.constants.int, pending);
    }

    fn keep_serial_version(&self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) {
        let Known::Rewritten(facts) = self.index.known(class.name().as_bytes()) else { return };
        // Of records and enums the platform takes 0, whatever they look like.
        let has_one = self.kind == Kind::Ordinary && self.index.may_be_serializable(facts);
        if has_one && !is_declared(class) {
            let access = ACC_PRIVATE | ACC_STATIC | ACC_FINAL | ACC_SYNTHETIC;
            let value = Some(InitialValue::Long(default_serial_version(class)));
            edits.add_field(access, self.constants.serial_version, self.constants.long, value);
        }
    }

    fn change_methods(&self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) -> u64 {
        let drops_initialiser = drops_initialiser(class);
        let mut own_monitors = 0;
        for method in class.methods() {
            if method.name() == "<clinit>" && drops_initialiser {
                if self.constants.keep_initialisers {
                    edits.rename_method(method, self.constants.initialiser);
                    edits.set_method_access(method, ACC_PUBLIC | ACC_STATIC | ACC_SYNTHETIC);
                } else {
                    edits.drop_method(method);
                }
                continue;
            }
            let mut access = method.access();
            if self.kind == Kind::Ordinary && access & (ACC_STATIC | ACC_PRIVATE) == 0 {
                access &= !ACC_FINAL;
            }
            if access & ACC_SYNCHRONIZED != 0 && method.has_code() {
                if Self::can_release(method) {
                    access &= !ACC_SYNCHRONIZED;
                } else {
                    own_monitors += 1;
                }
            }
            if access != method.access() {
                edits.set_method_access(method, access);
            }
        }
        own_monitors
    }

    /// Whether a synchronized method's monitor can still be named where it is left: a static one by
    /// its class, another while local variable 0 is never written.
    pub(crate) fn can_release(method: MethodView<'_, '_>) -> bool {
        let writes_this = |at: beehive_classfile::Instruction<'_, '_>| match at.opcode() {
            // astore_0 and the other stores into variable 0, long and double included.
            0x3b | 0x3f | 0x43 | 0x47 | 0x4b => true,
            0x36..=0x3a => at.operands().first() == Some(&0),
            0xc4 => matches!(at.operands(), [0x36..=0x3a, 0, 0, ..]),
            _ => false,
        };
        method.is_static() || !method.instructions().any(writes_this)
    }
}
