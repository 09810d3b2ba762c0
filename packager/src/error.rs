//! What can go wrong while packaging. Every variant names the file, class or method it is about;
//! the command line turns them into diagnostics with a remedy.

use std::path::PathBuf;

use thiserror::Error;

/// Failure to make, write or verify a bundle.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The plan does not say which trace it was made from, and none was given.
    #[error("the plan names no trace")]
    NoTrace,
    /// The trace could not be read.
    #[error("cannot use the trace {path}")]
    Trace {
        /// The trace file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: beehive_trace::TraceError,
    },
    /// The trace is not the one the plan was made from.
    #[error(
        "{path} is not the trace of this plan: its sha256 is {found}, the plan says {expected}"
    )]
    TraceMismatch {
        /// The trace file.
        path: PathBuf,
        /// Hash in the plan.
        expected: String,
        /// Hash of the file.
        found: String,
    },
    /// No candidate of the plan has `offload = true`.
    #[error("the plan offloads nothing: no candidate has `offload = true`")]
    NoRoots,
    /// A root of the plan is no method of the trace.
    #[error("the trace knows no method {method}")]
    UnknownRoot {
        /// `class#name(descriptor)` as the plan has it.
        method: String,
    },
    /// A root's class has no class file of the application.
    #[error("{class}, the class of root {method}, has no class file: {reason}")]
    RootWithoutClass {
        /// The root.
        method: String,
        /// Its class, dotted.
        class: String,
        /// Why there is none.
        reason: &'static str,
    },
    /// The trace does not say which JDK ran.
    #[error("the trace does not say which JDK build it was recorded on")]
    NoJdkBuild,
    /// The trace joins runs on several JDK builds.
    #[error("the trace joins runs on different JDK builds: {}", builds.join(", "))]
    MixedJdkBuilds {
        /// The builds, sorted.
        builds: Vec<String>,
    },
    /// A code source that this program cannot read classes from.
    #[error("{class} came from `{source_url}`, which cannot be read: {reason}")]
    BadSource {
        /// The class that is needed from there, dotted.
        class: String,
        /// Code source URL in the trace.
        source_url: String,
        /// Why not.
        reason: String,
    },
    /// The file or directory of a code source cannot be opened.
    #[error("{class} was loaded from {path}, which cannot be read")]
    SourceUnreadable {
        /// The class that is needed from there, dotted.
        class: String,
        /// The jar or directory.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The class is not in the place it was recorded from.
    #[error("{class} is not in {place}, where the recorded run loaded it from")]
    ClassMissing {
        /// Dotted name.
        class: String,
        /// Jar or directory, nested entries separated by `!/`.
        place: String,
    },
    /// The class file is not the one that ran.
    #[error("{class} in {place} is not the class that was recorded: {difference}")]
    ClassChanged {
        /// Dotted name.
        class: String,
        /// Jar or directory, nested entries separated by `!/`.
        place: String,
        /// What tells so.
        difference: String,
    },
    /// The bytes are no class file.
    #[error("{class} in {place} is no readable class file: {reason}")]
    BadClassFile {
        /// Dotted name.
        class: String,
        /// Jar or directory, nested entries separated by `!/`.
        place: String,
        /// What the parser says.
        reason: String,
    },
    /// A class could not be rewritten for workers although it was read before.
    #[error("a class cannot be rewritten for workers")]
    Rewriting {
        /// What the rewriter says.
        #[source]
        source: beehive_classfile::ClassFileError,
    },
    /// The output exists and is something else than a bundle.
    #[error("{path} exists and is not a bundle: {found}")]
    NotABundle {
        /// The output asked for.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The output path has no file name (`/`, `..`).
    #[error("{path} cannot be the name of a bundle")]
    BadOutput {
        /// The output asked for.
        path: PathBuf,
    },
    /// The output could not be written.
    #[error("cannot {action} {path}")]
    Io {
        /// What was attempted ("write", "replace", …).
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// An archive could not be built.
    #[error("cannot build {name}")]
    Archive {
        /// Path inside the bundle.
        name: String,
        /// The archive writer's reason.
        #[source]
        source: zip::result::ZipError,
    },
    /// The bundle read back is not the bundle that was meant. Nothing was put in place.
    #[error("the bundle does not verify: {path}: {problem}")]
    Verification {
        /// Directory, archive or a file in one.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The manifest cannot be expressed or understood.
    #[error("not a bundle manifest: {reason}")]
    Manifest {
        /// What is wrong.
        reason: String,
    },
    /// The bundle was written by a newer beehive.
    #[error("bundle version {found} is newer than {supported}, the newest this beehive reads")]
    NewerVersion {
        /// Version in the manifest.
        found: u32,
        /// Newest version understood.
        supported: u32,
    },
}
