//! `Rewriter`: one class in, one class out. Owns the buffers that are used again for the
//! next class, the declared constants and the tally. Methods are done by `method_writer`.

use crate::class_edits::{ClassEdits, EditBuffers};
use crate::code::Code;
use crate::code_tables::AttributeNames;
use crate::constant_pool::POOL_START;
use crate::constants::{Class, Constants, Text};
use crate::duplicate::{Choice, Joint};
use crate::emitter::Emitter;
use crate::error::ClassFileError;
use crate::left_alone::{LeftAlone, Tally};
use crate::member::MethodView;
use crate::method_writer::{MethodWriter, Written};
use crate::opcode::{OpcodeSet, RETURN};
use crate::position::PositionMap;
use crate::probes::{MethodPlan, Probes};
use crate::scan::ScanTable;
use crate::view::{ClassView, ViewBuffers};

/// Bytes of code beyond which HotSpot does not compile a method (`-XX:HugeMethodLimit`).
pub const HUGE_METHOD_LIMIT: u32 = 8000;

/// The class after rewriting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewritten<'r> {
    /// Nothing was inserted: use the bytes that were given.
    Unchanged,
    /// The bytes of the new class, valid until the next call.
    Changed(&'r [u8]),
}

impl<'r> Rewritten<'r> {
    /// The new bytes, or those given when nothing changed.
    pub fn bytes_or(self, original: &'r [u8]) -> &'r [u8] {
        match self {
            Self::Unchanged => original,
            Self::Changed(bytes) => bytes,
        }
    }
}

/// One jump or switch, by its old and its new position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jump {
    pub(crate) old: u32,
    pub(crate) new: u32,
}

/// Constants that the rewriter itself needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnConstants {
    pub(crate) throwable: Class,
    pub(crate) stack_map_table: Text,
}

/// Buffers of one method, used again for the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct MethodBuffers {
    pub(crate) map: PositionMap,
    pub(crate) jumps: Vec<Jump>,
    /// Of the current class.
    pub(crate) names: AttributeNames,
    /// Choice and probed code of a method that keeps its old code.
    choice: Vec<u8>,
    probed: Vec<u8>,
}

/// Rewrites classes, one after the other. Clone it to get one for another thread: declared
/// constants keep their handles.
#[derive(Debug, Clone)]
pub struct Rewriter {
    constants: Constants,
    own: OwnConstants,
    view: ViewBuffers,
    method: MethodBuffers,
    scan: ScanTable,
    edits: EditBuffers,
    /// The class behind the constant pool, as far as it is written.
    body: Vec<u8>,
    out: Vec<u8>,
    tally: Tally,
    huge_method_limit: u32,
    reencode: bool,
}

impl Default for Rewriter {
    fn default() -> Self {
        Self::new()
    }
}

impl Rewriter {
    /// A rewriter without declared constants.
    #[must_use]
    pub fn new() -> Self {
        let mut constants = Constants::default();
        let own = OwnConstants {
            throwable: constants.class("java/lang/Throwable"),
            stack_map_table: constants.name("StackMapTable"),
        };
        Self {
            constants,
            own,
            view: ViewBuffers::default(),
            method: MethodBuffers::default(),
            scan: ScanTable::new(OpcodeSet::EMPTY),
            edits: EditBuffers::default(),
            body: Vec::new(),
            out: Vec::new(),
            tally: Tally::default(),
            huge_method_limit: HUGE_METHOD_LIMIT,
            reencode: false,
        }
    }

    /// Where probes declare the methods, fields, classes and strings they use.
    pub fn constants(&mut self) -> &mut Constants {
        &mut self.constants
    }

    /// Leaves methods alone that would grow over `bytes`; those over it already are never
    /// compiled anyway and get their probes. `u32::MAX`: no limit.
    #[must_use]
    pub fn with_huge_method_limit(mut self, bytes: u32) -> Self {
        self.huge_method_limit = bytes;
        self
    }

