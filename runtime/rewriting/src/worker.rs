//! Rewriting for a worker: objects that may be shells are looked at before their fields are touched,
//! statics are fetched, monitors and what cannot be overridden go through the runtime. Decides what
//! happens where; `barrier_code` and `call_code` emit it, `class_changes` does the rest of the class.

use std::collections::BTreeMap;

use beehive_classfile::opcode::{
    GETFIELD, GETSTATIC, INVOKEINTERFACE, INVOKESPECIAL, INVOKESTATIC, INVOKEVIRTUAL, MONITORENTER,
    MONITOREXIT, PUTFIELD, PUTSTATIC,
};
use beehive_classfile::{
    ACC_SYNCHRONIZED, Action, ClassEdits, ClassFileError, ClassView, Emitter, Instruction,
    LeftAlone, MethodPlan, MethodView, OpcodeSet, Probes, Receiver, Receivers, Rewriter, Rewritten,
    field_slots,
};

use crate::barrier_code::{BarrierCode, Look};
use crate::call_code::CallCode;
use crate::class_changes::{ChangeConstants, ClassChanges};
use crate::class_index::{ClassIndex, Kind, Known};
use crate::futures::FutureCode;
use crate::host_effects::HostEffectCode;
use crate::loggers::LoggerCode;

/// Rewrites classes for workers, one after the other.
#[derive(Debug, Clone)]
pub struct WorkerRewriter {
    rewriter: Rewriter,
    code: WorkerCode,
}

/// What became of a class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerClass {
    /// New bytes; `None` when the class stays as it is.
    pub bytes: Option<Vec<u8>>,
    /// Methods without barriers, `name(descriptor)`, by reason: they must not run on a worker.
    pub left_alone: BTreeMap<String, LeftAlone>,
    /// Synchronized methods that keep their monitor to this JVM, as they overwrite `this`.
    pub own_monitors: u64,
}

/// The declared constants.
#[derive(Debug, Clone)]
struct WorkerCode {
    barriers: BarrierCode,
    calls: CallCode,
    loggers: LoggerCode,
    host_effects: HostEffectCode,
    futures: FutureCode,
    changes: ChangeConstants,
}

impl WorkerRewriter {
    /// A rewriter.
    ///
    /// # Errors
    /// None for the names this crate declares.
    pub fn new() -> Result<Self, ClassFileError> {
        // A method without barriers would be wrong, one that is never compiled is slow.
        let mut rewriter = Rewriter::new().with_huge_method_limit(u32::MAX);
        let constants = rewriter.constants();
        let code = WorkerCode {
            barriers: BarrierCode::declare(constants)?,
            calls: CallCode::declare(constants)?,
            loggers: LoggerCode::declare(constants)?,
            host_effects: HostEffectCode::declare(constants)?,
            futures: FutureCode::declare(constants)?,
            changes: ChangeConstants::declare(constants)?,
        };
        Ok(Self { rewriter, code })
    }

    /// Keeps each initialiser that does not run on workers as a static method
    /// [`INITIALISER`](crate::hooks::INITIALISER), so that rewritten classes can run without a home:
    /// in tests and when barriers are measured.
    #[must_use]
    pub fn keeping_initialisers(mut self) -> Self {
        self.code.changes.keep_initialisers = true;
        self
    }

    /// Rewrites a class of the application, which must be in the index.
    ///
    /// # Errors
    /// When the bytes are not a class file.
    pub fn rewrite(
        &mut self,
        bytes: &[u8],
        index: &ClassIndex,
    ) -> Result<WorkerClass, ClassFileError> {
        let mut probes = WorkerProbes {
            code: &self.code,
            index,
            kind: Kind::Interface,
            has_state: false,
            method: MethodFacts::default(),
            result: WorkerClass::default(),
        };
        let rewritten = self.rewriter.rewrite(bytes, &mut probes)?;
        let mut result = probes.result;
        if let Rewritten::Changed(new) = rewritten {
            result.bytes = Some(new.to_vec());
        }
        Ok(result)
    }
}

/// What is known of the method at hand.
#[derive(Debug, Clone, Default)]
struct MethodFacts {
    /// `None` when the code could not be analysed.
    receivers: Option<Receivers>,
    looks_at_this: bool,
    is_synchronized: bool,
    gives_logger: bool,
}

