//! Superclasses and interfaces of the recorded classes, methods found by name, and annotations as a
//! framework sees them: inherited from superclasses and interfaces. Reads the trace's tables only.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use beehive_trace::{Class, Method, Origin, SplitRule, Trace};

use crate::proxy::is_proxy_class;

/// Views over the class and method tables.
#[derive(Debug)]
pub(crate) struct Hierarchy<'a> {
    trace: &'a Trace,
    by_name: BTreeMap<&'a str, Vec<u32>>,
    is_user: Vec<bool>,
    is_proxy: Vec<bool>,
    /// Superclasses and interfaces by class, nearest first.
    supertypes: Vec<Vec<u32>>,
}

impl<'a> Hierarchy<'a> {
    /// Views over `trace`, whose classes `rule` splits; without a rule their recorded origin counts.
    pub(crate) fn new(trace: &'a Trace, rule: Option<&SplitRule>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (id, class) in (0u32..).zip(&trace.classes) {
            by_name.entry(class.name.as_str()).or_default().push(id);
        }
        let origin = |c: &Class| rule.map_or(c.origin, |rule| rule.origin(&c.name, &c.source));
        let is_user = trace.classes.iter().map(|c| origin(c) == Origin::User).collect();
        let is_proxy = trace.classes.iter().map(is_proxy_class).collect();
        let ids = 0..trace.classes.len() as u32;
        let supertypes = ids.map(|class| supertypes(trace, &by_name, class)).collect();
        Self { trace, by_name, is_user, is_proxy, supertypes }
    }

    /// The trace looked at.
    pub(crate) fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// Class of a method.
    pub(crate) fn class_of(&self, method: u32) -> Option<&'a Class> {
        let method = self.trace.methods.get(method as usize)?;
        self.trace.classes.get(method.class as usize)
    }

    /// Whether the method is the user's by the split rule and no proxy's.
    pub(crate) fn is_user_method(&self, method: u32) -> bool {
        let Some(method) = self.trace.methods.get(method as usize) else { return false };
        let class = method.class as usize;
        self.is_user.get(class) == Some(&true) && self.is_proxy.get(class) == Some(&false)
    }

    /// Whether the method belongs to a proxy made by a framework.
    pub(crate) fn is_proxy_method(&self, method: u32) -> bool {
        let class = self.trace.methods.get(method as usize).map(|m| m.class as usize);
        class.is_some_and(|class| self.is_proxy.get(class) == Some(&true))
    }

    /// Ids of all superclasses and interfaces of `class` the trace knows, nearest first, itself not
    /// among them.
    pub(crate) fn supertypes(&self, class: u32) -> &[u32] {
        self.supertypes.get(class as usize).map_or(&[], Vec::as_slice)
    }

    /// Id of the method of exactly this class, name and descriptor.
    pub(crate) fn method(&self, class: u32, name: &str, descriptor: &str) -> Option<u32> {
        let key = (class, name, descriptor);
        let rows = &self.trace.methods;
        let found =
            rows.binary_search_by(|m| (m.class, m.name.as_str(), m.descriptor.as_str()).cmp(&key));
        found.ok().map(|row| row as u32)
    }

    /// Methods that `method` overrides or implements in the supertypes the trace knows, nearest first.
    /// A generic supertype declares another descriptor: there one method of the same name and number
    /// of parameters is taken if it is the only one.
    pub(crate) fn overridden(&self, method: u32) -> Vec<u32> {
        let Some(row) = self.trace.methods.get(method as usize) else { return Vec::new() };
        let found = self.supertypes(row.class).iter();
        found.filter_map(|&class| self.counterpart(class, &row.name, &row.descriptor)).collect()
    }

    /// The method of `class` that a method of this name and descriptor overrides.
    pub(crate) fn counterpart(&self, class: u32, name: &str, descriptor: &str) -> Option<u32> {
        self.method(class, name, descriptor).or_else(|| {
            let parameters = crate::descriptor::parameters(descriptor).count();
            let mut same = self.named(class, name).filter(|(_, m)| {
                m.access & BRIDGE == 0
                    && crate::descriptor::parameters(&m.descriptor).count() == parameters
            });
            let (id, _) = same.next()?;
            same.next().is_none().then_some(id)
        })
    }

    fn named(&self, class: u32, name: &str) -> impl Iterator<Item = (u32, &'a Method)> {
        let key = (class, name);
        let from = self.trace.methods.partition_point(|m| (m.class, m.name.as_str()) < key);
        let rest = self.trace.methods.get(from..).unwrap_or_default();
        let same = rest.partition_point(|m| (m.class, m.name.as_str()) <= key);
        (from as u32..).zip(rest.get(..same).unwrap_or_default())
    }

    /// Annotations of a method and of those it overrides, own first.
    pub(crate) fn method_annotations(&self, method: u32) -> impl Iterator<Item = &'a str> {
        let own = std::iter::once(method).chain(self.overridden(method));
        let rows = own.filter_map(|id| self.trace.methods.get(id as usize));
        rows.flat_map(|row| row.annotations.iter().map(String::as_str))
    }

    /// Annotations of a class and of its supertypes, own first.
    pub(crate) fn class_annotations(&self, class: u32) -> impl Iterator<Item = &'a str> {
        let own = std::iter::once(class).chain(self.supertypes(class).iter().copied());
        let rows = own.filter_map(|id| self.trace.classes.get(id as usize));
        rows.flat_map(|row| row.annotations.iter().map(String::as_str))
    }

    /// Names that stand for several classes, with the number of their code sources, if more than one.
    pub(crate) fn names_of_several_sources(&self) -> impl Iterator<Item = (&'a str, usize)> {
        self.by_name.iter().filter_map(|(name, ids)| {
            let classes = ids.iter().filter_map(|&id| self.trace.classes.get(id as usize));
            let sources: BTreeSet<&str> = classes.map(|c| c.source.as_str()).collect();
            (sources.len() > 1).then_some((*name, sources.len()))
        })
    }
}

/// Walks up from `class` in breadth; a class that names itself above itself is walked once.
fn supertypes(trace: &Trace, by_name: &BTreeMap<&str, Vec<u32>>, class: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut next = VecDeque::from([class]);
    while let Some(at) = next.pop_front() {
        let Some(row) = trace.classes.get(at as usize) else { continue };
        let names = std::iter::once(&row.super_name).chain(&row.interfaces);
        for &id in names.filter_map(|name| by_name.get(name.as_str())).flatten() {
            if id != class && !found.contains(&id) {
                found.push(id);
                next.push_back(id);
            }
        }
    }
    found
}

/// `ACC_BRIDGE` of a method.
pub(crate) const BRIDGE: u16 = 0x0040;
