//! Derives the rule that tells user from framework classes from the layout of what is started: fat
//! jar, thin jar, flat (shaded) jar, Quarkus, class path. Tells in words what it decided, because a
//! person must be able to overrule it with `--app-package`.

mod flat;
mod jar;

use std::path::{Path, PathBuf};

use beehive_trace::SplitRule;

pub(crate) use jar::JarFacts;

use crate::error::RecordError;
use crate::java_command::{JavaCommand, Main};
use flat::{are_of_one_build, covers, own_packages, relocated_packages};

/// A rule and how it came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    /// The rule for the agent.
    pub(crate) rule: SplitRule,
    /// One sentence a decision.
    pub(crate) notes: Vec<String>,
    /// Class path of the run, absolute.
    pub(crate) class_path: Vec<String>,
}

/// The rule for a `java` command run in `directory`.
///
/// # Errors
/// [`RecordError::NotAJar`] if the jar to be started cannot be read or names no main class.
pub(crate) fn derive(command: &JavaCommand, directory: &Path) -> Result<Split, RecordError> {
    let mut split = Split::default();
    match &command.main {
        Main::Jar(path) => split.add_started_jar(path, directory)?,
        Main::Class(class) => split.add_main_holder(class, &command.class_path, directory),
        Main::Module { class: Some(class), .. } => {
            split.add_main_holder(class, &command.module_path, directory);
        }
        Main::Module { module, class: None } => split.add_module(module, command, directory),
        Main::Source(path) => {
            split.rule.app_sources = source_suffixes(path);
            split.notes.push(format!("user classes: those of {}", path.display()));
        }
    }
    let given = command.class_path.iter().chain(&command.module_path);
    split.class_path.extend(given.map(|entry| absolute(directory, entry)));
    Ok(split)
}

impl Split {
    fn add_started_jar(&mut self, path: &Path, directory: &Path) -> Result<(), RecordError> {
        let file = directory.join(path);
        let facts = JarFacts::read(&file)?;
        let Some(main) = facts.main_class.clone() else {
            let reason = "its manifest has no Main-Class".to_owned();
            return Err(RecordError::NotAJar { path: path.to_owned(), reason });
        };
        self.class_path.push(absolute(directory, path));
        let parent = file.parent().unwrap_or(directory);
        self.class_path.extend(facts.class_path.iter().map(|e| absolute(parent, Path::new(e))));
        if main.starts_with("io.quarkus.bootstrap.runner.") {
            self.add_quarkus(parent);
        } else {
            self.add_jar(&file, &facts, &main);
            let entries: Vec<PathBuf> = facts.class_path.iter().map(PathBuf::from).collect();
            self.add_modules_of_build((&file, &facts), &main, &entries, parent);
        }
        Ok(())
    }

    /// The jar that holds the main class.
    fn add_jar(&mut self, file: &Path, facts: &JarFacts, main: &str) {
        let name = file_name(file);
        if facts.has_nested_classes {
            self.notes
                .push(format!("{name} is a fat jar: the classes nested in it are the user's"));
            for module in &facts.own_modules {
                self.notes.push(format!("{module} is of the application's own build"));
            }
            self.rule.app_sources.extend(facts.own_modules.iter().cloned());
            return;
        }
        self.rule.app_sources.extend(source_suffixes(file));
        let own = own_packages(facts, facts.start_class.as_deref().unwrap_or(main), &name);
        let (inside, foreign): (Vec<&String>, Vec<&String>) =
            facts.packages.keys().partition(|p| own.iter().any(|o| covers(o, p)));
        if foreign.is_empty() && facts.artifacts.len() < 2 {
            self.notes.push(format!("all classes of {name} are the user's"));
            return;
        }
        let shown = foreign.iter().take(4).map(|p| p.as_str()).collect::<Vec<_>>().join(", ");
        self.notes.push(format!(
            "{name} is a flat jar: {} ({} packages) is the user's; {} packages are not ({shown}); \
             --app-package adds one",
            own.join(", "),
            inside.len(),
            foreign.len(),
        ));
        let relocated = relocated_packages(facts, &own);
        if !relocated.is_empty() {
            let shown = relocated.join(", ");
            self.notes.push(format!("{name} holds libraries moved into its own packages: {shown}"));
        }
        self.rule.never.extend(relocated);
        self.rule.flat_packages = own;
    }