struct WorkerProbes<'c> {
    code: &'c WorkerCode,
    index: &'c ClassIndex,
    kind: Kind,
    /// Whether objects of the class have the state field.
    has_state: bool,
    method: MethodFacts,
    result: WorkerClass,
}

impl WorkerProbes<'_> {
    /// The look that the object of a field access needs by its class; `None`: none.
    fn look_by_class(&self, at: &Instruction<'_, '_>) -> Option<Look> {
        let owner = at.member()?.owner;
        match self.index.has_state(owner.as_bytes()) {
            Some(true) => Some(Look::AtState),
            Some(false) => None,
            None => Some(Look::AtClass),
        }
    }

    fn receiver(&self, at: &Instruction<'_, '_>) -> Receiver {
        let receivers = self.method.receivers.as_ref();
        receivers.map_or(Receiver::Other, |receivers| receivers.at(at.pc()))
    }

    /// Whether the object of a field access may be the one that a constructor is making: it is not
    /// initialised before `super(…)`, and nobody else's afterwards.
    fn may_be_made_here(&self, at: &Instruction<'_, '_>) -> bool {
        let in_constructor = at.method().is_constructor();
        let is_unknown = self.method.receivers.is_none() && at.opcode() == PUTFIELD;
        in_constructor && (is_unknown || self.receiver(at) == Receiver::This)
    }

    fn is_volatile(&self, at: &Instruction<'_, '_>) -> bool {
        at.member().is_some_and(|field| {
            self.index.is_volatile(field.owner.as_bytes(), field.name.as_bytes())
        })
    }

    fn getfield(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let Some(owner) = owner_of(&at) else { return Action::Keep };
        if self.may_be_made_here(&at) {
            return Action::Keep;
        }
        if let (Receiver::Other, Some(look)) = (self.receiver(&at), self.look_by_class(&at)) {
            self.code.barriers.look_at_top(look, owner, emit);
        }
        if self.is_volatile(&at) {
            self.code.barriers.acquire_top(emit);
        }
        Action::Keep
    }

    fn putfield(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let slots = at.member().and_then(|field| field_slots(field.descriptor));
        let (Some(owner), Some(slots)) = (owner_of(&at), slots) else { return Action::Keep };
        if self.may_be_made_here(&at) {
            return Action::Keep;
        }
        if let (Receiver::Other, Some(look)) = (self.receiver(&at), self.look_by_class(&at)) {
            self.code.barriers.look_below(look, owner, slots, emit);
        }
        if self.is_volatile(&at) {
            self.code.barriers.put_and_release(at, slots, emit);
            return Action::Replace;
        }
        Action::Keep
    }

    fn static_field(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let (Some(owner), Some(field)) = (owner_of(&at), at.member()) else {
            return Action::Keep;
        };
        let method = at.method();
        if method.name() == "<clinit>" && field.owner == method.class().name() {
            // An initialiser that is there at all makes these fields, whatever is known of the class; a look
            // would ask for those of its superclasses, maybe while a message is read.
            return Action::Keep;
        }
        match self.index.has_pending_statics(field.owner.as_bytes()) {
            Some(true) => self.code.barriers.statics(Look::AtState, owner, emit),
            Some(false) => return Action::Keep,
            None => self.code.barriers.statics(Look::AtClass, owner, emit),
        }
        if !self.is_volatile(&at) {
            return Action::Keep;
        }
        if at.opcode() == PUTSTATIC {
            return Action::KeepThenAfter;
        }
        self.code.barriers.acquire_class(owner, emit);
        Action::Keep
    }

    fn call(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let Some(method) = at.member() else { return Action::Keep };
        if let Some(hook) = self.code.calls.redirected(method, self.index) {
            emit.invokestatic(hook);
            return Action::Replace;
        }
        self.code.host_effects.check(&at, emit);
        self.code.calls.look_by_reflection(method, emit);
        self.code.calls.look_before_clone(method, emit);
        Action::Keep
    }

    fn static_call(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let twin = at.member().and_then(|method| {
            let of_host = self.code.host_effects.twin_of(method);
            of_host.or_else(|| self.code.futures.twin_of(method))
        });
        if let Some(twin) = twin {
            emit.invokestatic(twin);
            return Action::Replace;
        }
        self.other_call(at, emit)
    }

    fn other_call(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        self.code.host_effects.check(&at, emit);
        Action::Keep
    }

    fn facts_of(&self, method: MethodView<'_, '_>) -> MethodFacts {
        let receivers = Receivers::of(method, |at| self.look_by_class(at).is_some());
        let is_instance = !method.is_static() && !method.is_constructor();
        let uses_this =
            || receivers.as_ref().is_none_or(Receivers::uses_this) || self.calls_jdk_super(method);
        MethodFacts {
            looks_at_this: self.has_state && is_instance && uses_this(),
            is_synchronized: method.access() & ACC_SYNCHRONIZED != 0
                && ClassChanges::can_release(method),
            gives_logger: LoggerCode::is_factory(method),
            receivers,
        }
    }

    /// Whether a method calls what the JDK's superclass does with `this`: `super.clone()`.
    fn calls_jdk_super(&self, method: MethodView<'_, '_>) -> bool {
        method.instructions().any(|at| {
            at.opcode() == INVOKESPECIAL
                && at.member().is_some_and(|called| {
                    called.name != "<init>"
                        && !matches!(self.index.known(called.owner.as_bytes()), Known::Rewritten(_))
                })
        })
    }
}

