//! Judges what becomes of an object on a worker, from the class of the object: the rules of `rules`
//! applied to the supertypes the trace knows, and whether the database is in the server's process.

use beehive_plan::Handling;
use beehive_trace::Trace;

use super::persistence::{self, Persistence};
use super::rules::{DRIVERS, Fits, IN_PROCESS, POOLS, RULES};
use super::types::Types;

/// The verdict on one class and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) handling: Handling,
    /// One clause; empty for what simply travels.
    pub(crate) why: &'static str,
}

/// Judges classes of one trace.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    pub(crate) types: Types<'a>,
    /// Beginning of the class names of a database inside the server, if one is used.
    in_process: Option<&'static str>,
    /// What becomes of JPA.
    pub(crate) persistence: Persistence,
}

/// Why connections to such a database are pinned.
pub(crate) const IN_SERVER: &str = "the database runs inside the server";

impl<'a> Judge<'a> {
    pub(crate) fn new(trace: &'a Trace) -> Self {
        let types = Types::new(trace);
        let in_process = IN_PROCESS
            .iter()
            .copied()
            .find(|package| is_used(trace, package) && !connects(trace, package));
        let persistence = Persistence::of(&types);
        Self { types, in_process, persistence }
    }

    /// What becomes of objects of the class `name`. Arrays travel whatever they hold, unless they are a
    /// library's that stays or that the worker has.
    pub(crate) fn judge(&self, name: &str) -> Judged {
        let element = name.trim_end_matches("[]");
        let is_array = element.len() < name.len();
        if let Some(judged) = self.database(element) {
            return judged;
        }
        if self.is_kept_lambda(element) {
            let why = "a lambda of the JDK's own cannot be made anew";
            return if is_array { shipped() } else { Judged { handling: Handling::Pinned, why } };
        }
        if self.is_inside_map(element) && !is_named(element) {
            return Judged { handling: Handling::ReadCopy, why: "inside a concurrent map" };
        }
        let lineage = self.types.lineage(element);
        if self.persistence != Persistence::Moves && !is_array && persistence::includes(&lineage) {
            return Judged { handling: Handling::Pinned, why: "JPA stays at the server" };
        }
        let rule = RULES.iter().find(|rule| match rule.fits {
            Fits::Type(wanted) => !is_array && lineage.contains(&wanted),
            Fits::Package(prefix) => element.starts_with(prefix),
        });
        rule.map_or_else(shipped, |rule| Judged { handling: rule.handling, why: rule.why })
    }

    /// Whether the class is a lambda that the runtime cannot make anew: of the JDK's own those of
    /// `java.` can be, from what their classes call.
    pub(crate) fn is_kept_lambda(&self, name: &str) -> bool {
        let is_made_anew = name.starts_with("java.") && !name.starts_with("java.lang.invoke.");
        name.contains("$$Lambda") && self.types.is_jdk(name) && !is_made_anew
    }

    /// Whether the class is a library's whose code runs at the server whoever made the object: a
    /// database inside it, the container.
    pub(crate) fn is_home_code(&self, name: &str) -> bool {
        if let Some(judged) = self.database(name) {
            return judged.handling == Handling::Pinned;
        }
        let rule = RULES.iter().find(|rule| match rule.fits {
            Fits::Type(_) => false,
            Fits::Package(prefix) => name.starts_with(prefix),
        });
        // Locks and atomics are pinned as objects; their code is everywhere.
        rule.is_some_and(|rule| rule.handling == Handling::Pinned) && !name.starts_with("java.")
    }

    /// Whether the class is nested in a concurrent map's: an entry, a segment.
    fn is_inside_map(&self, name: &str) -> bool {
        let outer = name.split('$').next().unwrap_or(name);
        outer.len() < name.len()
            && self.types.lineage(outer).contains(&"java.util.concurrent.ConcurrentMap")
    }

    /// Whether the class belongs to a database or its pool.
    pub(crate) fn is_database(&self, name: &str) -> bool {
        self.database(name).is_some()
    }

    /// The judgement on drivers, pools and data sources.
    fn database(&self, name: &str) -> Option<Judged> {
        let starts = |packages: &[&str]| packages.iter().any(|package| name.starts_with(package));
        if self.in_process.is_some_and(|package| name.starts_with(package)) {
            return Some(Judged { handling: Handling::Pinned, why: IN_SERVER });
        }
        let lineage = self.types.lineage(name);
        let is_source = lineage.contains(&"javax.sql.DataSource");
        let is_pool = starts(POOLS) || (is_source && self.is_library(name));
        if is_pool && self.in_process.is_some() {
            return Some(Judged { handling: Handling::Pinned, why: IN_SERVER });
        }
        (is_pool || starts(DRIVERS) || starts(IN_PROCESS)).then_some(Judged {
            handling: Handling::Equivalent,
            why: "the worker has a pool of its own for the same database",
        })
    }

    /// Data sources that only wrap another one travel; it is the innermost that has an equivalent.
    fn is_library(&self, name: &str) -> bool {
        !name.starts_with("org.springframework.") && !self.types.is_jdk(name)
    }

    /// Whether a worker has its own statics of the class: the JDK's, or those of equivalents.
    pub(crate) fn has_own_statics(&self, name: &str) -> bool {
        self.types.is_jdk(name)
            || matches!(self.judge(name).handling, Handling::Equivalent | Handling::WorkersOwn)
    }

    /// Whether the code of the class runs at the server, called through a pinned object.
    pub(crate) fn stays_home(&self, name: &str) -> bool {
        !self.types.is_jdk(name) && self.judge(name).handling == Handling::Pinned
    }
}

/// Whether a rule names the package.
fn is_named(class: &str) -> bool {
    RULES.iter().any(|rule| matches!(rule.fits, Fits::Package(prefix) if class.starts_with(prefix)))
}

const fn shipped() -> Judged {
    Judged { handling: Handling::Shipped, why: "" }
}

/// Whether sampled invocations ran code of the package.
fn is_used(trace: &Trace, package: &str) -> bool {
    trace.deep.classes.iter().any(|row| row.calls > 0 && row.class_name.starts_with(package))
}

/// Whether code of the package opened a connection: its database is elsewhere.
fn connects(trace: &Trace, package: &str) -> bool {
    trace.connections.iter().any(|row| row.opener.starts_with(package))
        || trace.deep.connections.iter().any(|row| row.opener.starts_with(package))
}
