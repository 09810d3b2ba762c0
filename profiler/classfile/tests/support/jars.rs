//! Class files out of jars, those of nested jars (`BOOT-INF/lib`) too. The jars are the
//! built fixtures, or those that `BEEHIVE_TEST_JARS` lists like a class path.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use beehive_classfile::ClassView;

/// Classes of all jars by internal name; of classes that appear twice the first is kept.
pub type Classes = BTreeMap<String, Vec<u8>>;

/// The jars to test with, or a panic that says how to get them.
pub fn paths() -> Vec<PathBuf> {
    if let Some(list) = std::env::var_os("BEEHIVE_TEST_JARS") {
        return std::env::split_paths(&list).collect();
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut found = Vec::new();
    for group in ["apps", "programs"] {
        let folders = std::fs::read_dir(fixtures.join(group)).unwrap();
        for folder in folders.flatten() {
            let Ok(built) = std::fs::read_dir(folder.path().join("target")) else { continue };
            let files = built.flatten().map(|file| file.path());
            found.extend(files.filter(|file| file.extension().is_some_and(|ext| ext == "jar")));
        }
    }
    found.sort();
    assert!(
        found.iter().any(|jar| jar.ends_with("forum.jar")),
        "fixtures/apps/forum/target/forum.jar is not built; run `cargo xtask fixtures`"
    );
    found
}

/// Reads every class of the jars.
pub fn classes(jars: &[PathBuf]) -> Classes {
    let mut classes = Classes::new();
    for jar in jars {
        collect(std::fs::File::open(jar).unwrap(), &mut classes);
    }
    classes
}

fn collect(jar: impl Read + Seek, classes: &mut Classes) {
    let mut archive = zip::ZipArchive::new(jar).unwrap();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().to_owned();
        let extension = Path::new(&name).extension().and_then(|ext| ext.to_str());
        let nested = extension == Some("jar");
        if !nested && extension != Some("class") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        drop(entry);
        if nested {
            collect(Cursor::new(bytes), classes);
        } else if !name.starts_with("META-INF/versions/") && !name.ends_with("-info.class") {
            let view = ClassView::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let class = view.name().to_string();
            classes.entry(class).or_insert(bytes);
        }
    }
}
