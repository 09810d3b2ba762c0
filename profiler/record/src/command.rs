//! How the user's command is started with the agent in it: by `-agentpath` right behind `java`, or by
//! `JAVA_TOOL_OPTIONS` when the command is a script. Everything is checked here, before anything is
//! started; everything the user wrote stays as it is.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use beehive_trace::SplitRule;

use crate::error::RecordError;
use crate::hostile::{self, Entrance};
use crate::java_command::{JavaCommand, Main};
use crate::jdk::{Jdk, find_on_path, is_executable, path_directories, usable_homes};
use crate::split;

/// A command that has been checked and can be started.
#[derive(Clone, Debug)]
pub struct LaunchPlan {
    /// Program as given.
    pub program: OsString,
    /// Its arguments as given.
    pub arguments: Vec<OsString>,
    /// How the agent gets in.
    pub way: AgentWay,
    /// The JDK, when the command names it.
    pub jdk: Option<Jdk>,
    /// Jar, main class or script, as given.
    pub main: String,
    /// Class path, absolute, when the command tells it.
    pub class_path: Vec<String>,
    /// JVM options of a `java` command, argument files expanded.
    pub options: Vec<String>,
    /// Rule for user classes.
    pub split: SplitRule,
    /// What a person should know about the decisions taken.
    pub notes: Vec<String>,
}

/// How the agent gets into the JVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentWay {
    /// `-agentpath` as first argument of `java`.
    Argument,
    /// The environment variable `JAVA_TOOL_OPTIONS`: every JVM the script starts gets the agent,
    /// and each says so on its standard error.
    Environment,
}

impl LaunchPlan {
    /// Checks the command and decides how to start it. Relative paths are read in `directory`.
    ///
    /// # Errors
    /// See [`RecordError`]: missing program or jar, JDK, hostile option, no application.
    pub fn of(command: &[OsString], directory: &Path) -> Result<Self, RecordError> {
        let (program, arguments) = command.split_first().ok_or(RecordError::EmptyCommand)?;
        let is_java = Path::new(program).file_name().is_some_and(|name| name == "java");
        let resolved = resolve(program, directory, is_java)?;
        let mut plan = Self {
            program: program.clone(),
            arguments: arguments.to_vec(),
            way: AgentWay::Argument,
            jdk: None,
            main: program.to_string_lossy().into_owned(),
            class_path: Vec::new(),
            options: Vec::new(),
            split: SplitRule::default(),
            notes: Vec::new(),
        };
        if is_java {
            plan.check_java(&resolved, directory)?;
        } else {
            plan.check_script(&resolved)?;
        }
        Ok(plan)
    }

    fn check_java(&mut self, java: &Path, directory: &Path) -> Result<(), RecordError> {
        let jdk = Jdk::of_program(java)?;
        jdk.check()?;
        self.jdk = Some(jdk);
        let arguments: Vec<String> =
            self.arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        let class_path = environment("CLASSPATH");
        let command = JavaCommand::parse(&arguments, directory, class_path.as_deref())?;
        hostile::check(&command.options, environment, Entrance::Start)?;
        check_main(&command.main, directory)?;
        let split = split::derive(&command, directory)?;
        self.main = command.main.label();
        self.class_path = split.class_path;
        self.options = command.options;
        self.split = split.rule;
        self.notes.extend(split.notes);
        Ok(())
    }

    fn check_script(&mut self, program: &Path) -> Result<(), RecordError> {
        if is_native_image(program) {
            return Err(RecordError::NativeImage { program: program.to_owned() });
        }
        hostile::check(&[], environment, Entrance::Start)?;
        self.way = AgentWay::Environment;
        self.notes.push(format!(
            "{} is not java: the agent goes in by JAVA_TOOL_OPTIONS, and each JVM started says \
             \"Picked up JAVA_TOOL_OPTIONS\"; user classes are those in directories and fat jars",
            self.main
        ));
        Ok(())
    }

    /// The process to start, with the agent `library` reading `config`. Standard streams, working
    /// directory and environment are inherited.
    pub fn process(&self, library: &Path, config: &Path) -> std::process::Command {
        let mut option = OsString::from("-agentpath:");
        option.push(library);
        option.push("=");
        option.push(config);
        let mut process = std::process::Command::new(&self.program);
        match self.way {
            AgentWay::Argument => {
                process.arg(option);
            }
            AgentWay::Environment => {
                let mut value = std::env::var_os(TOOL_OPTIONS).unwrap_or_default();
                if !value.is_empty() {
                    value.push(" ");
                }
                value.push(option);
                process.env(TOOL_OPTIONS, value);
            }
        }
        process.args(&self.arguments);
        process
    }
}

const TOOL_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where the program is.
fn resolve(program: &OsStr, directory: &Path, is_java: bool) -> Result<PathBuf, RecordError> {
    let has_directory = program.to_string_lossy().contains('/');
    if has_directory {
        let path = directory.join(program);
        if is_executable(&path) {
            return Ok(path);
        }
    } else if let Some(path) = find_on_path(program) {
        return Ok(path);
    }
    if is_java && !has_directory {
        return Err(RecordError::NoJdk { elsewhere: usable_homes() });
    }
    let searched = if has_directory { Vec::new() } else { path_directories() };
    Err(RecordError::ProgramMissing { program: program.to_string_lossy().into_owned(), searched })
}

