//! The classes of the recorded application that can be shipped: which row of the trace stands for a
//! name, where its bytes are, what it leads to. Reads class files when they are first asked for, a
//! whole code source at a time. What is shipped, `reach` decides.

use std::collections::{BTreeMap, BTreeSet};

use beehive_rewriting::WORKER_NATIVE;
use beehive_trace::{Class, ClassKind, Origin, Trace};

use crate::class_facts::{ClassFacts, class_facts, declares};
use crate::class_path::{CodeSource, in_search_order};
use crate::error::PackageError;
use crate::platform::Platform;
use crate::source::Source;

/// What code names that opens connections to databases.
const CONNECTION_GIVERS: [&str; 2] = ["java.sql.DriverManager", "javax.sql.DataSource"];

/// Index of a class in an [`Application`].
pub type ClassIndex = usize;

/// Where the bytes of a class come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of the code source with this index.
    Source(usize),
    /// The trace: the class was made at run time.
    Trace(u32),
    /// Nowhere: made at run time without a record, or loaded without a code source.
    Nowhere,
}

/// A class and, once asked for, its file.
#[derive(Debug)]
pub struct AppClass {
    /// Dotted name.
    pub name: String,
    /// Row in the trace; `None` for a supertype that the trace does not list.
    pub row: Option<u32>,
    /// Where its bytes are.
    pub place: Place,
    /// Its bytes, once read.
    pub bytes: Option<Vec<u8>>,
    /// Supertypes of the application, classes mentioned, and subclasses made at run time.
    links: Option<Vec<ClassIndex>>,
    made_subclasses: Vec<ClassIndex>,
    /// Whether its file, once read, mentions what gives connections to databases.
    asks_for_connections: bool,
}

/// The shippable classes of a trace.
pub struct Application<'t> {
    trace: &'t Trace,
    /// JDK version, e.g. 17, for multi-release jars.
    pub feature: u16,
    /// Code sources in search order.
    pub sources: Vec<CodeSource>,
    /// Names that belong to the JDK.
    pub platform: Platform<'t>,
    /// Rows of classes hidden by a class of the same name earlier in the search order.
    pub shadowed: usize,
    /// `class` and missing supertype, both dotted.
    pub missing_supertypes: BTreeSet<(String, String)>,
    names: BTreeMap<String, ClassIndex>,
    classes: Vec<AppClass>,
    methods_of: BTreeMap<u32, Vec<usize>>,
    is_read: BTreeSet<usize>,
}

impl<'t> Application<'t> {
    /// Indexes the trace; opens only what tells the search order.
    pub fn of(trace: &'t Trace, feature: u16) -> Self {
        let sources = in_search_order(trace, urls(trace));
        let mut app = Self {
            trace,
            feature,
            platform: Platform::of(trace),
            shadowed: 0,
            missing_supertypes: BTreeSet::new(),
            names: BTreeMap::new(),
            classes: Vec::new(),
            methods_of: BTreeMap::new(),
            is_read: BTreeSet::new(),
            sources,
        };
        for (index, method) in trace.methods.iter().enumerate() {
            app.methods_of.entry(method.class).or_default().push(index);
        }
        app.index_classes();
        app.link_made_subclasses();
        app
    }

    fn index_classes(&mut self) {
        let trace = self.trace;
        let order: BTreeMap<&str, usize> =
            self.sources.iter().enumerate().map(|(i, s)| (s.url.as_str(), i)).collect();
        let made: BTreeSet<u32> = trace.generated.iter().map(|g| g.class).collect();
        let mut best: BTreeMap<&str, (usize, u32, Place)> = BTreeMap::new();
        let mut shadowed = 0;
        for (row, class) in (0..).zip(&trace.classes).filter(|(_, c)| is_shippable(c)) {
            let source = order.get(class.source.as_str()).copied();
            let place = match source {
                _ if made.contains(&row) => Place::Trace(row),
                Some(source) => Place::Source(source),
                None => Place::Nowhere,
            };
            let candidate = (source.unwrap_or(usize::MAX), row, place);
            let known = best.entry(&class.name).or_insert(candidate);
            if known.1 != row {
                shadowed += 1;
                if candidate.0 < known.0 {
                    *known = candidate;
                }
            }
        }
        self.shadowed = shadowed;
        for (name, (_, row, place)) in best {
            self.add(name.to_owned(), Some(row), place);
        }
    }

