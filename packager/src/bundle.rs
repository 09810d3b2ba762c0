//! Makes a bundle in memory: one jar for each code source that something is shipped from, in class
//! path order, classes made at run time last, and the manifest. Nothing is written here; `--dry-run`
//! shows exactly these bytes' sizes and hashes.

use std::collections::{BTreeMap, BTreeSet};

use beehive_plan::Plan;
use beehive_trace::Trace;

use crate::application::{AppClass, Application, ClassIndex, Place};
use crate::archive::{Packing, build_archive};
use crate::error::PackageError;
use crate::jar_manifest::for_bundle;
use crate::listing::{LeftOut, ListedFile, ListedJar, ListedRoot, Listing};
use crate::manifest::{BUNDLE_VERSION, JarEntry, MANIFEST_NAME, Manifest, Target, sha256_hex};
use crate::reach::{Reach, reach_of_roots};
use crate::resources::{Resources, choose_resources};
use crate::rewritten::rewrite_classes;

/// A bundle in memory.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Files by path in the bundle, the manifest among them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is in it and what was left out, for people and programs.
    pub listing: Listing,
}

/// Makes the bundle of a plan's roots for `target`.
///
/// # Errors
/// No roots, a trace without or with several JDK builds, or anything wrong with a class that is
/// needed.
pub fn make_bundle(plan: &Plan, trace: &Trace, target: Target) -> Result<Bundle, PackageError> {
    let roots: BTreeSet<&str> = plan.offloaded().map(|root| root.method.as_str()).collect();
    if roots.is_empty() {
        return Err(PackageError::NoRoots);
    }
    let roots: Vec<&str> = roots.into_iter().collect();
    let jdk_build = jdk_build(trace)?;
    let mut app = Application::of(trace, feature(&jdk_build)?);
    let reaches = reach_of_roots(&mut app, trace, &roots)?;
    let worker_native = worker_native();
    let not_rewritable = rewrite_classes(&mut app, &reaches, &worker_native)?;
    let jars = fill_jars(&app, &reaches)?;
    let manifest = Manifest {
        bundle_version: BUNDLE_VERSION,
        target,
        jdk_build,
        roots: roots.into_iter().map(str::to_owned).collect(),
        worker_native,
        jars: jars.iter().map(Jar::entry).collect(),
    };
    let mut listing = list(&app, &reaches, &jars, &manifest, not_rewritable);
    let mut files: BTreeMap<String, Vec<u8>> =
        jars.into_iter().map(|jar| (jar.path, jar.archive)).collect();
    files.insert(MANIFEST_NAME.to_owned(), manifest.to_text()?.into_bytes());
    listing.bytes = files.values().map(|bytes| bytes.len() as u64).sum();
    Ok(Bundle { files, listing })
}

/// Classes that workers keep as they are: drivers.
fn worker_native() -> Vec<String> {
    beehive_rewriting::WORKER_NATIVE.iter().map(|&prefix| prefix.to_owned()).collect()
}

/// The one JDK build of the trace's runs.
fn jdk_build(trace: &Trace) -> Result<String, PackageError> {
    let builds: BTreeSet<&str> =
        trace.runs.iter().map(|run| run.jdk_build.as_str()).filter(|b| !b.is_empty()).collect();
    let mut builds: Vec<String> = builds.into_iter().map(str::to_owned).collect();
    match builds.len() {
        0 => Err(PackageError::NoJdkBuild),
        1 => builds.pop().ok_or(PackageError::NoJdkBuild),
        _ => Err(PackageError::MixedJdkBuilds { builds }),
    }
}

/// Feature version of a build: 17 of `17.0.15+6`.
fn feature(build: &str) -> Result<u16, PackageError> {
    let digits = build.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    digits.parse().map_err(|_| PackageError::NoJdkBuild)
}

/// A finished jar.
struct Jar {
    path: String,
    source: String,
    sha256: String,
    archive: Vec<u8>,
    classes: Vec<ListedFile>,
    resources: Resources,
}

impl Jar {
    fn entry(&self) -> JarEntry {
        JarEntry {
            path: self.path.clone(),
            source: self.source.clone(),
            sha256: self.sha256.clone(),
            bytes: self.archive.len() as u64,
            classes: self.classes.len() as u64,
            resources: self.resources.shipped.len() as u64,
        }
    }
}

fn fill_jars(app: &Application<'_>, reaches: &[Reach]) -> Result<Vec<Jar>, PackageError> {
    let reached: BTreeSet<ClassIndex> =
        reaches.iter().flat_map(|reach| reach.classes.iter().copied()).collect();
    let mut by_source: BTreeMap<usize, BTreeMap<String, &AppClass>> = BTreeMap::new();
    for class in reached.iter().filter_map(|&index| app.class(index)) {
        let source = match class.place {
            Place::Source(source) => source,
            Place::Trace(_) => usize::MAX,
            Place::Nowhere => continue,
        };
        let path = format!("{}.class", class.name.replace('.', "/"));
        by_source.entry(source).or_default().insert(path, class);
    }
    let width = by_source.len().saturating_sub(1).to_string().len().max(2);
    let numbered = by_source.into_iter().enumerate();
    numbered
        .map(|(number, (source, classes))| fill_jar(app, source, number, width, &classes))
        .collect()
}

