//! What a `java` command line starts: its JVM options, class path and main. Reads `@argument` files;
//! changes nothing. Follows the launcher's own rules (`man java`).

use std::path::{Path, PathBuf};

use crate::error::RecordError;

/// What the launcher is told to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Main {
    /// `-jar file`.
    Jar(PathBuf),
    /// A main class, dotted.
    Class(String),
    /// `-m module[/class]`.
    Module {
        /// Name of the module.
        module: String,
        /// Main class, if given.
        class: Option<String>,
    },
    /// A `.java` file run in source mode.
    Source(PathBuf),
}

impl Main {
    /// As the trace names it: the path or name given.
    pub fn label(&self) -> String {
        match self {
            Self::Jar(path) | Self::Source(path) => path.display().to_string(),
            Self::Class(name) => name.clone(),
            Self::Module { module, class: None } => module.clone(),
            Self::Module { module, class: Some(class) } => format!("{module}/{class}"),
        }
    }
}

/// A parsed `java` command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JavaCommand {
    /// Options before the main, in order, `@` files expanded; values of options that take one
    /// follow as elements of their own.
    pub options: Vec<String>,
    /// What is started.
    pub main: Main,
    /// Class path as given, wildcards expanded; empty with `-jar`.
    pub class_path: Vec<PathBuf>,
    /// Module path as given.
    pub module_path: Vec<PathBuf>,
}

/// Options whose value is the next argument.
const WITH_VALUE: [&str; 17] = [
    "-cp",
    "-classpath",
    "--class-path",
    "-p",
    "--module-path",
    "--upgrade-module-path",
    "--add-modules",
    "--limit-modules",
    "--add-reads",
    "--add-exports",
    "--add-opens",
    "--patch-module",
    "--enable-native-access",
    "--illegal-native-access",
    "--sun-misc-unsafe-memory-access",
    "--source",
    "--finalization",
];

/// Options that print something and end.
const PRINTS_AND_ENDS: [&str; 14] = [
    "-version",
    "--version",
    "-fullversion",
    "--full-version",
    "-help",
    "--help",
    "-h",
    "-?",
    "-X",
    "--help-extra",
    "--list-modules",
    "--validate-modules",
    "--describe-module",
    "-d",
];

impl JavaCommand {
    /// Parses the arguments after `java`; relative paths are read in `directory`, `class_path` is
    /// the value of the environment's `CLASSPATH`.
    ///
    /// # Errors
    /// [`RecordError::NoApplication`] if nothing is started.
    pub fn parse(
        arguments: &[String],
        directory: &Path,
        class_path: Option<&str>,
    ) -> Result<Self, RecordError> {
        let arguments = expand_argument_files(arguments, directory);
        let mut parser = Parser { jar: false, source: false, ..Parser::default() };
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            if let Some(main) = parser.take(argument, &mut rest)? {
                return Ok(parser.finish(main, directory, class_path));
            }
        }
        Err(RecordError::NoApplication { reason: "no main class or jar is named".to_owned() })
    }
}

#[derive(Default)]
struct Parser {
    options: Vec<String>,
    class_path: Option<String>,
    module_path: Option<String>,
    jar: bool,
    source: bool,
}

impl Parser {
    /// Takes one argument; gives the main once it is reached.
    fn take(
        &mut self,
        argument: String,
        rest: &mut impl Iterator<Item = String>,
    ) -> Result<Option<Main>, RecordError> {
        if PRINTS_AND_ENDS.contains(&argument.as_str()) || argument == "--dry-run" {
            let reason = format!("{argument} makes java print something and end");
            return Err(RecordError::NoApplication { reason });
        }
        if !argument.starts_with('-') {
            return Ok(Some(self.plain(argument)));
        }
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (argument.clone(), None),
        };
        if name == "-m" || name == "--module" {
            let value = inline.or_else(|| rest.next()).unwrap_or_default();
            return Ok(Some(module(&value)));
        }
        self.options.push(argument);
        self.jar |= name == "-jar";
        self.source |= name == "--source";
        let value = match inline {
            Some(value) => Some(value),
            None if WITH_VALUE.contains(&name.as_str()) => {
                let value = rest.next();
                self.options.extend(value.clone());
                value
            }
            None => None,
        };
        match name.as_str() {
            "-cp" | "-classpath" | "--class-path" => self.class_path = value,
            "-p" | "--module-path" => self.module_path = value,
            _ => {}
        }
        Ok(None)
    }

    fn plain(&self, argument: String) -> Main {
        let is_java_file = Path::new(&argument).extension().is_some_and(|e| e == "java");
        if self.jar {
            Main::Jar(argument.into())
        } else if self.source || is_java_file {
            Main::Source(argument.into())
        } else {
            Main::Class(argument.replace('/', "."))
        }
    }

    fn finish(self, main: Main, directory: &Path, environment: Option<&str>) -> JavaCommand {
        let given = self.class_path.as_deref().or(environment);
        let class_path = match main {
            Main::Jar(_) => Vec::new(),
            Main::Module { .. } if given.is_none() => Vec::new(),
            _ => split_class_path(given.unwrap_or("."), directory),
        };
        let module_path = self.module_path.as_deref().unwrap_or_default();
        let module_path = split_path(module_path).map(PathBuf::from).collect();
        JavaCommand { options: self.options, main, class_path, module_path }
    }
}

