//! Why a method was not rewritten, and the tally of a rewriter's work.
//! A method left alone keeps its bytes and stays correct; it is only not observed.

/// Why a method that should have been rewritten was copied as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LeftAlone {
    /// Its `Code` attribute does not follow JVMS §4.7.3.
    Malformed,
    /// It would be longer than 65,535 bytes.
    CodeTooLarge,
    /// It would be longer than `-XX:HugeMethodLimit` and so never be compiled.
    HugeMethod,
    /// A 16-bit jump would be too short.
    JumpTooFar,
    /// The constant pool would have more than 65,535 entries.
    PoolFull,
    /// It would need more than 65,535 stack slots.
    StackTooDeep,
    /// It would need more than 65,535 local variables.
    TooManyLocals,
    /// Its exception table is full.
    TooManyHandlers,
    /// A probe asked to replace a jump, a switch or a return.
    ControlFlowReplaced,
    /// It is `finalize()` and does nothing. HotSpot knows such a class by the empty body and
    /// keeps its objects out of finalisation; one probe in `Object.finalize` and every object
    /// of the JVM has a finaliser.
    EmptyFinalizer,
}

impl LeftAlone {
    /// All reasons, in the order of [`Tally::left_alone`].
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::CodeTooLarge,
        Self::HugeMethod,
        Self::JumpTooFar,
        Self::PoolFull,
        Self::StackTooDeep,
        Self::TooManyLocals,
        Self::TooManyHandlers,
        Self::ControlFlowReplaced,
        Self::EmptyFinalizer,
    ];

    /// A stable name for traces and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::CodeTooLarge => "code-too-large",
            Self::HugeMethod => "huge-method",
            Self::JumpTooFar => "jump-too-far",
            Self::PoolFull => "pool-full",
            Self::StackTooDeep => "stack-too-deep",
            Self::TooManyLocals => "too-many-locals",
            Self::TooManyHandlers => "too-many-handlers",
            Self::ControlFlowReplaced => "control-flow-replaced",
            Self::EmptyFinalizer => "empty-finalizer",
        }
    }
}

/// What a rewriter has done since it was made (or since the tally was taken).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Classes given to the rewriter that were well-formed.
    pub classes: u64,
    /// Classes of these that came out changed.
    pub classes_changed: u64,
    /// Classes for which edits were asked that cannot be made: they are as they were.
    pub classes_left_alone: u64,
    /// Methods with code for which a probe was planned.
    pub methods_planned: u64,
    /// Methods of these that came out changed.
    pub methods_changed: u64,
    /// Constructors that got no catch-all handler, their `super(…)` call not being the only
    /// one that could be it; their other probes are in place.
    pub handlers_omitted: u64,
    /// Methods of the changed ones that keep their old code beside the new one.
    pub methods_duplicated: u64,
    /// Methods copied as they are although a probe was planned, by reason.
    pub left_alone: [u64; LeftAlone::ALL.len()],
}

impl Tally {
    /// Methods left alone for `reason`.
    pub fn left_alone(&self, reason: LeftAlone) -> u64 {
        self.left_alone.get(reason as usize).copied().unwrap_or(0)
    }

    /// Methods left alone for any reason.
    pub fn left_alone_total(&self) -> u64 {
        self.left_alone.iter().sum()
    }

    pub(crate) fn count(&mut self, reason: LeftAlone) {
        if let Some(counter) = self.left_alone.get_mut(reason as usize) {
            *counter += 1;
        }
    }
}
