//! What a class is by its lineage: stereotypes and mappings that composed annotations, superclasses and
//! interfaces bring to it and to its methods. When a class is about to be defined, those types are often
//! not loaded yet, so their class files are read as resources of its loader (`type_bytes`), each once.
//! Frameworks look at the same places when they decide what serves requests.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use beehive_classfile::{ACC_BRIDGE, ACC_STATIC, ClassView, MethodView, Mutf8, parameters};
use beehive_trace::{class_stereotype, is_set_up, method_mapping};

use crate::agent::lock;
use crate::class_row::{dotted, dotted_signature};

const ACC_PRIVATE: u16 = 0x0002;
/// Deepest composition of annotations that is followed.
const DEPTH_MAX: u32 = 8;
/// Packages without stereotypes or composed annotations.
const NEVER_READ: [&str; 3] = ["java.", "kotlin.", "lombok."];

/// Gives the class file of a type by its dotted name.
pub(crate) type ReadType<'r> = dyn FnMut(&str) -> Option<Vec<u8>> + 'r;

/// What was read of types so far, by dotted name; `None` where there was no class file.
#[derive(Debug, Default)]
pub(crate) struct Lineages {
    known: Mutex<HashMap<String, Option<Arc<TypeFacts>>>>,
}

/// What one class file says.
#[derive(Debug, Default)]
struct TypeFacts {
    annotations: Vec<String>,
    supertypes: Vec<String>,
    /// Methods that can be overridden; none if none has an annotation.
    methods: Vec<Declared>,
}

/// A method of a type with its annotations, dotted.
#[derive(Debug, Clone)]
struct Declared {
    name: String,
    descriptor: String,
    annotations: Vec<String>,
}

/// What a class has by its lineage, beside the annotations that stand on it.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    /// Known stereotypes and mappings of the class, dotted.
    pub(crate) class: Vec<String>,
    /// Supertypes whose class files could not be read.
    pub(crate) unread: u64,
    /// Known annotations of which a method's own annotations are composed.
    composed: BTreeMap<String, Vec<String>>,
    /// Methods of each supertype that declares mappings, nearest first.
    supertypes: Vec<Vec<Declared>>,
}

impl Lineages {
    /// Reads what a class has by its lineage.
    pub(crate) fn of(&self, class: &ClassView<'_>, read: &mut ReadType<'_>) -> Inherited {
        let facts = TypeFacts::new(class);
        let mut walk = Walk { lineages: self, read };
        let mut inherited = Inherited::default();
        for annotation in &facts.annotations {
            inherited.class.extend(walk.meaning(annotation));
        }
        let on_methods: BTreeSet<String> =
            class.methods().flat_map(|method| annotations(method.annotations())).collect();
        for annotation in on_methods {
            let meaning = walk.meaning(&annotation);
            if !meaning.is_empty() {
                inherited.composed.insert(annotation, meaning);
            }
        }
        walk.supertypes(&facts, &mut inherited);
        inherited.class.sort();
        inherited.class.dedup();
        inherited
    }

    fn facts(&self, name: &str, read: &mut ReadType<'_>) -> Option<Arc<TypeFacts>> {
        if let Some(known) = lock(&self.known).get(name) {
            return known.clone();
        }
        // Not under the lock: reading runs Java code, which may load classes.
        let bytes = read(name);
        let view = bytes.as_deref().and_then(|bytes| ClassView::parse(bytes).ok());
        let facts = view.map(|view| Arc::new(TypeFacts::new(&view)));
        lock(&self.known).insert(name.to_owned(), facts.clone());
        facts
    }
}

impl Inherited {
    /// Adds to a method's annotations what they are composed of and what the methods it overrides have.
    pub(crate) fn complete(&self, method: MethodView<'_, '_>, annotations: &mut Vec<String>) {
        let mut more: Vec<String> = annotations
            .iter()
            .filter_map(|own| self.composed.get(own))
            .flatten()
            .cloned()
            .collect();
        if method.access() & (ACC_STATIC | ACC_PRIVATE) == 0 && !method.is_constructor() {
            let (name, descriptor) = (method.name().to_str(), method.descriptor().to_str());
            let found = self.supertypes.iter().filter_map(|of| overridden(of, &name, &descriptor));
            more.extend(found.flat_map(|declared| declared.annotations.iter().cloned()));
        }
        annotations.append(&mut more);
        annotations.sort();
        annotations.dedup();
    }
}

