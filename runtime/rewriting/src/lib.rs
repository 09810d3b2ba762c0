//! What offloading changes in an application's classes. On the server: gates and lambda sites. On
//! a worker: barriers, pending statics, monitors that ask home. Pure: bytes in, bytes out. The server's
//! agent rewrites as classes load, the packager ahead of time; both with this code. How a class file
//! is changed at all, `beehive-classfile` knows; what the inserted calls do, `runtime/java`.

mod boxes;
mod gate;
pub mod hooks;
mod lambdas;
mod root;
mod server;

pub use hooks::server_hooks;
pub use root::{BadRoot, Root};
pub use server::{ServerRewriter, ServerTally};