    fn add(&mut self, name: String, row: Option<u32>, place: Place) -> ClassIndex {
        let index = self.classes.len();
        self.names.insert(name.clone(), index);
        let made_subclasses = Vec::new();
        self.classes.push(AppClass {
            name,
            row,
            place,
            bytes: None,
            links: None,
            made_subclasses,
            asks_for_connections: false,
        });
        index
    }

    /// A class made at run time belongs to what it extends; if that is the JDK's, to what it
    /// implements.
    fn link_made_subclasses(&mut self) {
        for (row, class) in (0..).zip(&self.trace.classes) {
            let Some(&made) = self.names.get(&class.name) else { continue };
            let is_it = self.classes.get(made).is_some_and(|c| c.row == Some(row));
            if class.kind == ClassKind::Ordinary || !is_it {
                continue;
            }
            let parents = match self.names.get(&class.super_name) {
                Some(&parent) => vec![parent],
                None => self.indices(&class.interfaces),
            };
            for parent in parents {
                if let Some(parent) = self.classes.get_mut(parent) {
                    parent.made_subclasses.push(made);
                }
            }
        }
    }

    /// Index of the class called `name`, if it can be shipped.
    pub fn find(&self, name: &str) -> Option<ClassIndex> {
        self.names.get(name).copied()
    }

    /// The class at `index`.
    pub fn class(&self, index: ClassIndex) -> Option<&AppClass> {
        self.classes.get(index)
    }

    /// Gives a class the bytes that are shipped.
    pub fn set_bytes(&mut self, index: ClassIndex, bytes: Vec<u8>) {
        if let Some(class) = self.classes.get_mut(index) {
            class.bytes = Some(bytes);
        }
    }

    /// Leaves a class at home.
    pub fn leave_out(&mut self, index: ClassIndex) {
        if let Some(class) = self.classes.get_mut(index) {
            class.place = Place::Nowhere;
        }
    }

    fn indices<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Vec<ClassIndex> {
        names.into_iter().filter_map(|name| self.names.get(name).copied()).collect()
    }

    /// Indices for a row of the trace: itself, or the interfaces of a JDK proxy, which a worker
    /// makes anew.
    pub fn of_row(&self, row: u32) -> Vec<ClassIndex> {
        let Some(class) = self.trace.classes.get(row as usize) else { return Vec::new() };
        if class.kind == ClassKind::JdkProxy {
            return self.indices(&class.interfaces);
        }
        self.indices([&class.name])
    }

    /// Classes that `index` leads to. Reads its class file and, the first time, its code source.
    ///
    /// # Errors
    /// The class file is missing, unreadable or not the recorded one.
    pub fn links(&mut self, index: ClassIndex) -> Result<&[ClassIndex], PackageError> {
        if self.classes.get(index).is_some_and(|class| class.links.is_none()) {
            let links = self.find_links(index)?;
            if let Some(class) = self.classes.get_mut(index) {
                class.links = Some(links);
            }
        }
        Ok(self.classes.get(index).and_then(|class| class.links.as_deref()).unwrap_or_default())
    }

    fn find_links(&mut self, index: ClassIndex) -> Result<Vec<ClassIndex>, PackageError> {
        let Some(class) = self.classes.get(index) else { return Ok(Vec::new()) };
        let mut links = class.made_subclasses.clone();
        match class.place {
            Place::Nowhere => return Ok(links),
            Place::Source(source) => self.read_source(source, &class.name.clone())?,
            Place::Trace(row) => self.take_made_bytes(index, row),
        }
        if self.is_made_without_bytes(index) {
            return Ok(links);
        }
        let facts = self.checked_facts(index)?;
        if let Some(class) = self.classes.get_mut(index) {
            class.asks_for_connections =
                CONNECTION_GIVERS.iter().any(|giver| facts.references.iter().any(|r| r == giver));
        }
        for supertype in &facts.supertypes {
            if let Some(found) = self.supertype(&facts.name, supertype)? {
                links.push(found);
            }
        }
        links.extend(self.indices(&facts.references));
        links.sort_unstable();
        links.dedup();
        Ok(links)
    }

