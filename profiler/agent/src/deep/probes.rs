//! `DeepProbes`: which code goes where in one class. What an instruction means is decided here and in
//! `special_calls`, the code itself is made by `emit`.

use beehive_classfile::opcode::{
    AALOAD, ANEWARRAY, ATHROW, GETFIELD, GETSTATIC, IALOAD, IASTORE, INVOKEDYNAMIC,
    INVOKEINTERFACE, INVOKESPECIAL, INVOKESTATIC, INVOKEVIRTUAL, LRETURN, MONITORENTER,
    MULTIANEWARRAY, NEWARRAY, PUTFIELD, PUTSTATIC, SALOAD, SASTORE,
};
use beehive_classfile::{
    ACC_SYNCHRONIZED, Action, Emitter, Instruction, Kind, LeftAlone, MemberRef, MethodPlan,
    MethodView, Mutf8, OpcodeSet, Probes, field_slots, method_slots, parameters,
};

use super::calls::Calls;
use super::class_plan::{ClassPlan, MethodKey, MethodState};
use super::emit::{load_or_null, number, restore, spill, top_and_number};
use super::hooks::Hook;
use super::references::{Reference, References};
use super::shapes::{Found, Shapes};
use super::special_calls::{Special, special_of};
use crate::probe_class::PROBE;

/// Instructions with probes.
const PROBED: OpcodeSet =
    OpcodeSet::of(&[NEWARRAY, ANEWARRAY, MULTIANEWARRAY, MONITORENTER, ATHROW])
        .with_range(IALOAD, SALOAD)
        .with_range(IASTORE, SASTORE)
        .with_range(GETSTATIC, INVOKEDYNAMIC);

/// Kinds of locks, as the trace orders them.
const LOCK_METHOD: u32 = 1;
const LOCK_STATIC_METHOD: u32 = 2;
const LOCK_JUC: u32 = 3;
const LOCK_WAIT: u32 = 4;

/// The probes of one class.
pub(crate) struct DeepProbes<'b> {
    pub(crate) calls: Calls,
    pub(crate) shapes: &'b mut Shapes,
    pub(crate) references: &'b mut References,
    pub(crate) class: ClassPlan,
    pub(crate) method: MethodState,
    /// Methods that could not be rewritten, and why.
    pub(crate) refused: Vec<(MethodKey, LeftAlone)>,
}