fn module(value: &str) -> Main {
    match value.split_once('/') {
        Some((module, class)) => {
            Main::Module { module: module.to_owned(), class: Some(class.to_owned()) }
        }
        None => Main::Module { module: value.to_owned(), class: None },
    }
}

fn split_path(path: &str) -> impl Iterator<Item = &str> {
    path.split(':').filter(|entry| !entry.is_empty())
}

/// Entries of a class path; `dir/*` stands for the jars of `dir`, as the launcher expands it.
fn split_class_path(path: &str, directory: &Path) -> Vec<PathBuf> {
    let mut entries = Vec::new();
    for entry in split_path(path) {
        let Some(parent) = entry.strip_suffix('*').filter(|p| p.is_empty() || p.ends_with('/'))
        else {
            entries.push(PathBuf::from(entry));
            continue;
        };
        let found = std::fs::read_dir(directory.join(parent)).into_iter().flatten().flatten();
        let mut jars: Vec<PathBuf> = found
            .map(|jar| Path::new(parent).join(jar.file_name()))
            .filter(|p| is_jar(p))
            .collect();
        jars.sort();
        entries.extend(jars);
    }
    entries
}

fn is_jar(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("jar"))
}

/// Replaces `@file` by the words of the file, until the main; `@@` escapes.
fn expand_argument_files(arguments: &[String], directory: &Path) -> Vec<String> {
    let mut expanded = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('@') {
            Some(escaped) if escaped.starts_with('@') => expanded.push(escaped.to_owned()),
            Some(file) => match std::fs::read_to_string(directory.join(file)) {
                Ok(text) => expanded.extend(words(&text)),
                Err(_) => expanded.push(argument.clone()),
            },
            None => expanded.push(argument.clone()),
        }
    }
    expanded
}

/// Words of an argument file or of `JAVA_TOOL_OPTIONS`: white space separates, quotes hold together,
/// `#` begins a comment outside quotes.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => {
                chars.by_ref().take_while(|c| *c != '\n').for_each(drop);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<JavaCommand, RecordError> {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        JavaCommand::parse(&arguments, Path::new("."), None)
    }

    #[test]
    fn the_main_is_found_behind_every_kind_of_option() {
        let jar =
            parse("-Xmx1g -Dx=y --add-opens java.base/java.lang=ALL-UNNAMED -jar app.jar -jar z");
        assert_eq!(jar.unwrap().main, Main::Jar("app.jar".into()));
        let class = parse("-cp a.jar:classes -ea com.acme.Main -version").unwrap();
        assert_eq!(class.main, Main::Class("com.acme.Main".into()));
        assert_eq!(class.class_path, [PathBuf::from("a.jar"), PathBuf::from("classes")]);
        let module = parse("--module-path=mods -m shop/com.acme.Main").unwrap();
        assert_eq!(module.main.label(), "shop/com.acme.Main");
        assert_eq!(module.module_path, [PathBuf::from("mods")]);
        assert_eq!(parse("Hello.java x").unwrap().main, Main::Source("Hello.java".into()));
        assert_eq!(parse("com.acme.Main").unwrap().class_path, [PathBuf::from(".")]);
    }

    #[test]
    fn a_command_that_starts_nothing_is_told_so() {
        for line in ["-version", "-Xmx1g --list-modules", "-cp x"] {
            assert!(matches!(parse(line), Err(RecordError::NoApplication { .. })), "{line}");
        }
    }

    #[test]
    fn argument_files_and_wildcards_are_expanded() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("args"), "-Xmx1g # heap\n-cp \"lib/*\"\n").unwrap();
        std::fs::create_dir(dir.path().join("lib")).unwrap();
        for name in ["b.jar", "a.jar", "readme.txt"] {
            std::fs::write(dir.path().join("lib").join(name), b"").unwrap();
        }
        let arguments = ["@args".to_owned(), "Main".to_owned()];
        let command = JavaCommand::parse(&arguments, dir.path(), None).unwrap();
        assert_eq!(command.options, ["-Xmx1g", "-cp", "lib/*"]);
        assert_eq!(command.class_path, [PathBuf::from("lib/a.jar"), PathBuf::from("lib/b.jar")]);
    }

    #[test]
    fn words_keep_quoted_space() {
        assert_eq!(words("-Da='x y' \"b c\" d"), ["-Da=x y", "b c", "d"]);
        assert_eq!(words(" "), Vec::<String>::new());
    }
}