fn fill_jar(
    app: &Application<'_>,
    source: usize,
    number: usize,
    width: usize,
    classes: &BTreeMap<String, &AppClass>,
) -> Result<Jar, PackageError> {
    let recorded = app.sources.get(source);
    let location = recorded.and_then(|s| s.location.as_ref().ok());
    let stem = match location {
        Some(location) if location.is_classes_folder() => "app-classes".to_owned(),
        Some(location) => file_stem(location.short_name()),
        None => "generated".to_owned(),
    };
    let path = format!("lib/{number:0width$}-{stem}.jar");
    let (resources, manifest) = match (location, classes.values().next()) {
        (Some(_), Some(first)) => {
            let mut opened = app.open(source, &first.name)?;
            let resources = choose_resources(&mut opened, classes).map_err(|e| {
                let file = location.map(|l| l.to_string().into()).unwrap_or_default();
                PackageError::SourceUnreadable { class: first.name.clone(), path: file, source: e }
            })?;
            (resources, for_bundle(opened.manifest.as_deref()))
        }
        _ => (Resources::default(), for_bundle(None)),
    };
    let mut entries: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for (path, class) in classes {
        entries.insert(path, class.bytes.as_deref().unwrap_or_default());
    }
    entries.extend(resources.shipped.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
    let first = ("META-INF/MANIFEST.MF", manifest.as_slice());
    let archive = build_archive(&path, std::iter::once(first).chain(entries), Packing::Stored)?;
    let listed = classes.values().map(|class| ListedFile::class(class)).collect();
    let source = recorded.map(|s| s.url.clone()).unwrap_or_default();
    Ok(Jar { path, source, sha256: sha256_hex(&archive), archive, classes: listed, resources })
}

/// A jar's file name without its extension, with characters that every file system and class path
/// takes.
fn file_stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    stem.chars().map(plain).collect()
}

fn list(
    app: &Application<'_>,
    reaches: &[Reach],
    jars: &[Jar],
    manifest: &Manifest,
    not_rewritable: BTreeMap<String, Vec<String>>,
) -> Listing {
    let bytes_of = |index: &ClassIndex| {
        let class = app.class(*index).filter(|class| class.place != Place::Nowhere);
        class.and_then(|class| class.bytes.as_ref()).map(|bytes| bytes.len() as u64)
    };
    let roots = reaches.iter().map(|reach| {
        let sizes: Vec<u64> = reach.classes.iter().filter_map(bytes_of).collect();
        ListedRoot {
            method: reach.method.clone(),
            methods_reached: reach.methods as u64,
            classes: sizes.len() as u64,
            class_bytes: sizes.iter().sum(),
        }
    });
    let without_bytes: BTreeSet<&str> = reaches
        .iter()
        .flat_map(|reach| &reach.classes)
        .filter_map(|&index| app.class(index))
        .filter(|class| class.place == Place::Nowhere)
        .map(|class| class.name.as_str())
        .filter(|name| !not_rewritable.contains_key(*name))
        .collect();
    let mut left_out: BTreeMap<String, LeftOut> = BTreeMap::new();
    for (reason, counted) in jars.iter().flat_map(|jar| &jar.resources.left_out) {
        left_out.entry((*reason).to_owned()).or_default().add(counted);
    }
    for (reason, files) in
        [("class.no_bytes", without_bytes.len()), ("class.shadowed", app.shadowed)]
    {
        if files > 0 {
            left_out.insert(reason.to_owned(), LeftOut { files: files as u64, bytes: None });
        }
    }
    Listing {
        target: manifest.target,
        jdk_build: manifest.jdk_build.clone(),
        roots: roots.collect(),
        jars: jars.iter().map(listed_jar).collect(),
        classes: jars.iter().map(|jar| jar.classes.len() as u64).sum(),
        bytes: 0,
        left_out,
        without_bytes: without_bytes.into_iter().map(str::to_owned).collect(),
        not_rewritable,
        missing_supertypes: app.missing_supertypes.iter().map(Into::into).collect(),
    }
}

fn listed_jar(jar: &Jar) -> ListedJar {
    let resources = jar.resources.shipped.iter();
    ListedJar {
        path: jar.path.clone(),
        source: jar.source.clone(),
        sha256: jar.sha256.clone(),
        bytes: jar.archive.len() as u64,
        was_signed: jar.resources.was_signed,
        classes: jar.classes.clone(),
        resources: resources
            .map(|(path, bytes)| ListedFile { name: path.clone(), bytes: bytes.len() as u64 })
            .collect(),
    }
}
