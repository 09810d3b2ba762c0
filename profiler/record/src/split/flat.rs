//! Whose packages are in a flat (shaded) jar, where the code source tells nothing: the user's by the
//! main class and the Maven coordinates, and among them those of libraries that were moved there.

use std::collections::BTreeSet;

use super::JarFacts;

/// Segments that shading tools and people put relocated libraries under.
const SHADED: [&str; 6] = ["relocated", "repackaged", "shaded", "shadow", "thirdparty", "vendored"];
/// Last segments of packages that hold little more than the start.
const STARTING: [&str; 13] = [
    "app",
    "application",
    "boot",
    "bootstrap",
    "cli",
    "cmd",
    "console",
    "launcher",
    "main",
    "runner",
    "server",
    "standalone",
    "start",
];
/// Packages beside that of the main class which make it one that only starts.
const NEIGHBOURS_MIN: usize = 4;
/// Names under which projects that have nothing to do with each other live.
const UMBRELLAS: [&str; 13] = [
    "com.github",
    "com.google",
    "com.oracle",
    "com.sun",
    "dev.java",
    "io.github",
    "io.gitlab",
    "net.java",
    "net.sourceforge",
    "org.apache",
    "org.codehaus",
    "org.eclipse",
    "org.springframework",
];
/// Words of artifact names that say nothing about which library it is.
const GENERIC: [&str; 16] = [
    "annotations",
    "api",
    "bom",
    "client",
    "common",
    "commons",
    "core",
    "data",
    "impl",
    "java",
    "model",
    "parent",
    "server",
    "test",
    "util",
    "utils",
];

/// Packages of the user inside a jar whose main class is `main`: the group of the artifact that
/// the jar is named after when the main class is in it; for a renamed jar, the longest group that the main
/// class is in; else the package of the main class, widened by one level when that is a package only for
/// starting (`….boot`, `….cli`, or one without packages below beside many others).
pub(super) fn own_packages(facts: &JarFacts, main: &str, jar_name: &str) -> Vec<String> {
    let Some((package, _)) = main.rsplit_once('.') else {
        return facts.unnamed_classes.iter().cloned().collect();
    };
    let groups = facts.artifacts.iter().filter(|(_, artifact)| {
        let rest = jar_name.strip_prefix(artifact.as_str());
        rest.is_some_and(|rest| rest.starts_with(['-', '.']))
    });
    let own_group = groups.map(|(group, _)| group.as_str()).max_by_key(|group| group.len());
    match own_group {
        Some(group) if covers(group, package) && group.contains('.') => vec![group.to_owned()],
        Some(group) if group.contains('.') && facts.packages.keys().any(|p| covers(group, p)) => {
            vec![package.to_owned(), group.to_owned()]
        }
        _ => {
            let found = family(facts).or_else(|| group_around(package, facts));
            vec![found.unwrap_or_else(|| widened(package, facts))]
        }
    }
}

/// The longest group of an artifact in the jar that a package is in, if it is not one that many projects share.
fn group_around(package: &str, facts: &JarFacts) -> Option<String> {
    let groups = facts.artifacts.iter().map(|(group, _)| group.as_str());
    let own =
        |group: &&str| group.contains('.') && !UMBRELLAS.contains(group) && covers(group, package);
    groups.filter(own).max_by_key(|group| group.len()).map(str::to_owned)
}

/// The package that all classes of a jar are in or below, if that says whose they are.
fn family(facts: &JarFacts) -> Option<String> {
    let mut packages = facts.packages.keys();
    let first: Vec<&str> = packages.next()?.split('.').collect();
    let shared = packages.fold(first.len(), |shared, package| {
        let same = first.iter().zip(package.split('.')).take_while(|(a, b)| *a == b).count();
        shared.min(same)
    });
    let family = first.get(..shared)?.join(".");
    (shared >= 2 && !UMBRELLAS.contains(&family.as_str())).then_some(family)
}

