//! Each reason for leaving a method alone, by a class made to have it: no JDK contains most of
//! them. The class must come out unchanged, the reason be counted, and the probes be told.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

use beehive_classfile::{
    Action, Emitter, Instruction, Kind, LeftAlone, MethodPlan, MethodView, OpcodeSet, Probes,
    Rewriter, Rewritten, StaticMethod,
};

const NOP: u8 = 0;
const GOTO: u8 = 0xa7;
const RETURN: u8 = 0xb1;

/// A class `A` with one method `m()V`, or `finalize()V`.
struct Class {
    major: u8,
    method: &'static str,
    max_stack: u16,
    max_locals: u16,
    code: Vec<u8>,
    handler_rows: u16,
    /// Constants that nobody uses.
    padding: u16,
}

impl Class {
    fn new(code: Vec<u8>) -> Self {
        Self {
            major: 49,
            method: "m",
            max_stack: 0,
            max_locals: 1,
            code,
            handler_rows: 0,
            padding: 0,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, self.major];
        let short = |out: &mut Vec<u8>, value: u16| out.extend(value.to_be_bytes());
        let utf8 = |out: &mut Vec<u8>, text: &str| {
            out.push(1);
            out.extend((text.len() as u16).to_be_bytes());
            out.extend(text.as_bytes());
        };
        short(&mut out, 8 + self.padding);
        out.extend([7, 0, 2]);
        utf8(&mut out, "A");
        out.extend([7, 0, 4]);
        utf8(&mut out, "java/lang/Object");
        utf8(&mut out, self.method);
        utf8(&mut out, "()V");
        utf8(&mut out, "Code");
        for _ in 0..self.padding {
            out.extend([3, 0, 0, 0, 0]);
        }
        // Public, this, super; no interfaces, no fields; one method with one attribute.
        for value in [0x21, 1, 3, 0, 0, 1, 1, 5, 6, 1, 7] {
            short(&mut out, value);
        }
        let rows = usize::from(self.handler_rows);
        out.extend((12 + self.code.len() as u32 + 8 * rows as u32).to_be_bytes());
        short(&mut out, self.max_stack);
        short(&mut out, self.max_locals);
        out.extend((self.code.len() as u32).to_be_bytes());
        out.extend(&self.code);
        short(&mut out, self.handler_rows);
        out.extend([0, 0, 0, 1, 0, 0, 0, 0].repeat(rows));
        // No attributes of the code, none of the class.
        out.extend([0, 0, 0, 0]);
        out
    }
}

/// Enters, and stores a constant away before each return.
struct Probe {
    enter: StaticMethod,
    plan: MethodPlan,
    told: Vec<LeftAlone>,
}

impl Probes for Probe {
    fn opcodes(&self) -> OpcodeSet {
        OpcodeSet::of(&[GOTO])
    }

    fn plan(&mut self, _method: MethodView<'_, '_>) -> MethodPlan {
        self.plan
    }

    fn at_entry(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(1);
        emit.invokestatic(self.enter);
    }

    fn at_return(&mut self, _at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(1);
        let slot = emit.scratch(0);
        emit.store(Kind::Int, slot);
    }

    fn before(&mut self, _at: Instruction<'_, '_>, _emit: &mut Emitter<'_>) -> Action {
        Action::Replace
    }

    fn left_alone(&mut self, _method: MethodView<'_, '_>, reason: LeftAlone) {
        self.told.push(reason);
    }
}

fn rewrite(class: &Class, plan: MethodPlan) -> Option<LeftAlone> {
    let mut rewriter = Rewriter::new();
    let enter = rewriter.constants().static_method("B", "enter", "(I)V").unwrap();
    let mut probe = Probe { enter, plan, told: Vec::new() };
    let out = rewriter.rewrite(&class.bytes(), &mut probe).unwrap();
    let unchanged = out == Rewritten::Unchanged;
    let reason = probe.told.first().copied();
    assert_eq!(unchanged, reason.is_some());
    assert_eq!(rewriter.tally().left_alone_total(), u64::from(unchanged));
    assert_eq!(reason.map_or(1, |reason| rewriter.tally().left_alone(reason)), 1);
    reason
}

