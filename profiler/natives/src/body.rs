//! Reads the machine code of one function, block by block until nothing new is learnt, and notes
//! whom it calls and what it touches. An indirect call that cannot be told is noted as such; code that
//! no jump leads to is read too, with nothing known, so that nothing is overlooked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use iced_x86::{Code, FlowControl, Instruction, Mnemonic, Register};

use crate::jni;
use crate::library::{Library, Pointer};
use crate::machine::{Machine, is_write};
use crate::value::{PARAMETERS, State, Value};

/// Blocks read before a function is given up as too large.
const VISITS_MAX: usize = 50_000;
/// Longest switch table followed.
const SWITCH_MAX: u64 = 2_048;

/// Whom a call goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callee {
    /// A function of the same library.
    Local(u64),
    /// A function of another library, by symbol.
    Import(String),
}

/// A call, and which of the caller's parameters it hands on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The function called.
    pub callee: Callee,
    /// For each of its six register parameters the caller's parameter that is handed on unchanged.
    pub passes: [Option<u8>; 6],
    /// The same for pointers into what the caller's parameter points to.
    pub derives: [Option<u8>; 6],
    /// For each of its six register parameters, whether it may be native memory of the application.
    pub origins: [Option<Origin>; 6],
}

/// Where a pointer to native memory may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A long of a Java object.
    Handle,
    /// The result of the function of the library at this address.
    Result(u64),
}

impl Origin {
    const fn of(value: Value) -> Option<Self> {
        match value {
            Value::Handle => Some(Self::Handle),
            Value::Result(function) => Some(Self::Result(function)),
            _ => None,
        }
    }
}

/// What a function does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Calls and tail calls, functions handed on as callbacks among them.
    pub calls: BTreeSet<Call>,
    /// Calls through the table that a parameter points to: parameter and byte offset in the table.
    pub table_calls: BTreeSet<(u8, u64)>,
    /// Addresses of indirect calls that cannot be told.
    pub unresolved: BTreeSet<u64>,
    /// Variables of the library that are written.
    pub writes: BTreeSet<u64>,
    /// Parameters whose pointee is read or written.
    pub derefs: BTreeSet<u8>,
    /// Pointers that are followed, by what may have made them.
    pub follows: BTreeSet<Origin>,
    /// What it may return, as far as that may be native memory.
    pub returns: BTreeSet<Origin>,
    /// Symbols of other libraries whose address is taken: variables such as `environ`, callbacks.
    pub imports: BTreeSet<String>,
    /// Whether it enters the kernel by itself.
    pub has_syscall: bool,
}

/// Reads the function that begins at `start`.
pub fn read_body(library: &Library, start: u64) -> Body {
    let machine = Machine::of(library);
    let Some(range) = library.function_around(start) else {
        // Nothing tells where it ends, so nothing tells what it does.
        return Body { unresolved: BTreeSet::from([start]), ..Body::default() };
    };
    let mut reader = Reader {
        library,
        boundaries: boundaries(&machine, &range),
        range,
        entries: BTreeMap::from([(start, State::at_entry())]),
        seen: BTreeSet::new(),
        body: Body::default(),
        machine,
    };
    reader.settle(start);
    reader.note_all();
    reader.note_undecodable(start);
    reader.body
}

fn boundaries(machine: &Machine<'_>, range: &Range<u64>) -> BTreeSet<u64> {
    let mut boundaries = BTreeSet::new();
    let mut at = range.start;
    while let Some(instruction) = machine.decode(at).filter(|_| at < range.end) {
        boundaries.insert(at);
        at = instruction.next_ip();
    }
    boundaries
}

struct Reader<'l> {
    library: &'l Library,
    range: Range<u64>,
    /// Addresses at which instructions begin when the function is read from start to end.
    boundaries: BTreeSet<u64>,
    /// What holds at the beginning of each block.
    entries: BTreeMap<u64, State>,
    /// Addresses of instructions read.
    seen: BTreeSet<u64>,
    body: Body,
    machine: Machine<'l>,
}

