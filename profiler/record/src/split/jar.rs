//! What a jar tells about whose code it holds: its manifest, the packages of its classes, the Maven
//! coordinates inside, Spring Boot's layers. Reads the directory of the zip and a few small entries.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use crate::error::RecordError;

/// Facts of one jar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JarFacts {
    /// `Main-Class` of the manifest, dotted.
    pub(crate) main_class: Option<String>,
    /// `Start-Class`: the application's own main class behind Boot's launcher.
    pub(crate) start_class: Option<String>,
    /// `Class-Path` of the manifest, as written.
    pub(crate) class_path: Vec<String>,
    /// Whether classes stand below `BOOT-INF/classes/` or `WEB-INF/classes/`.
    pub(crate) has_nested_classes: bool,
    /// Dotted packages at the root of the jar with their number of classes; the unnamed one is "".
    pub(crate) packages: BTreeMap<String, usize>,
    /// Top-level classes in the unnamed package.
    pub(crate) unnamed_classes: BTreeSet<String>,
    /// Maven coordinates of the artifacts inside: (group, artifact).
    pub(crate) artifacts: Vec<(String, String)>,
    /// Maven group and version, if the jar holds exactly one artifact: modules of one build share both.
    pub(crate) build: Option<(String, String)>,
    /// Jars of Boot's `application` layer: modules of the application's own build.
    pub(crate) own_modules: Vec<String>,
}

impl JarFacts {
    /// Reads the jar.
    ///
    /// # Errors
    /// [`RecordError::NotAJar`] if the file is no readable zip archive.
    pub(crate) fn read(path: &Path) -> Result<Self, RecordError> {
        let not_a_jar = |reason: String| RecordError::NotAJar { path: path.to_owned(), reason };
        let file = File::open(path).map_err(|e| not_a_jar(e.to_string()))?;
        let mut zip =
            ZipArchive::new(BufReader::new(file)).map_err(|e| not_a_jar(e.to_string()))?;
        let mut facts = Self::default();
        let names: Vec<String> = zip.file_names().map(str::to_owned).collect();
        for name in &names {
            facts.see(name);
        }
        facts.read_manifest(&small_entry(&mut zip, "META-INF/MANIFEST.MF").unwrap_or_default());
        if facts.has_nested_classes {
            let layers = small_entry(&mut zip, "BOOT-INF/layers.idx").unwrap_or_default();
            facts.own_modules = application_layer_jars(&layers);
        }
        facts.artifacts.sort();
        facts.build = build_of(&mut zip, &facts.artifacts);
        Ok(facts)
    }

    /// Whether the root of the jar holds that class.
    pub(crate) fn holds_class(path: &Path, class: &str) -> bool {
        let entry = format!("{}.class", class.replace('.', "/"));
        let zip = File::open(path).ok().and_then(|f| ZipArchive::new(BufReader::new(f)).ok());
        zip.is_some_and(|zip| zip.index_for_name(&entry).is_some())
    }

    fn see(&mut self, name: &str) {
        if name.starts_with("BOOT-INF/classes/") || name.starts_with("WEB-INF/classes/") {
            self.has_nested_classes = true;
        } else if let Some(coordinates) = artifact_of(name) {
            self.artifacts.push(coordinates);
        } else if let Some(class) = name.strip_suffix(".class").filter(|n| !n.contains("-INF/")) {
            self.see_class(class);
        }
    }

    fn see_class(&mut self, class: &str) {
        if class == "module-info" || class.ends_with("/package-info") {
            return;
        }
        let package = class.rsplit_once('/').map_or("", |(package, _)| package);
        *self.packages.entry(package.replace('/', ".")).or_default() += 1;
        if package.is_empty() {
            let top = class.split('$').next().unwrap_or(class);
            self.unnamed_classes.insert(top.to_owned());
        }
    }

    fn read_manifest(&mut self, text: &str) {
        let attributes = manifest_attributes(text);
        let get = |key: &str| attributes.get(key).cloned();
        self.main_class = get("main-class");
        self.start_class = get("start-class");
        let class_path = get("class-path").unwrap_or_default();
        self.class_path = class_path.split_whitespace().map(str::to_owned).collect();
    }
}

/// `META-INF/maven/<group>/<artifact>/pom.properties` → coordinates.
fn artifact_of(name: &str) -> Option<(String, String)> {
    let rest = name.strip_prefix("META-INF/maven/")?.strip_suffix("/pom.properties")?;
    let (group, artifact) = rest.split_once('/')?;
    (!artifact.contains('/')).then(|| (group.to_owned(), artifact.to_owned()))
}

fn build_of(
    zip: &mut ZipArchive<BufReader<File>>,
    artifacts: &[(String, String)],
) -> Option<(String, String)> {
    let [(group, artifact)] = artifacts else { return None };
    let text = small_entry(zip, &format!("META-INF/maven/{group}/{artifact}/pom.properties"))?;
    let version = text.lines().find_map(|line| line.strip_prefix("version="))?;
    Some((group.clone(), version.trim().to_owned()))
}

/// Text of an entry of at most 1 MiB.
fn small_entry(zip: &mut ZipArchive<BufReader<File>>, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    zip.by_name(name).ok()?.take(1 << 20).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Main attributes of a manifest, keys in lower case, continuation lines joined.
fn manifest_attributes(text: &str) -> BTreeMap<String, String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    let pairs = lines.iter().filter_map(|line| line.split_once(':'));
    pairs.map(|(key, value)| (key.to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// Jars listed in the `application` layer of a layer index.
fn application_layer_jars(index: &str) -> Vec<String> {
    let mut jars = Vec::new();
    let mut in_application = false;
    for line in index.lines() {
        if let Some(layer) = line.strip_prefix("- ") {
            in_application = layer.trim().trim_end_matches(':').trim_matches('"') == "application";
        } else if in_application {
            let entry = line.trim().trim_start_matches("- ").trim_matches('"');
            let is_jar = Path::new(entry).extension().is_some_and(|e| e == "jar");
            jars.extend(is_jar.then(|| entry.to_owned()));
        }
    }
    jars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_join_continued_lines_and_stop_at_the_first_section() {
        let text = "Manifest-Version: 1.0\r\nMain-Class: com.acme.lo\r\n ng.Main\r\n\r\nName: x\r\n\
                    Main-Class: wrong\r\n";
        assert_eq!(manifest_attributes(text)["main-class"], "com.acme.long.Main");
    }

    #[test]
    fn the_application_layer_names_own_modules() {
        let index = "- \"dependencies\":\n  - \"BOOT-INF/lib/spring.jar\"\n- \"application\":\n  - \
                     \"BOOT-INF/classes/\"\n  - \"BOOT-INF/lib/shop-domain-1.0.jar\"\n";
        assert_eq!(application_layer_jars(index), ["BOOT-INF/lib/shop-domain-1.0.jar"]);
    }
}
