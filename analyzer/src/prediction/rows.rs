//! The deep rows of one root as slices of the trace's tables, which are sorted by root, and means per
//! sampled invocation out of their sums.

use beehive_trace::{
    ClassTouch, ConnectionUse, DeepRoot, FieldAccess, Handover, HostUse, LockUse, NativeCalls,
    ObjectEdge, ReflectiveUse, SharedAccess, StaticAccess, Trace,
};

/// Everything recorded of one root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) root: &'a DeepRoot,
    pub(crate) natives: &'a [NativeCalls],
    pub(crate) objects: &'a [ObjectEdge],
    pub(crate) fields: &'a [FieldAccess],
    pub(crate) statics: &'a [StaticAccess],
    pub(crate) locks: &'a [LockUse],
    pub(crate) shared: &'a [SharedAccess],
    pub(crate) handovers: &'a [Handover],
    pub(crate) connections: &'a [ConnectionUse],
    pub(crate) host: &'a [HostUse],
    pub(crate) classes: &'a [ClassTouch],
    pub(crate) reflection: &'a [ReflectiveUse],
}

/// The rows of a root in a table sorted by root.
fn of_root<R>(rows: &[R], root: u32, root_of: impl Fn(&R) -> u32) -> &[R] {
    let from = rows.partition_point(|row| root_of(row) < root);
    let to = rows.partition_point(|row| root_of(row) <= root);
    rows.get(from..to).unwrap_or_default()
}

impl<'a> Rows<'a> {
    /// The rows of each root with a complete sample, by root.
    pub(crate) fn of_trace(trace: &'a Trace) -> impl Iterator<Item = Self> {
        let deep = &trace.deep;
        let sampled = deep.roots.iter().filter(|row| row.sampled > 0);
        sampled.map(|root| {
            let id = root.root;
            Self {
                root,
                natives: of_root(&deep.natives, id, |row| row.root),
                objects: of_root(&deep.objects, id, |row| row.root),
                fields: of_root(&deep.fields, id, |row| row.root),
                statics: of_root(&deep.statics, id, |row| row.root),
                locks: of_root(&deep.locks, id, |row| row.root),
                shared: of_root(&deep.shared, id, |row| row.root),
                handovers: of_root(&deep.handovers, id, |row| row.root),
                connections: of_root(&deep.connections, id, |row| row.root),
                host: of_root(&deep.host, id, |row| row.root),
                classes: of_root(&deep.classes, id, |row| row.root),
                reflection: of_root(&deep.reflection, id, |row| row.root),
            }
        })
    }

    /// A sum over the sampled invocations as a mean of one.
    pub(crate) fn each(&self, sum: u64) -> f64 {
        sum as f64 / self.root.sampled as f64
    }

    /// Share of the sampled invocations, 0..=1.
    pub(crate) fn share(&self, invocations: u64) -> f64 {
        self.each(invocations).min(1.0)
    }

    /// Whether something happened in no more invocations than those that loaded classes, while others
    /// did not: done once, at first use.
    pub(crate) fn is_first_use(&self, invocations: u64) -> bool {
        self.root.cold < self.root.sampled && invocations <= self.root.cold
    }

    /// Whether code of a class whose name begins so ran.
    pub(crate) fn ran(&self, prefix: &str) -> bool {
        let from = self.classes.partition_point(|row| row.class_name.as_str() < prefix);
        let rest = self.classes.get(from..).unwrap_or_default();
        let named = rest.iter().take_while(|row| row.class_name.starts_with(prefix));
        named.into_iter().any(|row| row.calls > 0)
    }

    /// Methods entered of classes named exactly so, per invocation.
    pub(crate) fn entries(&self, name: &str) -> f64 {
        let rows = self.classes.iter().filter(|row| row.class_name == name);
        rows.map(|row| self.each(row.calls)).sum()
    }
}