/// How an instruction goes on.
enum Next {
    Through,
    To { targets: Vec<u64>, and_through: bool },
    Nowhere,
}

impl Reader<'_> {
    /// Finds what holds at the beginning of every block.
    fn settle(&mut self, start: u64) {
        let mut pending = vec![start];
        let mut visits = 0;
        while let Some(block) = pending.pop() {
            visits += 1;
            if visits > VISITS_MAX {
                self.body.unresolved.insert(start);
                return;
            }
            let Some(state) = self.entries.get(&block).cloned() else { continue };
            for (target, state) in self.read_block(block, state, false) {
                let changed = match self.entries.get_mut(&target) {
                    Some(known) => known.meet(&state),
                    None => self.entries.insert(target, state).is_none(),
                };
                if changed {
                    pending.push(target);
                }
            }
        }
    }

    /// Notes what each block does, then what stands in no block.
    fn note_all(&mut self) {
        for (block, state) in self.entries.clone() {
            self.read_block(block, state, true);
        }
        for at in self.boundaries.clone() {
            let is_padding =
                self.machine.decode(at).is_none_or(|found| found.mnemonic() == Mnemonic::Nop);
            if !is_padding && !self.seen.contains(&at) {
                self.read_block(at, State::unknown(), true);
            }
        }
    }

    /// A function whose text cannot be read to its end may do anything.
    fn note_undecodable(&mut self, start: u64) {
        let last = self.boundaries.last().and_then(|&at| self.machine.decode(at));
        if last.is_none_or(|last| last.next_ip() < self.range.end) {
            self.body.unresolved.insert(last.map_or(start, |last| last.next_ip()));
        }
    }

    /// Reads from `at` to the end of the block; gives the blocks it leads to.
    fn read_block(&mut self, mut at: u64, mut state: State, notes: bool) -> Vec<(u64, State)> {
        let first = at;
        let limit = self.library.function_around(at).map_or(self.range.end, |range| range.end);
        while at < limit {
            if at != first && self.entries.contains_key(&at) {
                return vec![(at, state)];
            }
            if at != first && notes && self.seen.contains(&at) {
                return Vec::new();
            }
            let Some(instruction) = self.machine.decode(at) else {
                // No code, or code newer than the decoder: nobody can say what it does.
                if notes {
                    self.body.unresolved.insert(at);
                }
                return Vec::new();
            };
            if notes {
                self.seen.insert(at);
                self.note(&instruction, &state);
            }
            let next = self.next(&instruction, &state);
            let result = self.result_of(&instruction, &state);
            self.machine.apply(&instruction, &mut state);
            if let Some(result) = result {
                state.set(Register::RAX, result);
            }
            at = instruction.next_ip();
            match next {
                Next::Through => {}
                Next::Nowhere => return Vec::new(),
                Next::To { mut targets, and_through } => {
                    if and_through && at < limit {
                        targets.push(at);
                    }
                    return targets.into_iter().map(|target| (target, state.clone())).collect();
                }
            }
        }
        Vec::new()
    }

    fn next(&self, instruction: &Instruction, state: &State) -> Next {
        match instruction.flow_control() {
            FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                let target = instruction.near_branch_target();
                let targets = if self.is_inside(target, state) { vec![target] } else { Vec::new() };
                let and_through = instruction.flow_control() == FlowControl::ConditionalBranch;
                Next::To { targets, and_through }
            }
            FlowControl::IndirectBranch => match self.machine.operand(instruction, state) {
                Value::SwitchTarget(table) => {
                    Next::To { targets: self.switch_targets(table), and_through: false }
                }
                _ => Next::Nowhere,
            },
            FlowControl::Return | FlowControl::Exception | FlowControl::Interrupt => Next::Nowhere,
            _ => Next::Through,
        }
    }

    /// Whether a jump stays in the function: into its own range, or, with a frame set up, to the
    /// part that the compiler moved away. Everything else is a tail call.
    fn is_inside(&self, target: u64, state: &State) -> bool {
        if self.range.contains(&target) {
            return target != self.range.start || state.get(Register::RSP) != Value::Frame(0);
        }
        matches!(state.get(Register::RSP), Value::Frame(offset) if offset != 0)
            && self.stub_pointer(target).is_none()
    }

    fn switch_targets(&self, table: u64) -> Vec<u64> {
        let entry = |n: u64| {
            let bytes = self.library.bytes_at(table + 4 * n)?;
            let offset = i32::from_le_bytes(*bytes.first_chunk()?);
            Some(table.wrapping_add_signed(i64::from(offset)))
        };
        let targets = (0..SWITCH_MAX).map_while(entry);
        // Where the next table begins the entries lead elsewhere, or into the midst of instructions.
        targets.take_while(|target| self.boundaries.contains(target)).collect()
    }

    /// The pointer that the linkage stub at `target` jumps through, if there is a stub.
    fn stub_pointer(&self, target: u64) -> Option<&Pointer> {
        let mut at = target;
        for _ in 0..2 {
            let instruction = self.machine.decode(at)?;
            if instruction.code() == Code::Endbr64 {
                at = instruction.next_ip();
                continue;
            }
            let jumps = instruction.flow_control() == FlowControl::IndirectBranch;
            if jumps && instruction.is_ip_rel_memory_operand() {
                return self.library.pointer_at(instruction.ip_rel_memory_address());
            }
            return None;
        }
        None
    }

    /// What a call leaves in the result register.
    fn result_of(&self, instruction: &Instruction, state: &State) -> Option<Value> {
        match instruction.flow_control() {
            FlowControl::Call if instruction.mnemonic() == Mnemonic::Call => {
                match self.callee(instruction.near_branch_target()) {
                    Callee::Local(function) => Some(Value::Result(function)),
                    Callee::Import(_) => None,
                }
            }
            FlowControl::IndirectCall => match self.machine.operand(instruction, state) {
                Value::TableEntry(_, offset) if jni::returns_long(offset) => Some(Value::Handle),
                Value::Address(function) => Some(Value::Result(function)),
                _ => None,
            },
            _ => None,
        }
    }

    fn note(&mut self, instruction: &Instruction, state: &State) {
        match instruction.flow_control() {
            // iced counts kernel entries as calls.
            _ if enters_kernel(instruction) => self.body.has_syscall = true,
            FlowControl::Call => self.note_call(instruction.near_branch_target(), state),
            FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                let target = instruction.near_branch_target();
                if !self.is_inside(target, state) {
                    self.note_call(target, state);
                    if let Callee::Local(function) = self.callee(target) {
                        self.body.returns.insert(Origin::Result(function));
                    }
                }
            }
            FlowControl::Return => self.body.returns.extend(Origin::of(state.get(Register::RAX))),
            FlowControl::IndirectCall | FlowControl::IndirectBranch => {
                self.note_indirect(instruction, state);
            }
            _ => {}
        }
        self.note_memory(instruction, state);
    }

    fn note_call(&mut self, target: u64, state: &State) {
        let callee = self.callee(target);
        self.insert_call(callee, state);
    }

    fn callee(&self, target: u64) -> Callee {
        match self.stub_pointer(target) {
            Some(Pointer::Symbol(name)) => Callee::Import(name.clone()),
            Some(Pointer::Local(address)) => Callee::Local(*address),
            None => Callee::Local(target),
        }
    }

    fn insert_call(&mut self, callee: Callee, state: &State) {
        let (mut passes, mut derives) = ([None; 6], [None; 6]);
        let slots = passes.iter_mut().zip(derives.iter_mut());
        for ((pass, derive), register) in slots.zip(PARAMETERS) {
            match state.get(register) {
                Value::Param(number) => *pass = Some(number),
                Value::Derived(number) => *derive = Some(number),
                // A function handed on is called sooner or later, by whom is not known.
                Value::Address(address) if self.library.is_function_start(address) => {
                    let (passes, derives, origins) = ([None; 6], [None; 6], [None; 6]);
                    let callee = Callee::Local(address);
                    self.body.calls.insert(Call { callee, passes, derives, origins });
                }
                _ => {}
            }
        }
        let origins = PARAMETERS.map(|register| Origin::of(state.get(register)));
        self.body.calls.insert(Call { callee, passes, derives, origins });
    }

    fn note_indirect(&mut self, instruction: &Instruction, state: &State) {
        let at = instruction.ip();
        match self.machine.operand(instruction, state) {
            Value::SwitchTarget(_) => {}
            Value::Address(address) => self.insert_call(Callee::Local(address), state),
            Value::Import(slot) => {
                if let Some(Pointer::Symbol(name)) = self.library.pointer_at(slot) {
                    self.insert_call(Callee::Import(name.clone()), state);
                }
            }
            Value::TableEntry(parameter, offset) => {
                self.body.table_calls.insert((parameter, offset));
                let is_tail = instruction.flow_control() == FlowControl::IndirectBranch;
                if is_tail && jni::returns_long(offset) {
                    self.body.returns.insert(Origin::Handle);
                }
            }
            _ => drop(self.body.unresolved.insert(at)),
        }
    }

    fn note_memory(&mut self, instruction: &Instruction, state: &State) {
        if instruction.mnemonic() == Mnemonic::Lea {
            return;
        }
        for memory in self.machine.memory_of(instruction) {
            let base = memory.base();
            if base == Register::None && instruction.is_ip_rel_memory_operand() {
                self.note_variable(memory.displacement(), is_write(memory.access()));
                continue;
            }
            match state.get(base) {
                Value::Address(start) if is_write(memory.access()) => {
                    if self.library.is_variable(start) {
                        self.body.writes.insert(start);
                    }
                }
                value => {
                    self.body.derefs.extend(value.pointee_of());
                    self.body.follows.extend(Origin::of(value));
                }
            }
        }
    }

    fn note_variable(&mut self, address: u64, is_write: bool) {
        if is_write && self.library.is_variable(address) {
            self.body.writes.insert(address);
        }
        if let Some(Pointer::Symbol(name)) = self.library.pointer_at(address) {
            self.body.imports.insert(name.clone());
        }
    }
}