    /// Other jars of the path that one build has made with that of the main class: same Maven group and
    /// version, or what looks like it. Not beside a flat jar: its packages decide there, and would for the
    /// other jars, too.
    fn add_modules_of_build(
        &mut self,
        (holder, facts): (&Path, &JarFacts),
        main: &str,
        path: &[PathBuf],
        directory: &Path,
    ) {
        if !self.rule.flat_packages.is_empty() || facts.has_nested_classes {
            return;
        }
        let name = file_name(holder);
        let is_module = |other: &JarFacts, jar: &Path| match &facts.build {
            Some(build) => other.build.as_ref() == Some(build),
            None => are_of_one_build((main, &name), (other, &file_name(jar))),
        };
        let mut modules = jars_of(path, directory);
        modules.retain(|jar| {
            jar != holder && JarFacts::read(jar).is_ok_and(|other| is_module(&other, jar))
        });
        if modules.is_empty() {
            return;
        }
        let names: Vec<String> = modules.iter().map(|jar| file_name(jar)).collect();
        let shown = names.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
        let more = if names.len() > 4 { ", …" } else { "" };
        let build = match &facts.build {
            Some((group, version)) => format!("of {group} {version}"),
            None => format!("of the build of {name}, by version and package,"),
        };
        self.notes
            .push(format!("{} more jar(s) {build} are the user's: {shown}{more}", names.len()));
        self.rule.app_sources.extend(modules.iter().flat_map(|jar| source_suffixes(jar)));
    }

    /// Main class somewhere on a path of directories and jars.
    fn add_main_holder(&mut self, class: &str, path: &[PathBuf], directory: &Path) {
        let relative = format!("{}.class", class.replace('.', "/"));
        for entry in path {
            let place = directory.join(entry);
            if place.join(&relative).is_file() {
                let shown = entry.display();
                self.notes.push(format!(
                    "the classes of {shown} and of other directories are the user's"
                ));
                return;
            }
            if place.is_file() && JarFacts::holds_class(&place, class) {
                if let Ok(facts) = JarFacts::read(&place) {
                    self.add_jar(&place, &facts, class);
                    self.add_modules_of_build((&place, &facts), class, path, directory);
                }
                return;
            }
        }
        self.notes.push(format!(
            "{class} is not on the class path given: only classes in directories are the user's"
        ));
    }

    /// Main module without a class: the jar or directory named after it.
    fn add_module(&mut self, module: &str, command: &JavaCommand, directory: &Path) {
        for entry in jars_of(&command.module_path, directory) {
            let Ok(facts) = JarFacts::read(&entry) else { continue };
            let stem = file_name(&entry).replace('-', ".");
            if let Some(main) = facts.main_class.clone().filter(|_| stem.starts_with(module)) {
                self.add_jar(&entry, &facts, &main);
                self.add_modules_of_build((&entry, &facts), &main, &command.module_path, directory);
                return;
            }
        }
        self.notes.push(format!(
            "the jar of module {module} was not found: only classes in directories are the user's"
        ));
    }

    /// Quarkus' fast-jar: `app/*.jar` beside `quarkus-run.jar`; classes of it that Quarkus changed
    /// stand again in `quarkus/transformed-bytecode.jar` and are named one by one.
    fn add_quarkus(&mut self, home: &Path) {
        let app_jars = jars_of(&[PathBuf::from("app")], home);
        let transformed = home.join("quarkus").join("transformed-bytecode.jar");
        for jar in &app_jars {
            self.rule.app_sources.push(format!("/app/{}", encoded(&file_name(jar))));
        }
        let changed = classes_in_both(&transformed, &app_jars);
        let jars = app_jars.len();
        self.notes.push(format!(
            "Quarkus application: {jars} jar(s) of app/ and {} transformed classes are the user's",
            changed.len()
        ));
        self.rule.app_packages.extend(changed);
    }
}

/// Dotted names of the classes of `jar` that one of `others` holds too.
fn classes_in_both(jar: &Path, others: &[PathBuf]) -> Vec<String> {
    let names = class_entries(jar);
    let others: std::collections::BTreeSet<String> =
        others.iter().flat_map(|other| class_entries(other)).collect();
    names.into_iter().filter(|name| others.contains(name)).collect()
}

fn class_entries(jar: &Path) -> Vec<String> {
    let Some(zip) = std::fs::File::open(jar).ok().and_then(|f| zip::ZipArchive::new(f).ok()) else {
        return Vec::new();
    };
    let classes = zip.file_names().filter_map(|name| name.strip_suffix(".class"));
    let mut names: Vec<String> = classes.map(|class| class.replace('/', ".")).collect();
    names.sort();
    names
}

/// Jars among the entries, and in entries that are directories, sorted.
fn jars_of(entries: &[PathBuf], directory: &Path) -> Vec<PathBuf> {
    let mut jars = Vec::new();
    for entry in entries {
        let place = directory.join(entry);
        let inside = std::fs::read_dir(&place).into_iter().flatten().flatten().map(|e| e.path());
        jars.extend(inside.chain([place.clone()]));
    }
    jars.retain(|path| path.extension().is_some_and(|e| e == "jar") && path.is_file());
    jars.sort();
    jars
}

/// How code source URLs of the file end.
fn source_suffixes(file: &Path) -> Vec<String> {
    vec![format!("/{}", encoded(&file_name(file)))]
}

/// As Java writes a file name in a URL: everything but unreserved characters as `%xx` of its UTF-8.
fn encoded(name: &str) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()$&+,:=@;".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn absolute(directory: &Path, entry: &Path) -> String {
    let path = directory.join(entry);
    path.canonicalize().unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests;
