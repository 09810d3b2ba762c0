//! The shipped classes as workers need them: rewritten, with what their hierarchies say. Reads of the
//! class path what the shipped classes mention and what those extend; the rules are those of
//! `beehive-rewriting`. A class that cannot be rewritten whole stays at home, where it is right.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use beehive_classfile::ClassView;
use beehive_rewriting::{ClassIndex as Hierarchies, WorkerRewriter};

use crate::application::{Application, ClassIndex, Place};
use crate::error::PackageError;
use crate::reach::Reach;
use crate::source::Source;

/// Replaces the bytes of the reached classes by what workers load. Gives, for each class that stays
/// at home instead, its methods that could not be rewritten and why.
///
/// # Errors
/// A class file that cannot be read.
pub fn rewrite_classes(
    app: &mut Application<'_>,
    reaches: &[Reach],
    native_prefixes: &[String],
) -> Result<BTreeMap<String, Vec<String>>, PackageError> {
    let reached: BTreeSet<ClassIndex> =
        reaches.iter().flat_map(|reach| reach.classes.iter().copied()).collect();
    let prefixes = native_prefixes.iter().map(|prefix| prefix.replace('.', "/")).collect();
    let hierarchies = Reading::of(app, Hierarchies::new(true, prefixes)).read(&reached)?;
    let mut rewriter = WorkerRewriter::new().map_err(unexpected)?;
    let mut refused = BTreeMap::new();
    for index in reached {
        let Some(class) = app.class(index) else { continue };
        let Some(bytes) = class.bytes.as_deref().filter(|_| class.place != Place::Nowhere) else {
            continue;
        };
        let new = rewriter.rewrite(bytes, &hierarchies).map_err(unexpected)?;
        if !new.left_alone.is_empty() {
            let methods = new.left_alone.iter();
            let methods = methods.map(|(method, why)| format!("{method}: {}", why.name()));
            refused.insert(class.name.clone(), methods.collect());
            app.leave_out(index);
        } else if let Some(new) = new.bytes {
            app.set_bytes(index, new);
        }
    }
    Ok(refused)
}

fn unexpected(error: beehive_classfile::ClassFileError) -> PackageError {
    PackageError::Rewriting { source: error }
}

/// Fills the index of hierarchies.
struct Reading<'a, 't> {
    app: &'a Application<'t>,
    hierarchies: Hierarchies,
    opened: Vec<Option<Source>>,
    /// The first code source that has a class file, by path.
    places: HashMap<String, usize>,
}

impl<'a, 't> Reading<'a, 't> {
    fn of(app: &'a Application<'t>, hierarchies: Hierarchies) -> Self {
        let mut opened = Vec::new();
        let mut places = HashMap::new();
        for index in 0..app.sources.len() {
            // One that cannot be read holds nothing that is shipped: that was an error before.
            let source = app.open(index, "").ok();
            for (path, _) in source.iter().flat_map(Source::files) {
                let is_class = path.rsplit_once('.').is_some_and(|(_, end)| end == "class");
                if is_class && !places.contains_key(path) {
                    places.insert(path.to_owned(), index);
                }
            }
            opened.push(source);
        }
        Self { app, hierarchies, opened, places }
    }

    fn read(mut self, shipped: &BTreeSet<ClassIndex>) -> Result<Hierarchies, PackageError> {
        let mut mentioned = BTreeSet::new();
        for class in shipped.iter().filter_map(|&index| self.app.class(index)) {
            let Some(bytes) = &class.bytes else { continue };
            let view = ClassView::parse(bytes).map_err(unexpected)?;
            self.hierarchies.add(&view);
            mentioned.extend(view.referenced_classes().map(|name| name.to_string()));
        }
        let mut pending: Vec<String> = mentioned.into_iter().collect();
        while let Some(name) = pending.pop() {
            if self.hierarchies.has(name.as_bytes()) {
                continue;
            }
            let Some(bytes) = self.bytes_of(&name)? else { continue };
            let Ok(view) = ClassView::parse(&bytes) else { continue };
            self.hierarchies.add(&view);
            pending.extend(view.super_name().map(|name| name.to_string()));
            pending.extend(view.interfaces().map(|name| name.to_string()));
        }
        Ok(self.hierarchies)
    }

    /// Bytes of an application class by its internal name.
    fn bytes_of(&mut self, name: &str) -> Result<Option<Vec<u8>>, PackageError> {
        let recorded = self.app.find(&name.replace('/', ".")).and_then(|i| self.app.class(i));
        if let Some(bytes) = recorded.and_then(|class| class.bytes.clone()) {
            return Ok(Some(bytes));
        }
        let path = format!("{name}.class");
        let Some(&place) = self.places.get(&path) else { return Ok(None) };
        let Some(Some(source)) = self.opened.get_mut(place) else { return Ok(None) };
        source.read(&path).map_err(|source| PackageError::SourceUnreadable {
            class: name.replace('/', "."),
            path: path.into(),
            source,
        })
    }
}