/// The package that the modules of one build are below, by the package of its main class: `com.acme`,
/// or one more level where that many projects share it.
fn house(package: &str, levels: usize) -> Option<String> {
    let segments: Vec<&str> = package.split('.').collect();
    let house = segments.get(..levels)?.join(".");
    if UMBRELLAS.contains(&house.as_str()) { house_below(&segments, levels) } else { Some(house) }
}

fn house_below(segments: &[&str], levels: usize) -> Option<String> {
    segments.get(..=levels).map(|segments| segments.join("."))
}

/// Whether two jars without Maven's coordinates look like modules of one build (Gradle leaves none): the same
/// version in their names and packages of the same house; without a version, of the same house one level deeper.
pub(super) fn are_of_one_build(
    (main, jar_name): (&str, &str),
    (other, other_name): (&JarFacts, &str),
) -> bool {
    let version = version_in(jar_name);
    let levels = if version.is_some() { 2 } else { 3 };
    let Some((package, _)) = main.rsplit_once('.') else { return false };
    let Some(house) = house(package, levels) else { return false };
    version == version_in(other_name)
        && other.artifacts.is_empty()
        && !other.packages.is_empty()
        && other.packages.keys().all(|package| covers(&house, package))
}

/// `1.4.2` of `shop-core-1.4.2.jar`.
fn version_in(jar_name: &str) -> Option<&str> {
    let stem = jar_name.strip_suffix(".jar")?;
    let starts = stem.match_indices('-').map(|(at, _)| at + 1);
    let mut versions = starts.filter_map(|at| stem.get(at..));
    versions.find(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// `com.acme.shop.boot` → `com.acme.shop`; others stay. Never up to a name that many projects share.
fn widened(package: &str, facts: &JarFacts) -> String {
    let stays = || package.to_owned();
    let Some((parent, last)) = package.rsplit_once('.') else { return stays() };
    if !parent.contains('.') || UMBRELLAS.contains(&parent) {
        return stays();
    }
    let below = |prefix: &str| facts.packages.keys().filter(|p| covers(prefix, p)).count();
    let is_alone = below(package) == 1 && below(parent) > NEIGHBOURS_MIN;
    if STARTING.contains(&last) || is_alone { parent.to_owned() } else { stays() }
}

/// Whether `package` is `prefix` or below it.
pub(super) fn covers(prefix: &str, package: &str) -> bool {
    package.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        || (package.is_empty() && !prefix.contains('.'))
}

/// Packages below the user's own that hold libraries relocated by shading: those under a segment
/// that says so, and those named after an artifact inside the jar whose name is found nowhere else.
pub(super) fn relocated_packages(facts: &JarFacts, own: &[String]) -> Vec<String> {
    let is_own = |package: &str| own.iter().any(|prefix| covers(prefix, package));
    let outside: BTreeSet<&str> =
        facts.packages.keys().filter(|p| !is_own(p)).flat_map(|p| p.split('.')).collect();
    let mut names: BTreeSet<&str> = SHADED.into_iter().collect();
    for (group, artifact) in facts.artifacts.iter().filter(|(group, _)| !is_own(group)) {
        let words = artifact.split(['-', '_', '.']).filter(|word| word.len() > 3);
        let is_at_home = facts.packages.keys().any(|package| covers(group, package));
        let is_telling = |word: &&str| !GENERIC.contains(word) && !outside.contains(word);
        names.extend(words.filter(|_| !is_at_home).filter(is_telling));
    }
    let mut found = BTreeSet::new();
    for package in facts.packages.keys().filter(|package| is_own(package)) {
        let prefix = own.iter().filter(|prefix| covers(prefix, package)).map(String::len).max();
        let mut end = prefix.unwrap_or_default();
        for segment in package.get(end..).unwrap_or_default().split('.') {
            end += segment.len();
            if names.contains(segment) {
                found.extend(package.get(..end).map(str::to_owned));
                break;
            }
            end += 1;
        }
    }
    found.into_iter().collect()
}
