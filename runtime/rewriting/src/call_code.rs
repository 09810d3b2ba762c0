//! Calls and monitors that rewritten classes of a worker hand to the runtime: what stands in the place
//! of an instruction, found by what the instruction names.

use std::collections::HashMap;

use beehive_classfile::{ClassFileError, Constants, Emitter, MemberRef, MethodView, StaticMethod};

use crate::atomics::{ATOMIC_CLASSES, methods_of, with_receiver};
use crate::class_index::ClassIndex;
use crate::hooks::{ATOMICS, BARRIER, MONITORS};

/// Final methods of `Object`, and the hook that each is redirected to.
const OF_OBJECT: [(&str, &str, &str, &str); 6] = [
    ("wait", "()V", MONITORS, "await"),
    ("wait", "(J)V", MONITORS, "await"),
    ("wait", "(JI)V", MONITORS, "await"),
    ("notify", "()V", MONITORS, "signal"),
    ("notifyAll", "()V", MONITORS, "signalAll"),
    ("getClass", "()Ljava/lang/Class;", BARRIER, "classOf"),
];

/// The declared constants of redirected calls.
#[derive(Debug, Clone)]
pub(crate) struct CallCode {
    enter: StaticMethod,
    exit: StaticMethod,
    of_object: Vec<StaticMethod>,
    /// By place of the class, name and descriptor.
    atomics: HashMap<(usize, &'static str, String), StaticMethod>,
}

impl CallCode {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        let mut of_object = Vec::new();
        for (_, descriptor, class, hook) in OF_OBJECT {
            let descriptor = with_receiver("java/lang/Object", descriptor);
            of_object.push(constants.static_method(class, hook, &descriptor)?);
        }
        let mut atomics = HashMap::new();
        for (place, class) in ATOMIC_CLASSES.iter().enumerate() {
            for (name, descriptor) in methods_of(place) {
                let hook = with_receiver(class, &descriptor);
                let hook = constants.static_method(ATOMICS, name, &hook)?;
                atomics.insert((place, name, descriptor), hook);
            }
        }
        Ok(Self {
            enter: constants.static_method(MONITORS, "enter", "(Ljava/lang/Object;)V")?,
            exit: constants.static_method(MONITORS, "exit", "(Ljava/lang/Object;)V")?,
            of_object,
            atomics,
        })
    }

    /// What an instance method that is called is redirected to.
    pub(crate) fn redirected(
        &self,
        method: MemberRef<'_>,
        index: &ClassIndex,
    ) -> Option<StaticMethod> {
        let (name, descriptor) = (method.name.as_str()?, method.descriptor.as_str()?);
        let mut of_object = OF_OBJECT.iter().zip(&self.of_object);
        if let Some((_, hook)) = of_object.find(|(row, _)| (row.0, row.1) == (name, descriptor)) {
            return Some(*hook);
        }
        // Only names that an atomic has are worth a look at the hierarchy.
        let named = self.atomics.iter().filter(|(key, _)| key.1 == name && key.2 == descriptor);
        let mut named = named.peekable();
        named.peek()?;
        let place = index.extends_any(method.owner.as_bytes(), &ATOMIC_CLASSES)?;
        named.find(|(key, _)| key.0 == place).map(|(_, hook)| *hook)
    }

    /// `… monitor → …`
    pub(crate) fn enter(&self, emit: &mut Emitter<'_>) {
        emit.invokestatic(self.enter);
    }

    /// `… monitor → …`
    pub(crate) fn exit(&self, emit: &mut Emitter<'_>) {
        emit.invokestatic(self.exit);
    }

    /// Enters the monitor of a synchronized method.
    pub(crate) fn enter_method(&self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        push_monitor(method, emit);
        self.enter(emit);
    }

    /// Leaves it.
    pub(crate) fn exit_method(&self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        push_monitor(method, emit);
        self.exit(emit);
    }
}

fn push_monitor(method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
    if method.is_static() {
        emit.push_class_at(method.class().this_class_index());
    } else {
        emit.load_this();
    }
}