fn owner_of(at: &Instruction<'_, '_>) -> Option<u16> {
    at.method().class().pool().member_class(at.constant_index()?)
}

impl Probes for WorkerProbes<'_> {
    fn opcodes(&self) -> OpcodeSet {
        OpcodeSet::of(&[MONITORENTER, MONITOREXIT]).with_range(GETSTATIC, INVOKEINTERFACE)
    }

    fn enter_class(&mut self, class: &ClassView<'_>) -> bool {
        let Known::Rewritten(facts) = self.index.known(class.name().as_bytes()) else {
            return false;
        };
        self.kind = self.index.kind(facts);
        self.has_state = self.kind == Kind::Ordinary;
        true
    }

    fn edit_class(&mut self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) {
        let changes = ClassChanges {
            constants: &self.code.changes,
            calls: &self.code.calls,
            index: self.index,
            kind: self.kind,
        };
        self.result.own_monitors = changes.make(class, edits);
    }

    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        self.method = self.facts_of(method);
        let mut plan = MethodPlan::INSTRUCTIONS;
        if self.method.looks_at_this || self.method.is_synchronized || self.method.gives_logger {
            plan = plan | MethodPlan::ENTRY;
        }
        if self.method.is_synchronized {
            plan = plan | MethodPlan::RETURNS | MethodPlan::HANDLER;
        }
        plan
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        if self.method.gives_logger {
            self.code.loggers.emit(method, emit);
        }
        if self.method.looks_at_this {
            self.code.barriers.look_at_this(method.class().this_class_index(), emit);
        }
        if self.method.is_synchronized {
            self.code.calls.enter_method(method, emit);
        }
    }

    fn at_return(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        self.code.calls.exit_method(at.method(), emit);
    }

    fn at_throw(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.code.calls.exit_method(method, emit);
    }

    fn before(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        match at.opcode() {
            GETFIELD => self.getfield(at, emit),
            PUTFIELD => self.putfield(at, emit),
            GETSTATIC | PUTSTATIC => self.static_field(at, emit),
            INVOKEVIRTUAL => self.call(at, emit),
            INVOKESTATIC => self.static_call(at, emit),
            INVOKESPECIAL | INVOKEINTERFACE => self.other_call(at, emit),
            MONITORENTER => {
                self.code.calls.enter(emit);
                Action::Replace
            }
            MONITOREXIT => {
                self.code.calls.exit(emit);
                Action::Replace
            }
            _ => Action::Keep,
        }
    }

    fn after(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        if let Some(owner) = owner_of(&at) {
            self.code.barriers.release_class(owner, emit);
        }
    }

    fn left_alone(&mut self, method: MethodView<'_, '_>, reason: LeftAlone) {
        let name = format!("{}{}", method.name(), method.descriptor());
        self.result.left_alone.insert(name, reason);
    }
}
