//! What a piece of native code does, as far as a category needs it. Worse effects come later in the
//! order; a function is as bad as the worst thing it reaches.

use serde::{Deserialize, Serialize};

use crate::category::Category;

/// An effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing beside its arguments and its own memory.
    None,
    /// Reads or writes memory that its arguments point to (`memcpy`, `strlen`).
    Copy,
    /// Allocates native memory.
    Allocate,
    /// Reads a clock.
    Clock,
    /// Reads or writes Java objects.
    Heap,
    /// Runs Java code, whose own natives are counted where it calls them.
    Java,
    /// Reads or writes native memory that outlives the call.
    State,
    /// Talks to sockets, or asks for names and addresses.
    Network,
    /// Works on files or folders.
    File,
    /// Starts, ends or asks about processes and users.
    Process,
    /// Starts threads, waits or wakes.
    Thread,
    /// Maps or protects memory.
    Memory,
    /// Loads libraries.
    Loader,
    /// Asks the machine: environment, limits, locale, terminal.
    System,
    /// Changes the virtual machine: classes, modules, hooks.
    Vm,
    /// Works on a descriptor of unknown kind (`read`, `close`).
    Descriptor,
    /// Not known.
    Unknown,
}

impl Effect {
    /// The category of a native method whose worst effect this is.
    pub const fn category(self) -> Category {
        match self {
            Self::None | Self::Copy | Self::Allocate | Self::Clock => Category::Stateless,
            Self::Heap | Self::Java => Category::PureHeap,
            Self::State => Category::HiddenState,
            Self::Network => Category::Network,
            Self::File
            | Self::Process
            | Self::Thread
            | Self::Memory
            | Self::Loader
            | Self::System
            | Self::Vm => Category::Host,
            Self::Descriptor | Self::Unknown => Category::Unknown,
        }
    }
}
