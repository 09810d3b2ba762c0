//! What offloading changes in an application's classes. On the server: gates and lambda sites. On
//! a worker: barriers, pending statics, monitors that ask home. Pure: bytes in, bytes out. The server's
//! agent rewrites as classes load, the packager ahead of time; both with this code. How a class file
//! is changed at all, `beehive-classfile` knows; what the inserted calls do, `runtime/java`.

mod atomics;
mod barrier_code;
mod boxes;
mod call_code;
mod class_changes;
mod class_index;
mod futures;
mod gate;
pub mod hooks;
mod host_effects;
mod lambdas;
mod loggers;
mod natives;
mod root;
mod serial_version;
mod server;
mod statics;
mod worker;

pub use class_index::ClassIndex;
pub use hooks::server_hooks;
pub use natives::WORKER_NATIVE;
pub use root::{BadRoot, Root};
pub use server::{ServerRewriter, ServerTally};
pub use worker::{WorkerClass, WorkerRewriter};