/// The method that one of this name and descriptor overrides. A generic type declares another
/// descriptor: there the only method of this name with as many parameters is taken.
fn overridden<'m>(methods: &'m [Declared], name: &str, descriptor: &str) -> Option<&'m Declared> {
    let count = |descriptor: &str| parameters(Mutf8::new(descriptor.as_bytes()), 0).count();
    let mut same = methods.iter().filter(|method| method.name == name);
    let exact = same.clone().find(|method| method.descriptor == descriptor);
    exact.or_else(|| {
        let mut alike = same.by_ref().filter(|m| count(&m.descriptor) == count(descriptor));
        let found = alike.next()?;
        alike.next().is_none().then_some(found)
    })
}

impl TypeFacts {
    fn new(class: &ClassView<'_>) -> Self {
        let is_overridable = |method: &MethodView<'_, '_>| {
            method.access() & (ACC_STATIC | ACC_PRIVATE | ACC_BRIDGE) == 0
                && !method.is_constructor()
        };
        let mut methods: Vec<Declared> = class
            .methods()
            .filter(is_overridable)
            .map(|method| Declared {
                name: method.name().to_str().into_owned(),
                descriptor: method.descriptor().to_str().into_owned(),
                annotations: annotations(method.annotations()).collect(),
            })
            .collect();
        if methods.iter().all(|method| method.annotations.is_empty()) {
            methods.clear();
        }
        let supertypes = class.super_name().into_iter().chain(class.interfaces());
        Self {
            annotations: annotations(class.annotations()).collect(),
            supertypes: supertypes.map(|name| dotted(&name.to_str())).collect(),
            methods,
        }
    }
}

fn annotations<'a>(types: impl Iterator<Item = Mutf8<'a>>) -> impl Iterator<Item = String> {
    types.map(|descriptor| dotted_signature(&descriptor.to_str()))
}

/// The way up from one class.
struct Walk<'w, 'r> {
    lineages: &'w Lineages,
    read: &'w mut ReadType<'r>,
}

impl Walk<'_, '_> {
    fn facts(&mut self, name: &str) -> Option<Arc<TypeFacts>> {
        self.lineages.facts(name, self.read)
    }

    /// The known annotations that an annotation is, or is composed of.
    fn meaning(&mut self, annotation: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        self.compose(annotation, &mut BTreeSet::new(), &mut found, DEPTH_MAX);
        found.into_iter().collect()
    }

    fn compose(
        &mut self,
        annotation: &str,
        seen: &mut BTreeSet<String>,
        found: &mut BTreeSet<String>,
        depth: u32,
    ) {
        if class_stereotype(annotation).is_some() || method_mapping(annotation).is_some() {
            found.insert(annotation.to_owned());
            return;
        }
        let Some(depth) = depth.checked_sub(1) else { return };
        if is_never_read(annotation) || is_set_up(annotation) || !seen.insert(annotation.to_owned())
        {
            return;
        }
        // An annotation whose class is missing means nothing to a framework either.
        let Some(facts) = self.facts(annotation) else { return };
        for carried in &facts.annotations {
            self.compose(carried, seen, found, depth);
        }
    }

    /// Goes through superclasses and interfaces in breadth.
    fn supertypes(&mut self, class: &TypeFacts, inherited: &mut Inherited) {
        let mut next: VecDeque<String> = class.supertypes.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = next.pop_front() {
            if is_never_read(&name) || !seen.insert(name.clone()) {
                continue;
            }
            let Some(facts) = self.facts(&name) else {
                inherited.unread += 1;
                continue;
            };
            for annotation in &facts.annotations {
                inherited.class.extend(self.meaning(annotation));
            }
            let mut methods = facts.methods.clone();
            for method in &mut methods {
                let own = std::mem::take(&mut method.annotations);
                method.annotations = own.iter().flat_map(|name| self.meaning(name)).collect();
            }
            if methods.iter().any(|method| !method.annotations.is_empty()) {
                inherited.supertypes.push(methods);
            }
            next.extend(facts.supertypes.iter().cloned());
        }
    }
}

fn is_never_read(name: &str) -> bool {
    NEVER_READ.iter().any(|package| name.starts_with(package))
}
