//! The classes and methods known so far, with their ids (row numbers). Rows are only appended; what
//! was sent stays here too, because a class that is transformed again must keep its ids.

use beehive_classfile::{ACC_BRIDGE, ACC_SYNTHETIC};
use beehive_trace::{Class, Method, RootKind};
use std::collections::{HashMap, HashSet};

use crate::deep::LightMethod;
use crate::muting::MethodTraits;

/// Rows of the trace and where to find them.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    classes: Vec<Class>,
    methods: Vec<Method>,
    /// Class ids by dotted name; several if loaders define classes of one name.
    by_name: HashMap<String, Vec<u32>>,
    /// Method ids of a class that got probes.
    by_class: HashMap<u32, Vec<u32>>,
    /// Methods whose every invocation is timed.
    root_kinds: HashMap<u32, RootKind>,
    /// Methods with an entry probe only.
    leaves: HashSet<u32>,
    /// Methods that lost their probes; see `muting`.
    muted: HashSet<u32>,
    sent_classes: usize,
    sent_methods: usize,
}

/// Rows that were added since the last call, with the id of the first.
#[derive(Debug)]
pub(crate) struct NewRows {
    pub(crate) first_class: u32,
    pub(crate) classes: Vec<Class>,
    pub(crate) first_method: u32,
    pub(crate) methods: Vec<Method>,
}

impl Registry {
    /// Id of the class, which is added if it is new.
    pub(crate) fn class(&mut self, row: Class) -> u32 {
        if let Some(id) = self.find_class(&row.name, &row.source) {
            return id;
        }
        let id = self.classes.len() as u32;
        self.by_name.entry(row.name.clone()).or_default().push(id);
        self.classes.push(row);
        id
    }

    fn find_class(&self, name: &str, source: &str) -> Option<u32> {
        let ids = self.by_name.get(name)?;
        let same_source =
            |id: &&u32| self.classes.get(**id as usize).is_some_and(|class| class.source == source);
        ids.iter().find(same_source).copied()
    }

    /// Id of the class of this dotted name that was added last.
    pub(crate) fn last_class(&self, name: &str) -> Option<u32> {
        self.by_name.get(name)?.last().copied()
    }

    /// Id of the method, which is added if it is new; `kind` if every invocation is timed.
    pub(crate) fn method(&mut self, row: Method, kind: Option<RootKind>) -> u32 {
        let known = self.method_of(row.class, &row.name, &row.descriptor);
        let id = known.unwrap_or(self.methods.len() as u32);
        if let Some(kind) = kind {
            self.root_kinds.insert(id, kind);
        }
        if known.is_none() {
            self.by_class.entry(row.class).or_default().push(id);
            self.methods.push(row);
        }
        id
    }

    fn method_of(&self, class: u32, name: &str, descriptor: &str) -> Option<u32> {
        let same = |id: &&u32| {
            let method = self.methods.get(**id as usize);
            method.is_some_and(|m| m.name == name && m.descriptor == descriptor)
        };
        self.by_class.get(&class)?.iter().find(same).copied()
    }

    /// Id of a method with probes, by the dotted name of its class.
    pub(crate) fn find_method(&self, class: &str, name: &str, descriptor: &str) -> Option<u32> {
        let mut ids = self.by_name.get(class)?.iter().rev();
        ids.find_map(|class| self.method_of(*class, name, descriptor))
    }

    /// The method has an entry probe only.
    pub(crate) fn set_leaf(&mut self, method: u32) {
        self.leaves.insert(method);
    }

    /// The methods get no probes any more when their classes are transformed again; gives the dotted
    /// names of these classes.
    pub(crate) fn mute(&mut self, methods: &[u32]) -> HashSet<String> {
        self.muted.extend(methods);
        methods.iter().filter_map(|method| self.class_of(*method)).map(str::to_owned).collect()
    }

    /// Whether the method lost its probes.
    pub(crate) fn is_muted(&self, method: u32) -> bool {
        self.muted.contains(&method)
    }

