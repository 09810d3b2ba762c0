//! Which objects of a root are the application's, and which are seen only by code that stays at the
//! server or that the worker has for itself. The trace knows references by class only, so each class
//! gets a weight: the share of its existing objects that were reached through objects that travel.
//! Weights flow along the edges from arguments, statics and captured values until they rest.

use std::collections::BTreeMap;

use beehive_plan::Handling;
use beehive_trace::ObjectEdge;

use super::handling::{Judge, Judged};
use super::rows::Rows;
use super::rules::DRAWING;

/// Rounds in which weights settle; each goes one reference further at least.
const ROUNDS: usize = 64;
/// Weight from which on a container is mostly the application's.
const MOSTLY: f64 = 0.5;
/// Change below which they rest.
const RESTS: f64 = 1e-4;

/// Where a reference was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder<'a> {
    /// `(this)` or an argument: with the invocation.
    Invocation,
    /// A static field of this class, or a value that a lambda of its code captured.
    Static(&'a str),
    /// A thread-local.
    ThreadLocal,
    /// What code without probes gave.
    Call(&'a str),
    /// An instance field declared by this class, or an element of this class of arrays.
    Field(&'a str),
}

impl<'a> Holder<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let class_of = |rest: &'a str| rest.split('#').next().unwrap_or(rest);
        let of_code = text.strip_prefix("(static) ").or_else(|| text.strip_prefix("(captured) "));
        if let Some(rest) = of_code {
            Self::Static(class_of(rest))
        } else if let Some(rest) = text.strip_prefix("(call) ") {
            Self::Call(rest)
        } else if let Some(rest) = text.strip_prefix("(unnamed field) ") {
            Self::Field(rest)
        } else if let Some(rest) = text.strip_prefix("[] ") {
            Self::Field(rest)
        } else if text.starts_with("(thread local)") {
            Self::ThreadLocal
        } else if text.starts_with('(') {
            Self::Invocation
        } else {
            Self::Field(class_of(text))
        }
    }
}

/// A class of the root's existing objects.
#[derive(Debug)]
struct Node {
    judged: Judged,
    /// Objects reached first along recorded references, over all samples.
    objects: f64,
    /// Share of its objects reached from what travels, 0..=1.
    weight: f64,
}

/// Weights and judgements of all classes of one root.
#[derive(Debug)]
pub(crate) struct Region<'a> {
    nodes: BTreeMap<&'a str, Node>,
    /// Classes whose objects may be the holders of a declared field, by declaring class.
    holders: BTreeMap<&'a str, Vec<&'a str>>,
    /// By class: the edges by which its objects were reached, as row numbers.
    incoming: BTreeMap<&'a str, Vec<usize>>,
    rows: Rows<'a>,
    statics_own: BTreeMap<&'a str, bool>,
}

impl<'a> Region<'a> {
    pub(crate) fn of(rows: Rows<'a>, judge: &Judge<'a>) -> Self {
        let mut region = Self {
            nodes: BTreeMap::new(),
            holders: BTreeMap::new(),
            incoming: BTreeMap::new(),
            rows,
            statics_own: BTreeMap::new(),
        };
        for (at, row) in rows.objects.iter().enumerate() {
            let target = row.target.as_str();
            region.incoming.entry(target).or_default().push(at);
            let new = || Node { judged: judge.judge(target), objects: 0.0, weight: 1.0 };
            region.nodes.entry(target).or_insert_with(new).objects += row.objects as f64;
            if let Holder::Static(class) = Holder::of(&row.holder) {
                let own = || judge.has_own_statics(class) || judge.stays_home(class);
                region.statics_own.entry(class).or_insert_with(own);
            }
        }
        for &class in region.nodes.keys() {
            for up in judge.types.lineage(class) {
                region.holders.entry(up).or_default().push(class);
            }
        }
        region.settle();
        region
    }

    fn settle(&mut self) {
        for _ in 0..ROUNDS {
            let mut change: f64 = 0.0;
            let names: Vec<&'a str> = self.nodes.keys().copied().collect();
            for name in names {
                let weight = self.incoming_weight(name);
                if let Some(node) = self.nodes.get_mut(name) {
                    change = change.max((node.weight - weight).abs());
                    node.weight = weight;
                }
            }
            if change < RESTS {
                break;
            }
        }
    }

    /// Mean weight of the edges into a class, by objects reached first along each; by traversals where
    /// no object was.
    fn incoming_weight(&self, name: &str) -> f64 {
        let rows = self.incoming.get(name).into_iter().flatten();
        let edges = rows.filter_map(|&at| self.rows.objects.get(at));
        let (mut sum, mut all, mut any): (f64, f64, f64) = (0.0, 0.0, 0.0);
        for row in edges {
            let weight = self.holder_weight(&row.holder, &row.target);
            sum += weight * row.objects as f64;
            all += row.objects as f64;
            any = any.max(weight);
        }
        if all > 0.0 { sum / all } else { any }
    }

