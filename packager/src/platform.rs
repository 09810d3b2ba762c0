//! Which names belong to the JDK, so that a worker has them without being sent anything. What the
//! trace saw decides; names it did not see go by the JDK's own packages.

use std::collections::BTreeSet;

use beehive_trace::{Origin, SplitRule, Trace};

/// Names of JDK classes.
#[derive(Clone, Debug, Default)]
pub struct Platform<'t> {
    jdk: BTreeSet<&'t str>,
    other: BTreeSet<&'t str>,
}

impl<'t> Platform<'t> {
    /// The JDK's names as the trace knows them.
    pub fn of(trace: &'t Trace) -> Self {
        let (jdk, other): (Vec<_>, Vec<_>) =
            trace.classes.iter().partition(|class| class.origin == Origin::Jdk);
        let names = |rows: Vec<&'t beehive_trace::Class>| {
            rows.into_iter().map(|class| class.name.as_str()).collect()
        };
        Self { jdk: names(jdk), other: names(other) }
    }

    /// Whether a worker's JDK has the class called `name` (dotted).
    pub fn has(&self, name: &str) -> bool {
        if self.jdk.contains(name) {
            return true;
        }
        !self.other.contains(name) && SplitRule::default().origin(name, "") == Origin::Jdk
    }
}
