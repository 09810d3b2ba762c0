//! The `.beetrace` format: what one run of the application under the agent recorded.
//!
//! Owns the data model, the chunked file, its text form, merging and the exports. Knows nothing of
//! JVMs (the agent and `record` produce chunks) nor of plans (the analyzer reads a [`Trace`]).

mod channel;
mod chunk;
mod deep;
mod error;
mod export;
mod fold;
mod histogram;
mod merge;
mod model;
mod origin;
mod read;
mod stereotype;
mod text;
mod write;

pub use channel::{
    AgentConfig, CHANNEL_VERSION, COMMAND_DETACH, COMMAND_FLUSH, COMMAND_GO, DeepConfig, Hello,
};
pub use chunk::{Chunk, FILE_VERSION, MAGIC, decode_chunk, encode_chunk, file_header};
pub use deep::{
    ClassTouch, ConnectionUse, Deep, DeepRoot, ExceptionUse, FieldAccess, Handover, HandoverKind,
    HostKind, HostUse, LockKind, LockUse, NativeCalls, ObjectEdge, ReflectiveUse, SharedAccess,
    SharedKind, StaticAccess,
};
pub use error::{Damage, TraceError};
pub use export::{to_firefox_profile, to_folded};
pub use fold::Fold;
pub use histogram::{HISTOGRAM_BUCKETS, Histogram, bucket_floor_ns, bucket_index};
pub use merge::merge;
pub use model::{
    Class, ClassKind, ClassUse, Connection, Edge, Ending, Generated, Method, MonitorStats, OUTSIDE,
    Overhead, RootKind, RootStats, RunFacts, RunMode, ThreadGroup, Trace, Traffic,
};
pub use origin::{Origin, SplitRule};
pub use read::{ReadTrace, read_trace, read_trace_file};
pub use stereotype::{class_stereotype, is_set_up, method_mapping};
pub use text::{parse_text, to_text};
pub use write::{write_trace, write_trace_file};
