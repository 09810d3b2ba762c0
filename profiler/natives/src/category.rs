//! The categories of native methods: what calling one means for a worker. Also the words and the
//! order in which tables show them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a native method touches besides its arguments.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Objects of the Java heap only: the arguments, what they refer to, new objects. Runs on a worker.
    PureHeap,
    /// State outside the Java heap that belongs to an object or a thread: it must be marshalled with
    /// the closure, or named to the worker.
    HiddenState,
    /// Sockets and name resolution: goes through the proxy.
    Network,
    /// Only its arguments and what every JVM of the same build has alike: runs on a worker.
    Stateless,
    /// Files, processes, threads, terminals, the virtual machine itself: cannot move.
    Host,
    /// Not known. Treated as `Host`, never as harmless.
    #[default]
    Unknown,
}

impl Category {
    /// All, in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::PureHeap,
        Self::HiddenState,
        Self::Network,
        Self::Stateless,
        Self::Host,
        Self::Unknown,
    ];

    /// The word used in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PureHeap => "pure-heap",
            Self::HiddenState => "hidden-state",
            Self::Network => "network",
            Self::Stateless => "stateless",
            Self::Host => "host",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
