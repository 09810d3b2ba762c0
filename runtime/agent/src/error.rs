//! Why the server's agent does not offload.

use std::path::PathBuf;

use beehive_classfile::ClassFileError;
use beehive_jvm::JvmError;
use beehive_rewriting::BadRoot;

/// Why nothing is offloaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The run configuration cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    ReadConfig {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The run configuration lacks a key.
    #[error("{} has no `{key}`", path.display())]
    MissingKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
    },
    /// A root is not named as one.
    #[error("the run configuration: {0}")]
    Root(#[from] BadRoot),
    /// The JVM is too old.
    #[error("JDK {feature} is too old, 17 is the oldest supported")]
    OldJdk {
        /// Its feature release.
        feature: u16,
    },
    /// The library was attached to a running JVM, whose classes have their code already.
    #[error("the agent must be there from the start of the JVM, by -agentpath")]
    Attached,
    /// The runtime jar does not have a class or method that rewritten code calls.
    #[error("the runtime jar does not fit: {0}")]
    Runtime(JvmError),
    /// The JVM refused something.
    #[error(transparent)]
    Jvm(#[from] JvmError),
    /// The rewriter could not be made.
    #[error(transparent)]
    ClassFile(#[from] ClassFileError),
}
