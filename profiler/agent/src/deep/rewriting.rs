//! Rewrites one class after the other for a deep run, on top of what the light run inserted.

use beehive_classfile::{ClassView, LeftAlone, Rewriter, Rewritten};
use beehive_trace::AgentConfig;

use super::calls::Calls;
use super::class_plan::{ClassPlan, MethodState, UserMethod};
use super::probes::DeepProbes;
use super::references::References;
use super::shapes::Shapes;
use super::unprobed::is_unprobed;
use crate::error::AgentError;
use crate::named_root::is_named;

/// Roots beyond this many have no counters in the probe class.
const ROOTS_MAX: usize = 1 << 14;

/// Packages of the JDK, whose classes are never in a light trace.
const JDK_PACKAGES: [&str; 5] = ["java.", "javax.", "jdk.", "sun.", "com.sun."];

/// The rewriter with all it has learned of the classes.
#[derive(Debug)]
pub(crate) struct DeepRewriting {
    rewriter: Rewriter,
    calls: Calls,
    pub(crate) shapes: Shapes,
    pub(crate) references: References,
    /// Sorted dotted names of the classes outside the JDK that get probes; empty: all that can.
    chosen: Vec<String>,
}

/// A user method as the light run knows it.
#[derive(Debug, Clone)]
pub(crate) struct LightMethod {
    pub(crate) row: u32,
    pub(crate) name: String,
    pub(crate) descriptor: String,
    /// An annotation or the user made it a candidate.
    pub(crate) is_candidate: bool,
}

/// A class with deep probes.
#[derive(Debug, Default)]
pub(crate) struct DeepClass {
    /// The class file; `None` if nothing was inserted.
    pub(crate) bytes: Option<Vec<u8>>,
    /// Methods left alone, with the reason.
    pub(crate) left_alone: Vec<LeftAlone>,
    pub(crate) methods: u64,
}

impl DeepRewriting {
    pub(crate) fn new(config: &AgentConfig) -> Result<Self, AgentError> {
        let mut rewriter = Rewriter::new();
        let calls = Calls::declare(&mut rewriter)?;
        let mut chosen = config.deep.as_ref().map(|d| d.classes.clone()).unwrap_or_default();
        chosen.sort_unstable();
        let (shapes, references) = (Shapes::default(), References::default());
        Ok(Self { rewriter, calls, shapes, references, chosen })
    }

    /// Takes note of a class as it came, before anything was inserted.
    pub(crate) fn learn(&mut self, bytes: &[u8]) {
        // What is no class file is told by whoever rewrites it.
        if let Ok(view) = ClassView::parse(bytes) {
            self.shapes.add(&view);
        }
    }

    /// Puts probes into a class. `methods` are the user methods of the light run.
    pub(crate) fn class(
        &mut self,
        bytes: &[u8],
        methods: &[LightMethod],
        config: &AgentConfig,
    ) -> Result<DeepClass, AgentError> {
        let view = ClassView::parse(bytes)?;
        let name = view.name();
        if !ClassPlan::concerns(name.as_bytes()) {
            return Ok(DeepClass::default());
        }
        let dotted = name.to_str().replace('/', ".");
        let only_hooks = is_unprobed(name.as_bytes()) || !self.is_chosen(&dotted);
        let class = self.shapes.names.number(name.as_bytes());
        let mut plan = ClassPlan {
            class: self.references.classes.number(class),
            only_hooks,
            ..ClassPlan::default()
        };
        if !only_hooks {
            plan.find_captures(&view);
            self.plan_users(&mut plan, &dotted, methods, config);
        }
        drop(view);
        self.rewrite(bytes, plan)
    }

    fn is_chosen(&self, dotted: &str) -> bool {
        let is_jdk = JDK_PACKAGES.iter().any(|package| dotted.starts_with(package));
        is_jdk
            || self.chosen.is_empty()
            || self.chosen.binary_search_by(|c| c.as_str().cmp(dotted)).is_ok()
    }

    fn plan_users(
        &self,
        plan: &mut ClassPlan,
        dotted: &str,
        methods: &[LightMethod],
        config: &AgentConfig,
    ) {
        let roots = config.deep.as_ref().map_or(&[][..], |deep| &deep.roots);
        for method in methods {
            let with_descriptor = format!("{}{}", method.name, method.descriptor);
            let is_root = if roots.is_empty() {
                method.is_candidate
            } else {
                is_named(roots, dotted, &method.name) || is_named(roots, dotted, &with_descriptor)
            };
            let is_root = is_root && self.references.roots.len() < ROOTS_MAX;
            let key = (method.name.as_bytes().into(), method.descriptor.as_bytes().into());
            plan.users.insert(key, UserMethod { row: method.row, is_root });
        }
    }

    /// Rewrites; methods that are too long beside their old code get their probes in place.
    fn rewrite(&mut self, bytes: &[u8], plan: ClassPlan) -> Result<DeepClass, AgentError> {
        let mut probes = DeepProbes {
            calls: self.calls,
            shapes: &mut self.shapes,
            references: &mut self.references,
            class: plan,
            method: MethodState::default(),
            refused: Vec::new(),
        };
        let mut written = write(&mut self.rewriter, bytes, &mut probes)?;
        let too_long = |reason: &LeftAlone| {
            matches!(
                reason,
                LeftAlone::HugeMethod | LeftAlone::CodeTooLarge | LeftAlone::JumpTooFar
            )
        };
        let again: Vec<_> = probes.refused.iter().filter(|(_, reason)| too_long(reason)).collect();
        if !again.is_empty() {
            let again = again.into_iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
            probes.class.in_place.extend(again);
            probes.refused.clear();
            self.rewriter.take_tally();
            written = write(&mut self.rewriter, bytes, &mut probes)?;
        }
        let left_alone = probes.refused.iter().map(|(_, reason)| *reason).collect();
        let methods = self.rewriter.take_tally().methods_changed;
        Ok(DeepClass { bytes: written, left_alone, methods })
    }
}

fn write(
    rewriter: &mut Rewriter,
    bytes: &[u8],
    probes: &mut DeepProbes<'_>,
) -> Result<Option<Vec<u8>>, AgentError> {
    match rewriter.rewrite(bytes, probes)? {
        Rewritten::Unchanged => Ok(None),
        Rewritten::Changed(bytes) => Ok(Some(bytes.to_vec())),
    }
}
