//! Probes for the tests: `EveryProbe` inserts at every place a deep run will want,
//! `LightProbe` what the light run does, `NoProbe` nothing. All count what they are told.

use beehive_classfile::opcode::{
    AALOAD, ANEWARRAY, GETFIELD, GETSTATIC, IALOAD, IASTORE, INVOKEDYNAMIC, INVOKEINTERFACE,
    INVOKEVIRTUAL, MONITORENTER, MONITOREXIT, MULTIANEWARRAY, NEW, NEWARRAY, PUTFIELD, PUTSTATIC,
    SALOAD, SASTORE,
};
use beehive_classfile::{
    Action, Emitter, Instruction, LeftAlone, MethodPlan, MethodView, OpcodeSet, Probes, Rewriter,
    StaticMethod, field_slots,
};

/// Class of the probe methods; the tests compile it into `java.base`.
pub const PROBE_CLASS: &str = "java/lang/BeeProbe";

/// What probes were told about methods.
#[derive(Debug, Default)]
pub struct Told {
    pub planned: u64,
    pub left_alone: Vec<(String, LeftAlone)>,
}

impl Told {
    fn left_alone(&mut self, method: MethodView<'_, '_>, reason: LeftAlone) {
        let class = method.class().name();
        self.left_alone.push((format!("{class}.{}{}", method.name(), method.descriptor()), reason));
    }
}

/// Plans nothing.
pub struct NoProbe;

impl Probes for NoProbe {
    fn plan(&mut self, _method: MethodView<'_, '_>) -> MethodPlan {
        MethodPlan::NONE
    }
}

/// Entry, returns and handler; leaves entry only.
pub struct LightProbe {
    pub enter: StaticMethod,
    pub exit: StaticMethod,
    pub id: i32,
    pub told: Told,
}

impl LightProbe {
    pub fn new(rewriter: &mut Rewriter) -> Self {
        let constants = rewriter.constants();
        Self {
            enter: constants.static_method(PROBE_CLASS, "enter", "(I)V").unwrap(),
            exit: constants.static_method(PROBE_CLASS, "exit", "(I)V").unwrap(),
            id: 0,
            told: Told::default(),
        }
    }
}

impl Probes for LightProbe {
    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        self.told.planned += 1;
        self.id += 1;
        if method.is_leaf() {
            return MethodPlan::ENTRY;
        }
        MethodPlan::ENTRY | MethodPlan::RETURNS | MethodPlan::HANDLER
    }

    fn at_entry(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id);
        emit.invokestatic(self.enter);
    }

    fn at_return(&mut self, _at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id);
        emit.invokestatic(self.exit);
    }

    fn at_throw(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id);
        emit.invokestatic(self.exit);
    }

    fn left_alone(&mut self, method: MethodView<'_, '_>, reason: LeftAlone) {
        self.told.left_alone(method, reason);
    }
}

/// Everything, beside the old code.
pub struct BesideProbe {
    pub every: EveryProbe,
    chosen: StaticMethod,
}

impl BesideProbe {
    pub fn new(rewriter: &mut Rewriter) -> Self {
        let every = EveryProbe::new(rewriter);
        let chosen = rewriter.constants().static_method(PROBE_CLASS, "chosen", "()Z").unwrap();
        Self { every, chosen }
    }
}

impl Probes for BesideProbe {
    fn opcodes(&self) -> OpcodeSet {
        self.every.opcodes()
    }

    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        self.every.plan(method) | MethodPlan::DUPLICATE
    }

    fn choose(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.invokestatic(self.chosen);
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.every.at_entry(method, emit);
    }

    fn at_return(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        self.every.at_return(at, emit);
    }

    fn at_throw(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.every.at_throw(method, emit);
    }

    fn before(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        self.every.before(at, emit)
    }

    fn after(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        self.every.after(at, emit);
    }

    fn left_alone(&mut self, method: MethodView<'_, '_>, reason: LeftAlone) {
        self.every.left_alone(method, reason);
    }
}

/// Everything: entry, returns, handler, fields, arrays, monitors, calls, allocations.
pub struct EveryProbe {
    pub light: LightProbe,
    touch: StaticMethod,
    see: StaticMethod,
}

impl EveryProbe {
    pub fn new(rewriter: &mut Rewriter) -> Self {
        let light = LightProbe::new(rewriter);
        let constants = rewriter.constants();
        Self {
            light,
            touch: constants.static_method(PROBE_CLASS, "touch", "(Ljava/lang/Object;I)V").unwrap(),
            see: constants.static_method(PROBE_CLASS, "see", "(I)V").unwrap(),
        }
    }

    fn touch(&mut self, emit: &mut Emitter<'_>) {
        emit.push_int(self.light.id);
        emit.invokestatic(self.touch);
    }

    fn see(&mut self, emit: &mut Emitter<'_>) {
        emit.push_int(self.light.id);
        emit.invokestatic(self.see);
    }

    /// Before a `putfield`: shows the receiver, which lies under a value of one or two slots.
    fn receiver_of_putfield(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        let slots = at.member().and_then(|member| field_slots(member.descriptor));
        if slots == Some(2) {
            emit.dup2_x1();
            emit.pop2();
            emit.dup();
            self.touch(emit);
            emit.dup_x2();
            emit.pop();
        } else {
            emit.dup2();
            emit.pop();
            self.touch(emit);
        }
    }
}

impl Probes for EveryProbe {
    fn opcodes(&self) -> OpcodeSet {
        OpcodeSet::of(&[NEWARRAY, ANEWARRAY, MULTIANEWARRAY, MONITORENTER, MONITOREXIT])
            .with_range(IALOAD, SALOAD)
            .with_range(IASTORE, SASTORE)
            .with_range(GETSTATIC, NEW)
    }

    fn plan(&mut self, _method: MethodView<'_, '_>) -> MethodPlan {
        self.light.told.planned += 1;
        // Ids of all widths: `iconst`, `bipush`, `sipush` and `ldc`.
        self.light.id = (self.light.id + 1) % 100_000;
        MethodPlan::ENTRY | MethodPlan::RETURNS | MethodPlan::HANDLER | MethodPlan::INSTRUCTIONS
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.light.at_entry(method, emit);
    }

    fn at_return(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        self.light.at_return(at, emit);
    }

    fn at_throw(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.light.at_throw(method, emit);
    }

    fn before(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        match at.opcode() {
            GETFIELD | MONITORENTER | MONITOREXIT => {
                emit.dup();
                self.touch(emit);
                Action::Keep
            }
            // Before its `super(…)` a constructor may store into itself, not show itself.
            PUTFIELD if !at.method().is_constructor() => {
                self.receiver_of_putfield(at, emit);
                Action::Keep
            }
            AALOAD => {
                emit.dup2();
                emit.pop();
                self.touch(emit);
                Action::KeepThenAfter
            }
            GETSTATIC | PUTSTATIC | IASTORE..=SASTORE | INVOKEVIRTUAL..=INVOKEDYNAMIC => {
                self.see(emit);
                Action::KeepThenAfter
            }
            _ => Action::KeepThenAfter,
        }
    }

    fn after(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        match at.opcode() {
            NEWARRAY | ANEWARRAY | MULTIANEWARRAY => {
                emit.dup();
                self.touch(emit);
            }
            INVOKEINTERFACE | NEW => {
                self.see(emit);
                self.see(emit);
            }
            _ => self.see(emit),
        }
    }

    fn left_alone(&mut self, method: MethodView<'_, '_>, reason: LeftAlone) {
        self.light.told.left_alone(method, reason);
    }
}
