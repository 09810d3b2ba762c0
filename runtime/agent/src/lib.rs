//! The server's agent: loaded into the application's JVM by `beehive run`. Puts the runtime jar on
//! the boot class path, gives the application's classes their gates as they load, starts the Java
//! side, and answers it with classes rewritten for workers. Whatever fails here, the application runs on
//! without offloading.

mod agent;
mod class_files;
mod config;
mod error;
mod resources;
mod rewriters;
mod start;

pub use error::AgentError;

beehive_jvm::export_agent!(start::start);
beehive_jvm::export_class_files!(class_files::rewritten);
