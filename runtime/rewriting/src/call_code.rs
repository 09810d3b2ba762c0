//! Calls and monitors that rewritten classes of a worker hand to the runtime: what stands in the place
//! of an instruction, found by what the instruction names.

use std::collections::HashMap;

use beehive_classfile::{
    ClassFileError, Constants, Emitter, MemberRef, MethodView, StaticMethod, parameters,
};

use crate::atomics::{ATOMIC_CLASSES, methods_of, with_receiver};
use crate::class_index::ClassIndex;
use crate::hooks::{ATOMICS, BARRIER, MONITORS, REFLECTED, SCOPED};

/// Final methods of `Object`, and the hook that each is redirected to.
const OF_OBJECT: [(&str, &str, &str, &str); 6] = [
    ("wait", "()V", MONITORS, "await"),
    ("wait", "(J)V", MONITORS, "await"),
    ("wait", "(JI)V", MONITORS, "await"),
    ("notify", "()V", MONITORS, "signal"),
    ("notifyAll", "()V", MONITORS, "signalAll"),
    ("getClass", "()Ljava/lang/Class;", BARRIER, "classOf"),
];

/// Methods of `ObjectOutputStream` that read all that can be reached from an object.
const SERIALIZING: [&str; 2] = ["writeObject", "writeUnshared"];
const OBJECT_OUTPUT: &str = "java/io/ObjectOutputStream";
const TAKES_OBJECT: &str = "(Ljava/lang/Object;)V";

/// Methods of a lookup that give access to a field, past the barrier before each use: name and
/// descriptor. The lookup, not the caller, decides what may be reached.
const OF_LOOKUP: [(&str, &str); 9] = [
    ("findVarHandle", BY_NAME_VAR_HANDLE),
    ("findGetter", BY_NAME_METHOD_HANDLE),
    ("findSetter", BY_NAME_METHOD_HANDLE),
    ("findStaticVarHandle", BY_NAME_VAR_HANDLE),
    ("findStaticGetter", BY_NAME_METHOD_HANDLE),
    ("findStaticSetter", BY_NAME_METHOD_HANDLE),
    ("unreflectVarHandle", "(Ljava/lang/reflect/Field;)Ljava/lang/invoke/VarHandle;"),
    ("unreflectGetter", "(Ljava/lang/reflect/Field;)Ljava/lang/invoke/MethodHandle;"),
    ("unreflectSetter", "(Ljava/lang/reflect/Field;)Ljava/lang/invoke/MethodHandle;"),
];
const BY_NAME_VAR_HANDLE: &str =
    "(Ljava/lang/Class;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/invoke/VarHandle;";
const BY_NAME_METHOD_HANDLE: &str =
    "(Ljava/lang/Class;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/invoke/MethodHandle;";
const LOOKUP: &str = "java/lang/invoke/MethodHandles$Lookup";

/// Methods of `Class` that list members: what the rewriting has added is not the application's.
const OF_CLASS: [(&str, &str); 4] = [
    ("getDeclaredFields", "()[Ljava/lang/reflect/Field;"),
    ("getFields", "()[Ljava/lang/reflect/Field;"),
    ("getDeclaredMethods", "()[Ljava/lang/reflect/Method;"),
    ("getMethods", "()[Ljava/lang/reflect/Method;"),
];
const CLASS: &str = "java/lang/Class";

/// Questions to scoped values. The hooks take the receiver as an `Object`: not every JDK has the class.
const OF_SCOPED: [(&str, &str); 4] = [
    ("get", "()Ljava/lang/Object;"),
    ("isBound", "()Z"),
    ("orElse", "(Ljava/lang/Object;)Ljava/lang/Object;"),
    ("orElseThrow", "(Ljava/util/function/Supplier;)Ljava/lang/Object;"),
];
const SCOPED_VALUE: &str = "java/lang/ScopedValue";