    /// Weight of what is read from a holder, 0..=1.
    pub(crate) fn holder_weight(&self, holder: &str, target: &str) -> f64 {
        match Holder::of(holder) {
            Holder::Invocation => 1.0,
            // What a soft or weak reference holds is whose the reference is.
            Holder::Call(method) => {
                let class = method.split('#').next().unwrap_or(method);
                let is_reference = class.starts_with("java.lang.ref.");
                let is_known = is_reference && self.holders.contains_key(class);
                if is_known { self.instances_weight(class) } else { 1.0 }
            }
            Holder::Static(class) => f64::from(self.statics_own.get(class) != Some(&true)),
            // What the JDK keeps for a thread is each JVM's own.
            Holder::ThreadLocal => {
                let is_own = target.starts_with("sun.") || target.starts_with("jdk.");
                f64::from(!is_own)
            }
            Holder::Field(class) => self.instances_weight(class),
        }
    }

    /// Weight of the objects that have a field declared by `class`, if they travel.
    fn instances_weight(&self, class: &str) -> f64 {
        let holders = self.holders.get(class).into_iter().flatten();
        let nodes = holders.filter_map(|name| self.nodes.get(name));
        let (mut sum, mut all, mut any): (f64, f64, f64) = (0.0, 0.0, 0.0);
        for node in nodes {
            let weight = if leads_on(node.judged.handling) { node.weight } else { 0.0 };
            sum += weight * node.objects;
            all += node.objects;
            any = any.max(weight);
        }
        if all > 0.0 { sum / all } else { any }
    }

    /// Share of the existing objects of a class that code on a worker would come to, 0..=1; 1 for
    /// classes without recorded references.
    pub(crate) fn weight(&self, class: &str) -> f64 {
        self.nodes.get(class).map_or(1.0, |node| node.weight)
    }

    /// The same of those that the invocation used: whose fields, elements or monitor it touched. Of a class like
    /// `Object` most are merely passed by, and say nothing about the ones that are locked.
    pub(crate) fn used_weight(&self, class: &str) -> f64 {
        let rows = self.incoming.get(class).into_iter().flatten();
        let edges = rows.filter_map(|&at| self.rows.objects.get(at)).filter(|row| row.used > 0);
        let (mut sum, mut all) = (0.0, 0.0);
        for row in edges {
            let used = row.used as f64;
            sum += self.holder_weight(&row.holder, &row.target) * used;
            all += used;
        }
        if all > 0.0 { sum / all } else { self.weight(class) }
    }

    /// Share of the existing objects with a field declared by `class` that a worker's code comes to.
    pub(crate) fn weight_of_declared(&self, class: &str) -> f64 {
        if self.holders.contains_key(class) { self.instances_weight(class) } else { 1.0 }
    }

    /// Share of the existing objects of a class that the application's own objects refer to, 0..=1.
    /// References out of the JDK's containers count when these are mostly the application's: a class
    /// of a list's array says little about whose list it was.
    pub(crate) fn direct_weight(&self, class: &str, is_jdk: &dyn Fn(&str) -> bool) -> f64 {
        let rows = self.incoming.get(class).into_iter().flatten();
        let edges = rows.filter_map(|&at| self.rows.objects.get(at));
        let (mut sum, mut all): (f64, f64) = (0.0, 0.0);
        for row in edges {
            let objects = row.objects as f64;
            if self.is_direct(row, is_jdk) {
                sum += self.holder_weight(&row.holder, &row.target) * objects;
            }
            all += objects;
        }
        if all > 0.0 { sum / all } else { 0.0 }
    }

    /// Share of the existing objects of a class that are held by objects which travel themselves, 0..=1:
    /// what is inside a concurrent map is part of the map's own working. 1 without recorded references.
    pub(crate) fn shipped_weight(&self, class: &str) -> f64 {
        let Some(rows) = self.incoming.get(class) else { return 1.0 };
        let edges = rows.iter().filter_map(|&at| self.rows.objects.get(at));
        let (mut sum, mut all, mut any): (f64, f64, f64) = (0.0, 0.0, 0.0);
        for row in edges {
            let weight = match Holder::of(&row.holder) {
                Holder::Field(of) if self.is_inside_map(of) => 0.0,
                Holder::Static(of) if DRAWING.contains(&of) => 0.0,
                Holder::Call(_) => 0.0,
                _ => self.holder_weight(&row.holder, &row.target),
            };
            sum += weight * row.objects as f64;
            all += row.objects as f64;
            any = any.max(weight);
        }
        if all > 0.0 { sum / all } else { any }
    }

