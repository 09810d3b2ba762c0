//! Rewriting for the server: gates at the entry of root methods, lambda sites that are recorded.
//! Nothing else of the application changes, so a closed gate costs one read of a static field.

use std::collections::BTreeSet;

use beehive_classfile::{
    ClassEdits, ClassFileError, ClassView, Emitter, LeftAlone, MethodPlan, MethodView, Probes,
    Rewriter, Rewritten,
};

use crate::gate::GateCode;
use crate::lambdas::LambdaBootstraps;
use crate::root::Root;

/// Rewrites the classes of a server, one after the other.
#[derive(Debug, Clone)]
pub struct ServerRewriter {
    rewriter: Rewriter,
    probes: ServerProbes,
}

/// What was done to the classes so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerTally {
    /// Numbers of the roots that have a gate. A root of a class loaded by two loaders has two.
    pub gates: BTreeSet<i32>,
    /// Numbers of the roots that could get no gate, and why.
    pub without_gate: Vec<(i32, LeftAlone)>,
    /// Bootstraps of lambdas that were redirected.
    pub lambda_bootstraps: u64,
    /// Classes that could not be changed.
    pub classes_left_alone: u64,
}

impl ServerRewriter {
    /// A rewriter with gates for `roots`, each with its number.
    ///
    /// # Errors
    /// None for the names this crate declares.
    pub fn new(roots: impl IntoIterator<Item = (i32, Root)>) -> Result<Self, ClassFileError> {
        let mut rewriter = Rewriter::new();
        let constants = rewriter.constants();
        let probes = ServerProbes {
            gate: GateCode::declare(constants)?,
            lambdas: LambdaBootstraps::declare(constants)?,
            roots: roots.into_iter().collect(),
            in_class: Vec::new(),
            planned: None,
            tally: ServerTally::default(),
        };
        Ok(Self { rewriter, probes })
    }

    /// New bytes of an application class, `None` when it stays as it is.
    ///
    /// # Errors
    /// When the bytes are not a class file.
    pub fn rewrite(&mut self, bytes: &[u8]) -> Result<Option<&[u8]>, ClassFileError> {
        match self.rewriter.rewrite(bytes, &mut self.probes)? {
            Rewritten::Unchanged => Ok(None),
            Rewritten::Changed(new) => Ok(Some(new)),
        }
    }

    /// What was done so far.
    pub fn tally(&self) -> ServerTally {
        let classes_left_alone = self.rewriter.tally().classes_left_alone;
        ServerTally { classes_left_alone, ..self.probes.tally.clone() }
    }
}

#[derive(Debug, Clone)]
struct ServerProbes {
    gate: GateCode,
    lambdas: LambdaBootstraps,
    roots: Vec<(i32, Root)>,
    /// Roots of the current class, by their place in `roots`.
    in_class: Vec<usize>,
    /// Number of the root that is being rewritten.
    planned: Option<i32>,
    tally: ServerTally,
}

impl Probes for ServerProbes {
    fn edit_class(&mut self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) {
        self.tally.lambda_bootstraps += self.lambdas.redirect(class, edits);
        let name = class.name();
        let of_class = |(place, (_, root)): (usize, &(i32, Root))| {
            (name == root.class.as_str()).then_some(place)
        };
        self.in_class.clear();
        self.in_class.extend(self.roots.iter().enumerate().filter_map(of_class));
    }

    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        let roots = self.in_class.iter().filter_map(|place| self.roots.get(*place));
        let mut numbers = roots.filter(|(_, root)| {
            method.name() == root.name.as_str() && method.descriptor() == root.descriptor.as_str()
        });
        let Some((number, _)) =
            numbers.next().filter(|_| !method.name().as_bytes().starts_with(b"<"))
        else {
            return MethodPlan::NONE;
        };
        self.planned = Some(*number);
        self.tally.gates.insert(*number);
        MethodPlan::ENTRY
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        if let Some(number) = self.planned {
            self.gate.emit(number, method, emit);
        }
    }

    fn left_alone(&mut self, _method: MethodView<'_, '_>, reason: LeftAlone) {
        if let Some(number) = self.planned.take() {
            self.tally.gates.remove(&number);
            self.tally.without_gate.push((number, reason));
        }
    }
}
