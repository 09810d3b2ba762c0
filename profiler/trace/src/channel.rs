//! The talk between `record` (host) and the agent: a config file the agent reads at load, a hello over
//! a Unix socket, then trace frames one way and single command bytes the other way. Only data here;
//! each side does its own I/O.
//!
//! ```text
//! agent → host   length u32 LE | JSON of Hello          once
//! host  → agent  COMMAND_GO                             once, if the token is right
//! agent → host   frames of `encode_chunk`, until the end of the stream
//! host  → agent  COMMAND_FLUSH | COMMAND_DETACH         any time
//! ```

use serde::{Deserialize, Serialize};

use crate::RunFacts;

/// Version of the talk; both sides come from one binary, so another one is an error.
pub const CHANNEL_VERSION: u32 = 1;
/// The host accepts the agent; recording begins.
pub const COMMAND_GO: u8 = b'G';
/// The host wants everything counted so far now.
pub const COMMAND_FLUSH: u8 = b'F';
/// The host wants the agent to undo its rewriting, send what is left and close.
pub const COMMAND_DETACH: u8 = b'D';

/// Contents of the file whose path is the agent's only option. Readable by the user alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentConfig {
    /// [`CHANNEL_VERSION`] of the host.
    pub version: u32,
    /// Path of the host's Unix socket.
    pub socket: String,
    /// Secret of this run; the agent shows it in its hello.
    pub token: String,
    /// Facts the host knows: id, start, main, class path, split rule. The agent completes them.
    pub run: RunFacts,
    /// Methods to time besides annotated ones and entries: `class#name`, `*` matches any part.
    pub named_roots: Vec<String>,
    /// Time between two sets of chunks, ms.
    pub interval_ms: u64,
    /// What a deep run samples; `None` for a light run.
    pub deep: Option<DeepConfig>,
    /// Count every call whatever it costs. Otherwise methods that are called so often that counting
    /// them would weigh on the application are estimated from their callers' counts, and the losses
    /// say so (`probe.estimated …`).
    pub exact: bool,
}

/// What a deep run samples, and where its limits are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeepConfig {
    /// One of so many invocations of each root is sampled, if no other sample is running then.
    pub every_nth: u32,
    /// Samples of one root after which it is left alone.
    pub samples_per_root_max: u32,
    /// Time after which a sample is given up, ms.
    pub sample_ms_max: u32,
    /// Probes run by one sample after which it is given up.
    pub sample_events_max: u64,
    /// Roots: `class#name` or `class#name(descriptor)`, `*` matches any part. Empty: the candidates
    /// by annotation and the named ones.
    pub roots: Vec<String>,
    /// Dotted names of the classes outside the JDK that get probes; empty: all of them. Those of the
    /// JDK always get theirs: what a root touches in them cannot be told beforehand.
    pub classes: Vec<String>,
}

impl Default for DeepConfig {
    fn default() -> Self {
        Self {
            every_nth: 10,
            samples_per_root_max: 200,
            sample_ms_max: 10_000,
            sample_events_max: 400_000_000,
            roots: Vec::new(),
            classes: Vec::new(),
        }
    }
}

/// First message of the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hello {
    /// [`CHANNEL_VERSION`] of the agent.
    pub version: u32,
    /// The secret from the config.
    pub token: String,
    /// Process id of the JVM.
    pub pid: u32,
    /// `java.vm.version`, or what JVMTI tells before it is known.
    pub jdk_build: String,
    /// Why the agent cannot record, if it cannot; it has disabled itself and the application runs on.
    pub problem: Option<String>,
}