    fn is_inside_map(&self, declaring: &str) -> bool {
        let holders = self.holders.get(declaring).into_iter().flatten();
        let mut nodes = holders.filter_map(|name| self.nodes.get(name)).peekable();
        nodes.peek().is_some() && nodes.all(|node| node.judged.handling == Handling::ReadCopy)
    }

    /// Whether an edge tells that the application refers to its target: not if it comes out of a
    /// container of the JDK that is mostly somebody else's.
    pub(crate) fn is_direct(&self, row: &ObjectEdge, is_jdk: &dyn Fn(&str) -> bool) -> bool {
        let weight = self.holder_weight(&row.holder, &row.target);
        match Holder::of(&row.holder) {
            Holder::Field(of) if is_jdk(of) => weight >= MOSTLY,
            // A soft reference, a thread-local: whoever set it.
            Holder::Call(_) => false,
            _ => weight > 0.0,
        }
    }

    /// Whether objects of the class were reached along a recorded reference.
    pub(crate) fn is_reached(&self, class: &str) -> bool {
        self.nodes.contains_key(class)
    }

    /// The judgement on a class of existing objects.
    pub(crate) fn judged(&self, class: &str) -> Option<Judged> {
        self.nodes.get(class).map(|node| node.judged)
    }

    /// All classes of existing objects with their judgement and weight.
    pub(crate) fn classes(&self) -> impl Iterator<Item = (&'a str, Judged, f64)> {
        self.nodes.iter().map(|(name, node)| (*name, node.judged, node.weight))
    }

    /// Fields by which a worker's code comes to objects of a class, outermost first, the last one being
    /// read from `class`'s holder. Follows the heaviest edge at each step.
    pub(crate) fn path_to(&self, class: &str) -> Vec<String> {
        let mut path = Vec::new();
        let mut at = class.to_owned();
        while path.len() < PATH_MAX {
            let Some(edge) = self.heaviest_edge(&at) else { break };
            if path.iter().any(|step| step == edge) {
                break;
            }
            path.push(edge.to_owned());
            let Holder::Field(declaring) = Holder::of(edge) else { break };
            let Some(holder) = self.likeliest_holder(declaring) else { break };
            at = holder.to_owned();
        }
        path.reverse();
        path
    }

    /// Fields by which a worker's code comes to an object that has a field declared by `class`.
    pub(crate) fn path_to_holder(&self, class: &str) -> Vec<String> {
        self.likeliest_holder(class).map_or_else(Vec::new, |holder| self.path_to(holder))
    }

    fn heaviest_edge(&self, class: &str) -> Option<&'a str> {
        let rows = self.incoming.get(class)?.iter().filter_map(|&at| self.rows.objects.get(at));
        let weighed = rows.map(|row| {
            let weight = self.holder_weight(&row.holder, &row.target);
            let own = Holder::of(&row.holder) == Holder::Field(class);
            (row, weight * (row.objects as f64 + 0.001 * row.traversals as f64), own)
        });
        let best = weighed.filter(|(_, weight, _)| *weight > 0.0).max_by(|a, b| {
            // An edge from elsewhere tells more than one within a chain of its own kind.
            b.2.cmp(&a.2).then(a.1.total_cmp(&b.1)).then(b.0.holder.cmp(&a.0.holder))
        });
        best.map(|(row, ..)| row.holder.as_str())
    }

    fn likeliest_holder(&self, declaring: &str) -> Option<&'a str> {
        let holders = self.holders.get(declaring)?.iter();
        let weighed = holders.filter_map(|&name| Some((name, self.nodes.get(name)?.weight)));
        weighed.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0))).map(|(name, _)| name)
    }
}

/// Longest path of fields told.
const PATH_MAX: usize = 12;

/// Whether a worker's code goes on from objects of this kind: they are there with their contents.
pub(crate) const fn leads_on(handling: Handling) -> bool {
    matches!(handling, Handling::Shipped | Handling::ReadCopy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_read() {
        assert_eq!(Holder::of("(this)"), Holder::Invocation);
        assert_eq!(Holder::of("(argument 2)"), Holder::Invocation);
        assert_eq!(Holder::of("(captured) a.B#lambda$x$0"), Holder::Static("a.B"));
        assert_eq!(Holder::of("(static) a.B#c"), Holder::Static("a.B"));
        assert_eq!(Holder::of("(call) a.B#c"), Holder::Call("a.B#c"));
        assert_eq!(Holder::of("(thread local)"), Holder::ThreadLocal);
        assert_eq!(Holder::of("[] a.B[]"), Holder::Field("a.B[]"));
        assert_eq!(Holder::of("a.B#c"), Holder::Field("a.B"));
    }
}