impl DeepProbes<'_> {
    fn reference(&mut self, member: &MemberRef<'_>) -> Reference {
        let names = &mut self.shapes.names;
        Reference {
            owner: names.number(member.owner.as_bytes()),
            name: names.number(member.name.as_bytes()),
            descriptor: names.number(member.descriptor.as_bytes()),
        }
    }

    fn field(&mut self, at: Instruction<'_, '_>) -> Option<(u32, Kind)> {
        let member = at.member()?;
        let kind = kind_of(member.descriptor)?;
        let reference = self.reference(&member);
        Some((self.references.fields.number(reference), kind))
    }

    fn method_number(&mut self, member: &MemberRef<'_>) -> u32 {
        let reference = self.reference(member);
        self.references.methods.number(reference)
    }

    /// Number of the method at hand, as one that is referred to.
    fn own_number(&mut self, method: MethodView<'_, '_>) -> u32 {
        self.method_number(&MemberRef {
            owner: method.class().name(),
            name: method.name(),
            descriptor: method.descriptor(),
            is_interface: false,
        })
    }

    /// How a call of a native method is counted: not, by its name, or with its receiver.
    fn native_call(&self, at: Instruction<'_, '_>, member: &MemberRef<'_>) -> NativeCall {
        if member.owner.as_bytes().starts_with(b"[") {
            return NativeCall::ByName;
        }
        let (name, descriptor) = (member.name.as_bytes(), member.descriptor.as_bytes());
        let is_native_name = || self.shapes.is_native_somewhere(name, descriptor);
        let no_arguments = descriptor.starts_with(b"()");
        let by_receiver = |otherwise| {
            if no_arguments && is_native_name() { NativeCall::ByReceiver } else { otherwise }
        };
        let found = self.find(member);
        match (at.opcode(), found) {
            (INVOKESTATIC | INVOKESPECIAL, Found::Declared(method)) if !method.is_native() => {
                NativeCall::None
            }
            (INVOKESTATIC | INVOKESPECIAL, _) => NativeCall::ByName,
            (INVOKEVIRTUAL, Found::Declared(method)) if method.is_last => {
                if method.is_native() {
                    NativeCall::ByName
                } else {
                    NativeCall::None
                }
            }
            (INVOKEVIRTUAL, Found::Declared(method)) => {
                by_receiver(if method.is_native() { NativeCall::ByName } else { NativeCall::None })
            }
            (INVOKEVIRTUAL, _) => by_receiver(NativeCall::ByName),
            _ => by_receiver(NativeCall::None),
        }
    }

    /// Whether a call means `Object.clone`, under whatever name of a class.
    fn is_object_clone(&self, member: &MemberRef<'_>) -> bool {
        member.name == "clone"
            && member.descriptor == "()Ljava/lang/Object;"
            && match self.find(member) {
                Found::Declared(declared) => declared.is_native(),
                Found::Unknown | Found::Missing => false,
            }
    }

    fn find(&self, member: &MemberRef<'_>) -> Found {
        let names = &self.shapes.names;
        let number = |text: Mutf8<'_>| names.find(text.as_bytes());
        match (number(member.owner), number(member.name), number(member.descriptor)) {
            (Some(owner), Some(name), Some(descriptor)) => {
                self.shapes.find_method(owner, name, descriptor)
            }
            // A class that was seen has its name; an unknown member of it does not matter then.
            _ => Found::Unknown,
        }
    }

    fn before_call(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let Some(member) = at.member() else { return Action::Keep };
        if member.owner == PROBE {
            self.method.passes_on = member.name.as_bytes().starts_with(b"thrown");
            // What the light run's probe does is not the invocation's.
            if is_busy_light_probe(&member) {
                emit.invokestatic(self.calls.pause);
                return Action::KeepThenAfter;
            }
            return Action::Keep;
        }
        if member.name == "<init>" {
            let is_super = self.method.super_call.is_some_and(|(pc, _)| pc == at.pc());
            return if is_super { Action::KeepThenAfter } else { Action::Keep };
        }
        match self.native_call(at, &member) {
            NativeCall::None => {}
            NativeCall::ByName => {
                let called = self.method_number(&member);
                number(emit, self.calls.called, called);
            }
            NativeCall::ByReceiver => {
                let called = self.method_number(&member);
                top_and_number(emit, self.calls.called_on, called);
            }
        }
        let special = if self.is_object_clone(&member) {
            Some(Special::Clone)
        } else {
            special_of(at, &member, self.shapes)
        };
        match special {
            Some(special) => self.special_call(at, &member, special, emit),
            None => Action::Keep,
        }
    }

    fn special_call(
        &mut self,
        at: Instruction<'_, '_>,
        member: &MemberRef<'_>,
        special: Special,
        emit: &mut Emitter<'_>,
    ) -> Action {
        let calls = self.calls;
        match special {
            Special::Clone => {
                emit.dup();
                emit.original(at, 1, 1);
                emit.dup2();
                emit.invokestatic(calls.cloned);
                emit.swap();
                emit.pop();
                Action::Replace
            }
            Special::ArrayCopy => {
                let arguments = spill(emit, member.descriptor, 0);
                restore(emit, &arguments);
                emit.invokestatic(calls.copied);
                restore(emit, &arguments);
                Action::Keep
            }
            Special::CopyOf | Special::CopyOfRange => {
                self.copy_of(at, member, special == Special::CopyOfRange, emit);
                Action::Replace
            }
            Special::Access(access) => self.access(at, member, access, emit),
            Special::Wait => {
                let arguments = spill(emit, member.descriptor, 0);
                top_and_number(emit, calls.locked, LOCK_WAIT);
                restore(emit, &arguments);
                Action::Keep
            }
            Special::ThreadLocal | Special::Gives => Action::KeepThenAfter,
        }
    }

    /// `Arrays.copyOf(array, length, class)` or `copyOfRange(array, from, to, class)`, in its place.
    fn copy_of(
        &self,
        at: Instruction<'_, '_>,
        member: &MemberRef<'_>,
        is_range: bool,
        emit: &mut Emitter<'_>,
    ) {
        let arguments = spill(emit, member.descriptor, 0);
        restore(emit, &arguments);
        emit.original(at, arguments.len() as u16, 1);
        let result = emit.scratch(arguments.len() as u16);
        emit.dup();
        emit.store(Kind::Reference, result);
        let variable = |index: usize| arguments.get(index).map_or(0, |(_, slot)| *slot);
        emit.load(Kind::Reference, variable(0));
        if is_range {
            emit.load(Kind::Int, variable(1));
            emit.load(Kind::Int, variable(2));
        } else {
            emit.push_int(0);
            emit.load(Kind::Int, variable(1));
        }
        emit.load(Kind::Reference, result);
        emit.invokestatic(self.calls.copy_made);
    }

    /// An access to an object's field or element by `Unsafe` or the like.
    fn access(
        &mut self,
        at: Instruction<'_, '_>,
        member: &MemberRef<'_>,
        access: u32,
        emit: &mut Emitter<'_>,
    ) -> Action {
        let called = self.method_number(member);
        let arguments = spill(emit, member.descriptor, 0);
        let mut references = arguments.iter().filter(|(kind, _)| *kind == Kind::Reference);
        let target = references.next().map(|(_, slot)| *slot);
        let value = references.next_back().map(|(_, slot)| *slot);
        load_or_null(emit, target);
        load_or_null(emit, value);
        emit.push_int(called as i32);
        emit.push_int(access as i32);
        emit.invokestatic(self.calls.accessed);
        restore(emit, &arguments);
        let (takes, _) = method_slots(member.descriptor).unwrap_or((0, 0));
        let gives = beehive_classfile::return_kind(member.descriptor);
        if access & 1 == 0 || gives != Some(Kind::Reference) {
            return Action::Keep;
        }
        emit.original(at, takes + 1, 1);
        emit.dup();
        load_or_null(emit, target);
        emit.invokestatic(self.calls.access_gave);
        Action::Replace
    }

    /// Objects that a lambda captures and nobody has seen yet are new.
    fn before_lambda(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        let Some(site) = at.dynamic() else { return };
        let has_reference =
            parameters(site.descriptor, 0).any(|parameter| parameter.kind == Kind::Reference);
        let gives_object = beehive_classfile::return_kind(site.descriptor) == Some(Kind::Reference);
        let is_text = site.name == "makeConcatWithConstants" || site.name == "makeConcat";
        if !has_reference || !gives_object || is_text {
            return;
        }
        let arguments = spill(emit, site.descriptor, 0);
        for (kind, slot) in &arguments {
            if *kind == Kind::Reference {
                emit.load(*kind, *slot);
                emit.invokestatic(self.calls.fresh);
            }
        }
        restore(emit, &arguments);
    }

    fn hook_at_entry(&mut self, hook: Hook, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        let calls = self.calls;
        let first = u16::from(!method.is_static());
        let this_and_first = |emit: &mut Emitter<'_>, probe| {
            emit.load_this();
            emit.load(Kind::Reference, first);
            emit.invokestatic(probe);
        };
        match hook {
            Hook::Lock => {
                emit.load_this();
                number(emit, calls.locked, LOCK_JUC);
            }
            Hook::Park => {
                emit.push_int(self.class.class as i32);
                number(emit, calls.locked_static, LOCK_WAIT);
            }
            Hook::Start => {
                emit.load_this();
                emit.invokestatic(calls.started);
            }
            Hook::Execute => this_and_first(emit, calls.executed),
            Hook::Submit => this_and_first(emit, calls.submitted),
            Hook::Fork => {
                emit.load_this();
                emit.load_this();
                emit.invokestatic(calls.submitted);
            }
            Hook::Connect => this_and_first(emit, calls.connecting),
            Hook::File | Hook::Process => {
                emit.load(Kind::Reference, first);
                number(emit, calls.host, u32::from(hook == Hook::Process));
            }
            Hook::Reflect => {
                let called = self.own_number(method);
                emit.load_this();
                number(emit, calls.reflected, called);
            }
            Hook::Link => {
                emit.load(Kind::Reference, first);
                emit.invokestatic(calls.linking);
            }
            Hook::Load => emit.invokestatic(calls.pause),
            Hook::Receive | Hook::Send => {}
        }
    }

    /// A synchronized method has taken its lock.
    fn synchronized(&self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        if method.access() & ACC_SYNCHRONIZED == 0 {
            return;
        }
        if method.is_static() {
            emit.push_int(self.class.class as i32);
            number(emit, self.calls.locked_static, LOCK_STATIC_METHOD);
        } else {
            emit.load_this();
            number(emit, self.calls.locked, LOCK_METHOD);
        }
    }

    /// What the root was given: existing by definition.
    fn root_arguments(&self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        if !method.is_static() && !method.is_constructor() {
            emit.load_this();
            emit.invokestatic(self.calls.root_this);
        }
        for (index, parameter) in (1u32..).zip(method.parameters()) {
            if parameter.kind == Kind::Reference {
                emit.load(parameter.kind, parameter.slot);
                number(emit, self.calls.root_argument, index);
            }
        }
    }

    /// What a lambda brought into its body.
    fn captured(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        let mut left = self.method.captured;
        if left == 0 {
            return;
        }
        let own = self.own_number(method);
        if !method.is_static() {
            left -= 1;
            emit.load_this();
            number(emit, self.calls.captured, own);
        }
        for parameter in method.parameters().take(left) {
            if parameter.kind == Kind::Reference {
                emit.load(parameter.kind, parameter.slot);
                number(emit, self.calls.captured, own);
            }
        }
    }

    fn at_leave(&self, emit: &mut Emitter<'_>, is_thrown: bool) {
        if let Some(user) = self.method.user {
            number(emit, self.calls.exit_user, user.row);
        }
        if self.method.root.is_some() {
            let exit = if is_thrown { self.calls.exit_root_thrown } else { self.calls.exit_root };
            emit.invokestatic(exit);
        }
        if matches!(self.method.hook, Some(Hook::Link | Hook::Load)) {
            emit.invokestatic(self.calls.resume);
        }
    }
}

