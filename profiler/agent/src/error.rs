//! Why the agent cannot record. Never fatal to the application: it is told to the host and to stderr.

use std::path::PathBuf;

use beehive_jvm::JvmError;

/// A reason for the agent to disable itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The file named by the agent's option cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    ReadConfig {
        /// The option, taken as a path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not a configuration.
    #[error("the configuration {path} is not understood: {reason}")]
    BadConfig {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// Host and agent come from different versions of beehive.
    #[error("the host speaks version {host} of the channel, this agent {agent}")]
    OtherVersion {
        /// Version of the host.
        host: u32,
        /// Version of this library.
        agent: u32,
    },
    /// The host's socket cannot be used.
    #[error("cannot {action} the host's socket {socket}: {source}")]
    Socket {
        /// What was attempted.
        action: &'static str,
        /// Path of the socket.
        socket: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The host answered something else than "go".
    #[error("the host refused this agent")]
    Refused,
    /// A chunk cannot be encoded.
    #[error("cannot encode a chunk: {0}")]
    Encode(#[from] beehive_trace::TraceError),
    /// A JDK that is too old.
    #[error("JDK {feature} is too old: recording needs JDK 17 or later")]
    OldJdk {
        /// Feature release found.
        feature: u16,
    },
    /// Another make of virtual machine.
    #[error("{vm_name} is not a HotSpot VM: recording needs OpenJDK or Oracle JDK 17 or later")]
    NotHotSpot {
        /// `java.vm.name`.
        vm_name: String,
    },
    /// The JVM refused something the agent cannot do without.
    #[error("{0}")]
    Jvm(#[from] JvmError),
    /// The rewriter refused a declaration.
    #[error("probe declaration: {0}")]
    Probes(#[from] beehive_classfile::ClassFileError),
    /// Another version of the probe class is in the JVM, from an earlier attach.
    #[error(
        "the probe class of another beehive (version {found}) is in this JVM already; restart it"
    )]
    OtherProbe {
        /// Its version.
        found: i32,
    },
}