    /// Takes every method apart and writes it anew even where nothing is inserted, and gives
    /// the class out even then. The bytes must not differ: this is how the maps are tested.
    #[must_use]
    pub fn with_reencoding(mut self) -> Self {
        self.reencode = true;
        self
    }

    /// What was done so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What was done so far, and starts counting anew.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Rewrites the class in `bytes`. Fails only when they are not a class file; a method that
    /// cannot be rewritten is left alone and counted.
    pub fn rewrite<P: Probes>(
        &mut self,
        bytes: &[u8],
        probes: &mut P,
    ) -> Result<Rewritten<'_>, ClassFileError> {
        let view = ClassView::parse_reusing(bytes, std::mem::take(&mut self.view))?;
        self.tally.classes += 1;
        let changed = probes.enter_class(&view) && self.write_methods(&view, probes);
        self.view = view.into_buffers();
        if !changed {
            return Ok(Rewritten::Unchanged);
        }
        self.tally.classes_changed += 1;
        Ok(Rewritten::Changed(&self.out))
    }

    /// Writes the class to `out`; false when nothing changed.
    fn write_methods<P: Probes>(&mut self, view: &ClassView<'_>, probes: &mut P) -> bool {
        self.constants.start_class(view.pool().count(), view.this_class_index());
        self.scan.set_probed(probes.opcodes());
        self.method.names.start_class();
        self.body.clear();
        let Some(mut copied) = self.edit_class(view, probes) else { return false };
        let mut changed = self.reencode || !self.edits.is_empty();
        for method in view.methods() {
            if self.edits.is_dropped(method.start() as u32) {
                copied = self.leave_out(method, copied);
                continue;
            }
            if !method.has_code() {
                continue;
            }
            let plan = probes.plan(method);
            if plan == MethodPlan::NONE && !self.reencode {
                continue;
            }
            let start = self.body.len();
            match self.write_method(method, plan, copied, probes) {
                Ok(Some(end)) => {
                    copied = end;
                    changed = true;
                }
                Ok(None) => self.body.truncate(start),
                Err(reason) => {
                    self.body.truncate(start);
                    self.edits.unpatch(method.start());
                    self.tally.count(reason);
                    probes.left_alone(method, reason);
                }
            }
        }
        if changed {
            self.assemble(view, copied);
        }
        changed
    }

    /// Asks for edits of the class and copies its head with them. Gives the offset up to which
    /// the class is copied; `None` when the edits cannot be made and the class is left alone.
    fn edit_class<P: Probes>(&mut self, view: &ClassView<'_>, probes: &mut P) -> Option<usize> {
        self.edits.start_class();
        let mut edits = ClassEdits { constants: &mut self.constants, buffers: &mut self.edits };
        probes.edit_class(view, &mut edits);
        let head = view.pool().end();
        if self.edits.is_empty() {
            return Some(head);
        }
        if self.edits.finish(view).is_err() {
            self.tally.classes_left_alone += 1;
            return None;
        }
        let methods = view.methods_at();
        self.edits.copy(view.bytes(), head, methods, &mut self.body)?;
        self.body.extend_from_slice(&self.edits.fields);
        Some(methods)
    }

    /// Copies what stands before a method; gives the offset behind it.
    fn leave_out(&mut self, method: MethodView<'_, '_>, copied: usize) -> usize {
        let bytes = method.class().bytes();
        let Some(end) = method.end() else { return copied };
        match self.edits.copy(bytes, copied, method.start(), &mut self.body) {
            Some(()) => end,
            None => copied,
        }
    }

    /// Appends what stands between `copied` and the method's code as it is, then the code.
    /// Gives the offset after the code in the old class, `None` when nothing was inserted.
    fn write_method<P: Probes>(
        &mut self,
        method: MethodView<'_, '_>,
        plan: MethodPlan,
        copied: usize,
        probes: &mut P,
    ) -> Result<Option<usize>, LeftAlone> {
        self.tally.methods_planned += u64::from(plan != MethodPlan::NONE);
        let bytes = method.class().bytes();
        let code_at = method.code_at().ok_or(LeftAlone::Malformed)?;
        let payload = method.code_payload().ok_or(LeftAlone::Malformed)?;
        // The name of the attribute is copied with what stands before it.
        let copy = self.edits.copy(bytes, copied, code_at + 2, &mut self.body);
        copy.ok_or(LeftAlone::Malformed)?;
        let code = method.code().ok_or(LeftAlone::Malformed)?;
        let old_length = code.bytes.len();
        let code_length_at = self.body.len();
        if code.bytes == [RETURN] && method.name() == "finalize" && method.descriptor() == "()V" {
            return if plan == MethodPlan::NONE {
                Ok(None)
            } else {
                Err(LeftAlone::EmptyFinalizer)
            };
        }
        let writer = MethodWriter::new(
            method,
            code,
            plan,
            &self.scan,
            &mut self.body,
            &mut self.constants,
            &mut self.method,
        );
        let written = writer.write(probes, self.own, self.reencode)?;
        let Written::Code { mut length, handler_omitted } = written else {
            return Ok(None);
        };
        let duplicates = plan.has(MethodPlan::DUPLICATE);
        if duplicates {
            length = self.join(method, code, code_length_at, probes)?;
        }
        if length > self.huge_method_limit && old_length as u32 <= self.huge_method_limit {
            return Err(LeftAlone::HugeMethod);
        }
        self.tally.methods_duplicated += u64::from(duplicates);
        self.tally.handlers_omitted += u64::from(handler_omitted);
        self.tally.methods_changed += u64::from(plan != MethodPlan::NONE);
        Ok(Some(code_at + 6 + payload.len()))
    }

    /// Puts the old code before the probed one, which was written at `at` of the body. Gives the
    /// length of the joined code.
    fn join<P: Probes>(
        &mut self,
        method: MethodView<'_, '_>,
        old: Code<'_>,
        at: usize,
        probes: &mut P,
    ) -> Result<u32, LeftAlone> {
        let MethodBuffers { names, choice, probed, .. } = &mut self.method;
        probed.clear();
        probed.extend_from_slice(self.body.get(at..).unwrap_or_default());
        self.body.truncate(at);
        choice.clear();
        let mut emitter = Emitter::new(choice, &mut self.constants, old.max_locals);
        probes.choose(method, &mut emitter);
        let (cost, branches) = emitter.finish()?;
        if !branches.is_empty() {
            return Err(LeftAlone::ControlFlowReplaced);
        }
        let stack = u16::try_from(cost.stack).map_err(|_| LeftAlone::StackTooDeep)?;
        let choice = Choice { bytes: choice, stack, locals: cost.locals };
        let probed = probed.get(4..).and_then(Code::parse).ok_or(LeftAlone::Malformed)?;
        let mut joint = Joint { method, constants: &mut self.constants, names, own: self.own };
        joint.write(choice, old, probed, &mut self.body)
    }

    /// Puts header, old constants, new constants and body together; all after `copied` in the
    /// old class is unchanged.
    fn assemble(&mut self, view: &ClassView<'_>, copied: usize) {
        let bytes = view.bytes();
        let (added, count) = self.constants.added();
        let pool = POOL_START..view.pool().end();
        let length = pool.end + added.len() + self.body.len() + bytes.len() - copied;
        self.out.clear();
        self.out.reserve(length);
        // All ranges were found by parsing the class.
        let _ = self.edits.copy(bytes, 0, POOL_START - 2, &mut self.out);
        self.out.extend_from_slice(&count.to_be_bytes());
        let _ = self.edits.copy(bytes, pool.start, pool.end, &mut self.out);
        self.out.extend_from_slice(added);
        self.out.extend_from_slice(&self.body);
        let _ = self.edits.copy(bytes, copied, bytes.len(), &mut self.out);
    }
}