/// Code of `length` bytes that ends by returning.
fn code(length: usize) -> Vec<u8> {
    let mut code = vec![NOP; length];
    code[length - 1] = RETURN;
    code
}

/// Jumps over everything to the last return, 32,767 bytes away, with a return in between.
fn far_jump() -> Vec<u8> {
    let mut code = code(32_768);
    code[..3].copy_from_slice(&[GOTO, 0x7f, 0xff]);
    code[100] = RETURN;
    code
}

#[test]
fn each_reason_is_found_and_counted() {
    let entry = MethodPlan::ENTRY;
    let check = |class: &Class, plan, reason| assert_eq!(rewrite(class, plan), reason);
    let of = |code| Class::new(code);
    check(&of(code(10)), entry, None);
    check(&of(vec![0xca, RETURN]), entry, Some(LeftAlone::Malformed));
    check(&of(vec![]), entry, Some(LeftAlone::Malformed));
    check(&Class { major: 44, ..of(code(10)) }, entry, Some(LeftAlone::Malformed));
    check(&of(code(65_535)), entry, Some(LeftAlone::CodeTooLarge));
    check(&of(code(65_531)), entry, None);
    check(&of(code(7_999)), entry, Some(LeftAlone::HugeMethod));
    check(&of(code(7_996)), entry, None);
    check(&of(far_jump()), entry, None);
    check(&of(far_jump()), MethodPlan::RETURNS, Some(LeftAlone::JumpTooFar));
    let full = |padding| Class { padding, ..of(code(10)) };
    check(&full(65_535 - 8), entry, Some(LeftAlone::PoolFull));
    check(&full(65_535 - 8 - 5), entry, Some(LeftAlone::PoolFull));
    check(&full(65_535 - 8 - 6), entry, None);
    let deep = |max_stack| Class { max_stack, ..of(code(10)) };
    check(&deep(65_535), entry, Some(LeftAlone::StackTooDeep));
    check(&deep(65_534), entry, None);
    let wide = |max_locals| Class { max_locals, ..of(code(10)) };
    check(&wide(65_535), MethodPlan::RETURNS, Some(LeftAlone::TooManyLocals));
    check(&wide(65_000), MethodPlan::RETURNS, None);
    let rows = |handler_rows| Class { handler_rows, ..of(code(10)) };
    check(&rows(65_535), MethodPlan::HANDLER, Some(LeftAlone::TooManyHandlers));
    check(&rows(65_534), MethodPlan::HANDLER, None);
    check(
        &of(vec![GOTO, 0, 3, RETURN]),
        MethodPlan::INSTRUCTIONS,
        Some(LeftAlone::ControlFlowReplaced),
    );
    let finalizer = |code| Class { method: "finalize", ..of(code) };
    check(&finalizer(code(1)), entry, Some(LeftAlone::EmptyFinalizer));
    check(&finalizer(code(2)), entry, None);
}

#[test]
fn nothing_emitted_for_a_method_left_alone_is_kept() {
    // The pool has room for five of the six constants: they must not be added for nothing.
    let class = Class { padding: 65_535 - 8 - 5, ..Class::new(code(10)) };
    let bytes = class.bytes();
    let mut rewriter = Rewriter::new();
    let enter = rewriter.constants().static_method("B", "enter", "(I)V").unwrap();
    let mut probe = Probe { enter, plan: MethodPlan::ENTRY, told: Vec::new() };
    assert_eq!(rewriter.rewrite(&bytes, &mut probe).unwrap(), Rewritten::Unchanged);
    // And the rewriter works on as before.
    let next = Class::new(code(10)).bytes();
    assert!(matches!(rewriter.rewrite(&next, &mut probe).unwrap(), Rewritten::Changed(_)));
}