/// The jar or source file must be there; near misses are told.
fn check_main(main: &Main, directory: &Path) -> Result<(), RecordError> {
    let (Main::Jar(path) | Main::Source(path)) = main else { return Ok(()) };
    let file = directory.join(path);
    if file.is_file() {
        return Ok(());
    }
    if file.is_dir() {
        let reason = "it is a directory".to_owned();
        return Err(RecordError::NotAJar { path: path.clone(), reason });
    }
    Err(RecordError::ApplicationMissing { path: path.clone(), nearby: nearby(path, directory) })
}

/// Files of the same kind in the directory asked for and in the usual build directories.
fn nearby(path: &Path, directory: &Path) -> Vec<PathBuf> {
    let asked = path.parent().unwrap_or(Path::new(""));
    let mut places = vec![asked.to_owned()];
    places.extend(["target", "build/libs", "."].map(PathBuf::from));
    let mut found = Vec::new();
    for place in places {
        let entries = std::fs::read_dir(directory.join(&place)).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| place.join(entry.file_name()))
            .filter(|file| file.extension() == path.extension() && !found.contains(file))
            .collect();
        files.sort();
        found.extend(files);
    }
    found.truncate(5);
    found
}

/// Whether the file is an ELF executable with the heap section of a GraalVM native image.
fn is_native_image(path: &Path) -> bool {
    section_names(path).is_some_and(|names| {
        let wanted: &[u8] = b".svm_heap\0";
        names.windows(wanted.len()).any(|window| window == wanted)
    })
}

/// The section name table of a 64-bit little-endian ELF file.
fn section_names(path: &Path) -> Option<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::open(path).ok()?;
    let mut header = [0u8; 64];
    file.read_exact_at(&mut header, 0).ok()?;
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let table = u64::from_le_bytes(*header.get(40..)?.first_chunk()?);
    let entry_size = u16::from_le_bytes(*header.get(58..)?.first_chunk()?);
    let names_index = u16::from_le_bytes(*header.get(62..)?.first_chunk()?);
    let at = table.checked_add(u64::from(entry_size) * u64::from(names_index))?;
    let mut section = [0u8; 40];
    file.read_exact_at(&mut section, at).ok()?;
    let offset = u64::from_le_bytes(*section.get(24..)?.first_chunk()?);
    let size = u64::from_le_bytes(*section.get(32..)?.first_chunk()?).min(1 << 20);
    let mut names = vec![0u8; size as usize];
    file.read_exact_at(&mut names, offset).ok()?;
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(words: &[&str]) -> Result<LaunchPlan, RecordError> {
        let command: Vec<OsString> = words.iter().map(OsString::from).collect();
        LaunchPlan::of(&command, Path::new("."))
    }

    #[test]
    fn a_wrong_jar_path_is_told_with_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("target")).unwrap();
        std::fs::write(dir.path().join("target/shop-1.0.jar"), b"").unwrap();
        let command: Vec<OsString> = ["java", "-jar", "shop.jar"].map(OsString::from).to_vec();
        match LaunchPlan::of(&command, dir.path()) {
            Err(RecordError::ApplicationMissing { path, nearby }) => {
                assert_eq!(path, Path::new("shop.jar"));
                assert_eq!(nearby, [PathBuf::from("target/shop-1.0.jar")]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_and_unknown_programs_are_refused() {
        assert!(matches!(plan(&[]), Err(RecordError::EmptyCommand)));
        let missing = plan(&["no-such-program-of-anyone", "x"]);
        assert!(matches!(missing, Err(RecordError::ProgramMissing { .. })));
        let missing = plan(&["/no/such/jdk/bin/java", "-jar", "x.jar"]);
        assert!(matches!(missing, Err(RecordError::ProgramMissing { .. })));
    }

    #[test]
    fn java_gets_the_agent_first_and_a_script_by_its_environment() {
        let java = plan(&["java", "-Xmx64m", "com.acme.Main", "-x"]).unwrap();
        let process = java.process(Path::new("/l.so"), Path::new("/c"));
        let arguments: Vec<_> = process.get_args().collect();
        assert_eq!(arguments, ["-agentpath:/l.so=/c", "-Xmx64m", "com.acme.Main", "-x"]);
        let script = plan(&["sh", "-c", "exit"]).unwrap();
        assert_eq!(script.way, AgentWay::Environment);
        let process = script.process(Path::new("/l.so"), Path::new("/c"));
        let (name, value) = process.get_envs().next().unwrap();
        assert_eq!(name, "JAVA_TOOL_OPTIONS");
        assert!(value.unwrap().to_string_lossy().ends_with("-agentpath:/l.so=/c"));
    }

    #[test]
    fn a_native_image_is_told_by_its_heap_section() {
        let dir = tempfile::tempdir().unwrap();
        let names = b"\0.text\0.svm_heap\0";
        let mut elf = vec![0u8; 64];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[40..48].copy_from_slice(&64u64.to_le_bytes());
        elf[58..60].copy_from_slice(&64u16.to_le_bytes());
        let mut section = vec![0u8; 64];
        section[24..32].copy_from_slice(&128u64.to_le_bytes());
        section[32..40].copy_from_slice(&(names.len() as u64).to_le_bytes());
        elf.extend(section);
        elf.extend(names);
        let path = dir.path().join("image");
        std::fs::write(&path, elf).unwrap();
        assert!(is_native_image(&path));
        assert!(!is_native_image(Path::new("/bin/sh")));
    }
}