/// The declared constants of redirected calls.
#[derive(Debug, Clone)]
pub(crate) struct CallCode {
    enter: StaticMethod,
    exit: StaticMethod,
    of_object: Vec<StaticMethod>,
    of_lookup: Vec<StaticMethod>,
    of_class: Vec<StaticMethod>,
    of_scoped: Vec<StaticMethod>,
    serializing: [StaticMethod; 2],
    look_by_reflection: StaticMethod,
    look: StaticMethod,
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
        let mut hooks = |class, receiver, rows: &[(&str, &str)]| {
            let hooks = rows.iter().map(|(name, descriptor)| {
                constants.static_method(class, name, &with_receiver(receiver, descriptor))
            });
            hooks.collect::<Result<Vec<_>, _>>()
        };
        let of_lookup = hooks(REFLECTED, LOOKUP, &OF_LOOKUP)?;
        let of_class = hooks(REFLECTED, CLASS, &OF_CLASS)?;
        let of_scoped = hooks(SCOPED, "java/lang/Object", &OF_SCOPED)?;
        let mut atomics = HashMap::new();
        for (place, class) in ATOMIC_CLASSES.iter().enumerate() {
            for (name, descriptor) in methods_of(place) {
                let hook = with_receiver(class, &descriptor);
                let hook = constants.static_method(ATOMICS, name, &hook)?;
                atomics.insert((place, name, descriptor), hook);
            }
        }
        let mut serializing = |name| {
            let descriptor = with_receiver(OBJECT_OUTPUT, TAKES_OBJECT);
            constants.static_method(REFLECTED, name, &descriptor)
        };
        let [object, unshared] = SERIALIZING;
        let serializing = [serializing(object)?, serializing(unshared)?];
        let look = "(Ljava/lang/reflect/Field;Ljava/lang/Object;)V";
        Ok(Self {
            serializing,
            look_by_reflection: constants.static_method(REFLECTED, "look", look)?,
            look: constants.static_method(BARRIER, "read", "(Ljava/lang/Object;)V")?,
            enter: constants.static_method(MONITORS, "enter", "(Ljava/lang/Object;)V")?,
            exit: constants.static_method(MONITORS, "exit", "(Ljava/lang/Object;)V")?,
            of_object,
            of_lookup,
            of_class,
            of_scoped,
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
        let named = |rows: &[(&str, &str)], hooks: &[StaticMethod]| {
            let mut rows = rows.iter().zip(hooks);
            rows.find(|(row, _)| **row == (name, descriptor)).map(|(_, hook)| *hook)
        };
        if method.owner == LOOKUP {
            return named(&OF_LOOKUP, &self.of_lookup);
        }
        if method.owner == CLASS {
            return named(&OF_CLASS, &self.of_class);
        }
        if method.owner == SCOPED_VALUE {
            return named(&OF_SCOPED, &self.of_scoped);
        }
        if descriptor == TAKES_OBJECT
            && let Some(place) = SERIALIZING.iter().position(|known| *known == name)
            && index.extends_any(method.owner.as_bytes(), &[OBJECT_OUTPUT]).is_some()
        {
            return self.serializing.get(place).copied();
        }
        // Only names that an atomic has are worth a look at the hierarchy.
        let named = self.atomics.iter().filter(|(key, _)| key.1 == name && key.2 == descriptor);
        let mut named = named.peekable();
        named.peek()?;
        let place = index.extends_any(method.owner.as_bytes(), &ATOMIC_CLASSES)?;
        named.find(|(key, _)| key.0 == place).map(|(_, hook)| *hook)
    }

    /// Before `object.clone()`, which copies what a shell has: nothing.
    pub(crate) fn look_before_clone(&self, method: MemberRef<'_>, emit: &mut Emitter<'_>) {
        let is_clone = method.name == "clone" && method.descriptor == "()Ljava/lang/Object;";
        if is_clone && !method.owner.as_bytes().starts_with(b"[") {
            emit.dup();
            emit.invokestatic(self.look);
        }
    }

    /// Before `Field.get…(object)` and `Field.set…(object, value)`: the runtime looks at the object, or at
    /// the class of a static field. The call itself stays where it is, because who calls decides
    /// what it may reach.
    pub(crate) fn look_by_reflection(&self, method: MemberRef<'_>, emit: &mut Emitter<'_>) {
        let mut parameters = parameters(method.descriptor, 0);
        let is_access = method.owner == "java/lang/reflect/Field"
            && parameters.next().is_some_and(|first| first.descriptor == "Ljava/lang/Object;");
        if !is_access {
            return;
        }
        let value = parameters.next().map(|value| (value.kind, emit.scratch(0)));
        if let Some((kind, slot)) = value {
            emit.store(kind, slot);
        }
        emit.dup2();
        emit.invokestatic(self.look_by_reflection);
        if let Some((kind, slot)) = value {
            emit.load(kind, slot);
        }
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