fn enters_kernel(instruction: &Instruction) -> bool {
    matches!(instruction.mnemonic(), Mnemonic::Syscall | Mnemonic::Sysenter | Mnemonic::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 0x1000;

    fn body(code: &[u8]) -> Body {
        read_body(&Library::of_function(START, code), START)
    }

    #[test]
    fn a_call_through_the_table_of_the_first_parameter() {
        // mov rax,[rdi]; mov rax,[rax+320h]; jmp rax
        let body = body(b"\x48\x8b\x07\x48\x8b\x80\x20\x03\x00\x00\xff\xe0");
        assert_eq!(body.table_calls, BTreeSet::from([(0, 0x320)]));
        assert!(body.unresolved.is_empty());
    }

    #[test]
    fn what_a_register_holds_follows_the_jumps_and_not_the_text() {
        // push rbx; mov rbx,rdi; mov rax,[rbx]; call [rax+558h]; test eax,eax; je L; pop rbx; ret
        // L: mov rax,[rbx]; call [rax+68h]; pop rbx; ret
        let body = body(
            b"\x53\x48\x89\xfb\x48\x8b\x03\xff\x90\x58\x05\x00\x00\x85\xc0\x74\x02\x5b\xc3\
              \x48\x8b\x03\xff\x50\x68\x5b\xc3",
        );
        assert_eq!(body.table_calls, BTreeSet::from([(0, 0x68), (0, 0x558)]));
        assert!(body.unresolved.is_empty());
    }

    #[test]
    fn a_value_kept_on_the_stack() {
        // mov [rsp-8],rdi; xor edi,edi; mov rax,[rsp-8]; mov rax,[rax]; jmp [rax+30h]
        let body =
            body(b"\x48\x89\x7c\x24\xf8\x31\xff\x48\x8b\x44\x24\xf8\x48\x8b\x00\xff\x60\x30");
        assert_eq!(body.table_calls, BTreeSet::from([(0, 0x30)]));
    }

    #[test]
    fn a_method_table_of_another_parameter_is_told_from_jni() {
        // mov rax,[rsi]; call [rax+8]; ret
        let body = body(b"\x48\x8b\x06\xff\x50\x08\xc3");
        assert_eq!(body.table_calls, BTreeSet::from([(1, 8)]));
        assert_eq!(body.derefs, BTreeSet::from([1]));
    }

    #[test]
    fn calls_that_nobody_can_resolve_are_noted_even_in_code_no_jump_leads_to() {
        assert_eq!(body(b"\xff\xd0\xc3").unresolved, BTreeSet::from([START]));
        assert_eq!(body(b"\xc3\xff\xd0\xc3").unresolved, BTreeSet::from([START + 1]));
        // mov rax,[rip+10h] out of memory that no relocation fills; call rax
        let body = body(b"\x48\x8b\x05\x10\x00\x00\x00\xff\xd0\xc3");
        assert_eq!(body.unresolved.len(), 1);
    }

    #[test]
    fn memory_behind_a_parameter_and_the_kernel() {
        // mov eax,[rdx+8]; ret
        assert_eq!(body(b"\x8b\x42\x08\xc3").derefs, BTreeSet::from([2]));
        // lea rax,[rdx+rcx*4]; mov [rax],ecx; ret
        assert_eq!(body(b"\x48\x8d\x04\x8a\x89\x08\xc3").derefs, BTreeSet::from([2]));
        assert!(body(b"\x0f\x05\xc3").has_syscall);
    }

    #[test]
    fn a_long_of_a_java_object_is_a_handle_to_native_memory() {
        // mov rax,[rdi]; call [rax+328h] (GetLongField); mov eax,[rax+10h]; ret
        let used = body(b"\x48\x8b\x07\xff\x90\x28\x03\x00\x00\x8b\x40\x10\xc3");
        assert_eq!(used.follows, BTreeSet::from([Origin::Handle]));
        // mov rax,[rdi]; mov rax,[rax+328h]; jmp rax: returns it
        let returned = body(b"\x48\x8b\x07\x48\x8b\x80\x28\x03\x00\x00\xff\xe0");
        assert_eq!(returned.returns, BTreeSet::from([Origin::Handle]));
        // call L; mov rdi,rax; call L; ret; L: ret
        let handed = body(b"\xe8\x09\x00\x00\x00\x48\x89\xc7\xe8\x01\x00\x00\x00\xc3\xc3");
        let last = handed.calls.iter().find(|call| call.origins[0].is_some()).unwrap();
        assert_eq!(last.origins[0], Some(Origin::Result(START + 14)));
    }

    #[test]
    fn a_call_hands_parameters_on() {
        // mov rsi,rdx; lea rdx,[rcx+4]; call L; ret; L: ret
        let body = body(b"\x48\x89\xd6\x48\x8d\x51\x04\xe8\x01\x00\x00\x00\xc3\xc3");
        let call = body.calls.first().unwrap();
        assert_eq!(call.callee, Callee::Local(START + 13));
        assert_eq!(call.passes, [Some(0), Some(2), None, Some(3), Some(4), Some(5)]);
        assert_eq!(call.derives[2], Some(3));
    }
}