    /// Whether the file of a class whose links are known mentions what gives connections to databases.
    pub fn asks_for_connections(&self, index: ClassIndex) -> bool {
        self.classes.get(index).is_some_and(|class| class.asks_for_connections)
    }

    /// The recorded classes that workers have for themselves: drivers of databases.
    pub fn drivers(&self) -> impl Iterator<Item = ClassIndex> {
        let is_driver = |name: &str| WORKER_NATIVE.iter().any(|prefix| name.starts_with(prefix));
        let classes = self.classes.iter().enumerate();
        classes
            .filter(move |(_, class)| {
                matches!(class.place, Place::Source(_)) && is_driver(&class.name)
            })
            .map(|(index, _)| index)
    }

    /// A class made at run time may claim the code source of its superclass without being in it.
    fn is_made_without_bytes(&mut self, index: ClassIndex) -> bool {
        let Some(class) = self.classes.get(index) else { return true };
        let recorded = class.row.and_then(|row| self.trace.classes.get(row as usize));
        let is_made = recorded.is_some_and(|recorded| recorded.kind != ClassKind::Ordinary);
        let of_library = recorded.is_some_and(|recorded| recorded.origin == Origin::Framework);
        let has_none = class.bytes.is_none()
            && (is_made
                || self.is_made_beside(class)
                || of_library && self.is_made_by_library(class));
        if has_none && let Some(class) = self.classes.get_mut(index) {
            class.place = Place::Nowhere;
        }
        has_none
    }

    /// Whether a class that is nowhere is named as one nested in a class that is there, or after it (Spring Data's
    /// `Order_Accessor_x1`): generators whose names are not known here name what they make so.
    fn is_made_beside(&self, class: &AppClass) -> bool {
        let mut outer =
            class.name.match_indices(['$', '_']).filter_map(|(at, _)| class.name.get(..at));
        outer.any(|outer| {
            let mut same = self.classes.iter().filter(|other| other.name == outer);
            same.any(|other| other.place == class.place && other.bytes.is_some())
        })
    }

    /// Whether most of what was recorded of a library is in its jar: generators give what they make their own code
    /// source (Fastjson's `OWG_1_3_Order`). What lacks in the application itself tells of another build.
    fn is_made_by_library(&self, class: &AppClass) -> bool {
        let same = || self.classes.iter().filter(|other| other.place == class.place);
        let missing = same().filter(|other| other.bytes.is_none()).count();
        same().count() > 2 * missing
    }

    fn take_made_bytes(&mut self, index: ClassIndex, row: u32) {
        let made = self.trace.generated.iter().find(|made| made.class == row);
        if let (Some(class), Some(made)) = (self.classes.get_mut(index), made) {
            class.bytes = Some(made.bytes.clone());
        }
    }

    /// Reads all recorded classes of a code source, so that it is opened once.
    fn read_source(&mut self, index: usize, wanted: &str) -> Result<(), PackageError> {
        if !self.is_read.insert(index) {
            return Ok(());
        }
        let mut source = self.open(index, wanted)?;
        for class in self.classes.iter_mut().filter(|c| c.place == Place::Source(index)) {
            let path = format!("{}.class", class.name.replace('.', "/"));
            class.bytes =
                source.read(&path).map_err(|e| unreadable(&self.sources, index, wanted, e))?;
        }
        Ok(())
    }

    /// Opens a code source; `wanted` is the class it is opened for.
    ///
    /// # Errors
    /// [`PackageError::BadSource`] or [`PackageError::SourceUnreadable`].
    pub fn open(&self, index: usize, wanted: &str) -> Result<Source, PackageError> {
        let Some(CodeSource { url, location }) = self.sources.get(index) else {
            return Err(PackageError::BadSource {
                class: wanted.to_owned(),
                source_url: String::new(),
                reason: "it is not recorded".to_owned(),
            });
        };
        match location {
            Ok(location) => Source::open(location, self.feature)
                .map_err(|e| unreadable(&self.sources, index, wanted, e)),
            Err(reason) => Err(PackageError::BadSource {
                class: wanted.to_owned(),
                source_url: url.clone(),
                reason: reason.clone(),
            }),
        }
    }