    /// The methods get clocks when their classes are transformed again; gives the dotted names of
    /// these classes.
    pub(crate) fn time(&mut self, methods: &[u32]) -> HashSet<String> {
        for &method in methods {
            self.root_kinds.entry(method).or_insert(RootKind::Coarse);
        }
        methods.iter().filter_map(|method| self.class_of(*method)).map(str::to_owned).collect()
    }

    /// Why every invocation of the method is timed, if it is.
    pub(crate) fn timed(&self, method: u32) -> Option<RootKind> {
        self.root_kinds.get(&method).copied()
    }

    fn class_of(&self, method: u32) -> Option<&str> {
        let class = self.methods.get(method as usize)?.class;
        Some(&self.classes.get(class as usize)?.name)
    }

    /// `class#name(descriptor)` of a method.
    pub(crate) fn label(&self, method: u32) -> String {
        let class = self.class_of(method).unwrap_or("?");
        self.methods.get(method as usize).map_or_else(
            || class.to_owned(),
            |method| format!("{class}#{}{}", method.name, method.descriptor),
        )
    }

    /// Why the method has a clock.
    pub(crate) fn root_kind(&self, method: u32) -> RootKind {
        self.timed(method).unwrap_or_default()
    }

    /// Methods with probes of the class of this dotted name that was added last.
    pub(crate) fn light_methods(&self, name: &str) -> Vec<LightMethod> {
        let ids = self.last_class(name).and_then(|class| self.by_class.get(&class));
        let ids = ids.map_or(&[][..], Vec::as_slice).iter();
        ids.filter_map(|id| {
            let method = self.methods.get(*id as usize)?;
            Some(LightMethod {
                row: *id,
                name: method.name.clone(),
                descriptor: method.descriptor.clone(),
                is_candidate: self.root_kinds.contains_key(id),
            })
        })
        .collect()
    }

    /// Whether a class of this dotted name got probes.
    pub(crate) fn has_probes(&self, name: &str) -> bool {
        let ids = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        ids.iter().any(|id| self.by_class.contains_key(id))
    }

    /// Rows to be sent; they count as sent from now on.
    pub(crate) fn take_new(&mut self) -> NewRows {
        let (first_class, first_method) = (self.sent_classes, self.sent_methods);
        self.sent_classes = self.classes.len();
        self.sent_methods = self.methods.len();
        NewRows {
            first_class: first_class as u32,
            classes: self.classes.get(first_class..).unwrap_or_default().to_vec(),
            first_method: first_method as u32,
            methods: self.methods.get(first_method..).unwrap_or_default().to_vec(),
        }
    }
}

impl MethodTraits for Registry {
    fn is_leaf(&self, method: u32) -> bool {
        self.leaves.contains(&method)
    }

    fn is_root(&self, method: u32) -> bool {
        self.root_kinds.contains_key(&method)
    }

    fn may_be_root(&self, method: u32) -> bool {
        let Some(row) = self.methods.get(method as usize) else { return false };
        let is_made = row.access & (ACC_BRIDGE | ACC_SYNTHETIC) != 0;
        !row.name.starts_with('<') && (!is_made || row.name.starts_with("lambda$"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str, source: &str) -> Class {
        Class { name: name.into(), source: source.into(), ..Class::default() }
    }

    #[test]
    fn a_class_seen_again_keeps_its_ids() {
        let mut registry = Registry::default();
        let a = registry.class(class("A", "x.jar"));
        let b = registry.class(class("A", "y.jar"));
        assert_ne!(a, b);
        assert_eq!(registry.class(class("A", "x.jar")), a);
        assert_eq!(registry.last_class("A"), Some(b));
        let method = |class| Method { class, name: "m".into(), ..Method::default() };
        let m = registry.method(method(a), Some(RootKind::Annotated));
        assert_eq!(registry.method(method(a), None), m);
        assert_ne!(registry.method(method(b), None), m);
        assert_eq!(registry.root_kind(m), RootKind::Annotated);
        assert_eq!(registry.take_new().classes.len(), 2);
        let rows = registry.take_new();
        assert_eq!((rows.first_class, rows.classes.len(), rows.methods.len()), (2, 0, 0));
    }
}
