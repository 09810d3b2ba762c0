//! Which files beside classes a jar of the bundle gets: service lists, and files in the packages of
//! its classes, where `Class.getResource` looks first. Everything else stays at home and is counted:
//! configuration at the root may hold passwords, and a worker that misses a resource asks home.

use std::collections::{BTreeMap, BTreeSet};

use crate::application::AppClass;
use crate::listing::LeftOut;
use crate::source::Source;

/// Files for one jar.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// Path and contents, sorted.
    pub shipped: BTreeMap<String, Vec<u8>>,
    /// What stays at home, by reason.
    pub left_out: BTreeMap<&'static str, LeftOut>,
    /// Whether the jar was signed; its signatures are dropped because they are over the whole jar.
    pub was_signed: bool,
}

/// Chooses among the files of `source`, of which `classes` (by path) are shipped.
///
/// # Errors
/// A file cannot be read.
pub fn choose_resources(
    source: &mut Source,
    classes: &BTreeMap<String, &AppClass>,
) -> std::io::Result<Resources> {
    let packages: BTreeSet<&str> = classes.keys().map(|path| package_of(path)).collect();
    let mut chosen = Resources::default();
    let mut wanted = Vec::new();
    for (path, bytes) in source.files() {
        let reason = match kind_of(path, classes, &packages) {
            Kind::Shipped => {
                wanted.push(path.to_owned());
                continue;
            }
            Kind::Accounted => continue,
            Kind::LeftOut(reason) => reason,
        };
        chosen.was_signed |= reason == "resource.signature";
        let counted = LeftOut { files: 1, bytes: Some(bytes) };
        chosen.left_out.entry(reason).or_default().add(&counted);
    }
    for path in wanted {
        if let Some(bytes) = source.read(&path)? {
            chosen.shipped.insert(path, bytes);
        }
    }
    Ok(chosen)
}

enum Kind {
    Shipped,
    /// A shipped class, or the manifest, which is written anew.
    Accounted,
    LeftOut(&'static str),
}

fn kind_of(path: &str, classes: &BTreeMap<String, &AppClass>, packages: &BTreeSet<&str>) -> Kind {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    if classes.contains_key(path) || path == "META-INF/MANIFEST.MF" {
        return Kind::Accounted;
    }
    if extension == "class" {
        return Kind::LeftOut("class.not_reached");
    }
    if let Some(name) = path.strip_prefix("META-INF/") {
        let is_signature = ["SF", "RSA", "DSA", "EC"].contains(&extension) && !name.contains('/');
        return match name.strip_prefix("services/") {
            Some(service) if !service.contains('/') => Kind::Shipped,
            _ if is_signature => Kind::LeftOut("resource.signature"),
            _ => Kind::LeftOut("resource.meta_inf"),
        };
    }
    let package = package_of(path);
    if package.is_empty() {
        return Kind::LeftOut("resource.root");
    }
    if packages.contains(package) {
        return Kind::Shipped;
    }
    Kind::LeftOut("resource.other_package")
}

/// Folder of a file, empty at the root.
fn package_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