    /// Facts of a class file that agrees with the trace.
    fn checked_facts(&self, index: ClassIndex) -> Result<ClassFacts, PackageError> {
        let Some(class) = self.classes.get(index) else { return Ok(ClassFacts::default()) };
        let (name, place) = (class.name.clone(), self.place_of(class));
        let Some(bytes) = &class.bytes else {
            return Err(PackageError::ClassMissing { class: name, place });
        };
        let facts = match class_facts(bytes) {
            Ok(facts) => facts,
            Err(reason) => return Err(PackageError::BadClassFile { class: name, place, reason }),
        };
        match self.difference(class, bytes, &facts) {
            Some(difference) => Err(PackageError::ClassChanged { class: name, place, difference }),
            None => Ok(facts),
        }
    }

    /// How a class file differs from what was recorded; the trace holds no hashes, but names tell.
    fn difference(&self, class: &AppClass, bytes: &[u8], facts: &ClassFacts) -> Option<String> {
        if facts.name != class.name {
            return Some(format!("it calls itself {}", facts.name));
        }
        let row = class.row?;
        let recorded = self.trace.classes.get(row as usize)?;
        let extends = facts.supertypes.first().filter(|_| facts.has_super);
        if !recorded.super_name.is_empty() && extends != Some(&recorded.super_name) {
            let extends = extends.map_or("nothing", String::as_str);
            return Some(format!("it extends {extends} and not {}", recorded.super_name));
        }
        let methods = self.methods_of.get(&row)?.iter();
        let mut methods = methods.filter_map(|&index| self.trace.methods.get(index));
        let gone = methods.find(|m| !declares(bytes, &m.name, &m.descriptor))?;
        Some(format!("it has no method {}{}", gone.name, gone.descriptor))
    }

    fn place_of(&self, class: &AppClass) -> String {
        match class.place {
            Place::Source(index) => self.source_label(index),
            Place::Trace(_) => "the trace".to_owned(),
            Place::Nowhere => "no code source".to_owned(),
        }
    }

    fn source_label(&self, index: usize) -> String {
        let source = self.sources.get(index);
        source.and_then(|s| s.location.as_ref().ok()).map(ToString::to_string).unwrap_or_default()
    }

    /// A supertype is always shipped, also when the trace has lost it; the code sources are then
    /// searched in order.
    fn supertype(&mut self, of: &str, name: &str) -> Result<Option<ClassIndex>, PackageError> {
        if let Some(known) = self.find(name) {
            return Ok(Some(known));
        }
        if self.platform.has(name) {
            return Ok(None);
        }
        let path = format!("{}.class", name.replace('.', "/"));
        for index in 0..self.sources.len() {
            let Ok(mut source) = self.open(index, name) else { continue };
            let read = source.read(&path);
            if let Some(bytes) = read.map_err(|e| unreadable(&self.sources, index, name, e))? {
                let added = self.add(name.to_owned(), None, Place::Source(index));
                if let Some(class) = self.classes.get_mut(added) {
                    class.bytes = Some(bytes);
                }
                return Ok(Some(added));
            }
        }
        self.missing_supertypes.insert((of.to_owned(), name.to_owned()));
        Ok(None)
    }
}

fn unreadable(
    sources: &[CodeSource],
    index: usize,
    class: &str,
    source: std::io::Error,
) -> PackageError {
    let location = sources.get(index).and_then(|s| s.location.as_ref().ok());
    let path = location.map(|l| l.to_string().into()).unwrap_or_default();
    PackageError::SourceUnreadable { class: class.to_owned(), path, source }
}

/// JDK classes are on the worker already; JDK proxies are made there from their interfaces.
fn is_shippable(class: &Class) -> bool {
    class.origin != Origin::Jdk && class.kind != ClassKind::JdkProxy
}

fn urls(trace: &Trace) -> BTreeSet<&str> {
    let classes = trace.classes.iter().filter(|class| is_shippable(class));
    classes.map(|class| class.source.as_str()).filter(|url| !url.is_empty()).collect()
}