/// Whether a call is one of a probe of the light run that runs much code.
fn is_busy_light_probe(member: &MemberRef<'_>) -> bool {
    member.owner == PROBE && matches!(member.name.as_bytes(), b"connecting" | b"starting")
}

/// How a call that may be one of a native method is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NativeCall {
    None,
    ByName,
    /// Which method is called depends on the class of the receiver.
    ByReceiver,
}

/// Kind of a field.
fn kind_of(descriptor: Mutf8<'_>) -> Option<Kind> {
    let slots = field_slots(descriptor)?;
    Some(match (descriptor.as_bytes().first()?, slots) {
        (b'L' | b'[', _) => Kind::Reference,
        (b'D', _) => Kind::Double,
        (_, 2) => Kind::Long,
        (b'F', _) => Kind::Float,
        _ => Kind::Int,
    })
}

impl Probes for DeepProbes<'_> {
    fn opcodes(&self) -> OpcodeSet {
        PROBED
    }

    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        let Some(state) = self.class.method(method) else { return MethodPlan::NONE };
        self.method = state;
        let is_alone = state.hook.is_some_and(Hook::is_alone);
        if self.class.only_hooks || is_alone {
            let leaves = matches!(state.hook, Some(Hook::Link | Hook::Load));
            let leave = MethodPlan::RETURNS | MethodPlan::HANDLER;
            return if leaves { MethodPlan::ENTRY | leave } else { MethodPlan::ENTRY };
        }
        if let Some(user) = state.user.filter(|user| user.is_root) {
            self.method.root = Some(self.references.roots.number(user.row));
        }
        let mut plan = MethodPlan::ENTRY | MethodPlan::INSTRUCTIONS;
        if state.user.is_some() {
            plan = plan | MethodPlan::RETURNS | MethodPlan::HANDLER;
        }
        if matches!(state.hook, Some(Hook::Receive | Hook::Send)) {
            plan = plan | MethodPlan::RETURNS;
        }
        if state.is_duplicated { plan | MethodPlan::DUPLICATE } else { plan }
    }

    fn choose(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        match self.method.root {
            Some(root) => number(emit, self.calls.enter_root, root),
            None => emit.invokestatic(self.calls.sampled),
        }
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        if let (Some(root), false) = (self.method.root, self.method.is_duplicated) {
            number(emit, self.calls.enter_root, root);
            emit.pop();
        }
        let is_alone = self.method.hook.is_some_and(Hook::is_alone);
        if !self.class.only_hooks && !is_alone {
            number(emit, self.calls.entered, self.class.class);
        }
        if self.method.root.is_some() {
            self.root_arguments(method, emit);
        }
        if let Some(user) = self.method.user {
            number(emit, self.calls.enter_user, user.row);
        }
        self.captured(method, emit);
        if !self.class.only_hooks && !is_alone {
            self.synchronized(method, emit);
        }
        if let Some(hook) = self.method.hook {
            self.hook_at_entry(hook, method, emit);
        }
    }

    fn at_return(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        if let Some(hook @ (Hook::Receive | Hook::Send)) = self.method.hook {
            let probe = if hook == Hook::Send { self.calls.sent } else { self.calls.received };
            if at.opcode() == LRETURN {
                emit.dup2();
            } else {
                emit.dup();
                emit.int_to_long();
            }
            emit.load_this();
            emit.invokestatic(probe);
        }
        self.at_leave(emit, false);
    }

    fn at_throw(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.at_leave(emit, true);
    }

    fn before(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        let calls = self.calls;
        match at.opcode() {
            GETFIELD => match self.field(at) {
                Some((field, Kind::Reference)) => {
                    calls.get_reference(at, field, emit);
                    return Action::Replace;
                }
                Some((field, _)) => top_and_number(emit, calls.read, field),
                None => {}
            },
            PUTFIELD => {
                let in_constructor = at.method().is_constructor();
                let is_initialised = self.method.super_call.is_some_and(|(_, end)| at.pc() >= end);
                if (!in_constructor || is_initialised)
                    && let Some((field, kind)) = self.field(at)
                {
                    calls.put(kind, field, emit);
                }
            }
            GETSTATIC => return Action::KeepThenAfter,
            PUTSTATIC => match self.field(at) {
                Some((field, Kind::Reference)) => {
                    top_and_number(emit, calls.write_static_reference, field);
                }
                Some((field, _)) => number(emit, calls.write_static, field),
                None => {}
            },
            IALOAD..=SALOAD => {
                if calls.load_element(at, emit) {
                    debug_assert_eq!(at.opcode(), AALOAD);
                    return Action::Replace;
                }
            }
            opcode @ IASTORE..=SASTORE => calls.store_element(opcode, emit),
            MONITORENTER => {
                emit.dup();
                emit.invokestatic(calls.entering);
            }
            ATHROW => {
                if !std::mem::take(&mut self.method.passes_on) {
                    emit.dup();
                    emit.invokestatic(calls.thrown);
                }
            }
            INVOKEVIRTUAL..=INVOKEINTERFACE => return self.before_call(at, emit),
            INVOKEDYNAMIC => self.before_lambda(at, emit),
            _ => return Action::KeepThenAfter,
        }
        Action::Keep
    }

    fn after(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        let calls = self.calls;
        match at.opcode() {
            GETSTATIC => match self.field(at) {
                Some((field, Kind::Reference)) => {
                    top_and_number(emit, calls.read_static_reference, field);
                }
                Some((field, _)) => number(emit, calls.read_static, field),
                None => {}
            },
            INVOKESPECIAL if self.method.super_call.is_some_and(|(pc, _)| pc == at.pc()) => {
                emit.load_this();
                emit.invokestatic(calls.created);
            }
            INVOKEVIRTUAL..=INVOKEINTERFACE => {
                let Some(member) = at.member() else { return };
                if is_busy_light_probe(&member) {
                    emit.invokestatic(calls.resume);
                } else if special_of(at, &member, self.shapes) == Some(Special::ThreadLocal) {
                    emit.dup();
                    emit.invokestatic(calls.given_by_thread);
                } else {
                    let called = self.method_number(&member);
                    top_and_number(emit, calls.given, called);
                }
            }
            _ => {
                emit.dup();
                emit.invokestatic(calls.created);
            }
        }
    }

    fn left_alone(&mut self, method: MethodView<'_, '_>, reason: LeftAlone) {
        let key = (method.name().as_bytes().into(), method.descriptor().as_bytes().into());
        self.refused.push((key, reason));
    }
}
