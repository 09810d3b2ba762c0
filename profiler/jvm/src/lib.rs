//! The JVMTI/JNI boundary: the only crate with `unsafe`.
//!
//! Owns the raw tables, the event trampolines (none lets a panic into the JVM) and the safe types the
//! agents use. Knows nothing of traces or probes: an agent implements [`Events`], is started by
//! [`export_agent!`] and talks to the JVM through [`Jvmti`] and [`Jni`].
#![allow(unsafe_code)]

mod capability;
mod clock;
mod error;
mod events;
mod export;
mod jni;
mod jvmti;
mod method;
mod object;
mod vm;

pub use capability::Capabilities;
pub use clock::{process_cpu_ns, thread_cpu_ns};
pub use error::JvmError;
pub use events::{ClassLoad, Event, Events};
pub use export::{Loading, sys};
#[doc(hidden)]
pub use export::{native_class_bytes, native_thread_cpu_ns, start_agent};
pub use jni::Jni;
pub use jvmti::{FrameMethod, Jvmti};
pub use method::{Method, StaticMethod, Value};
pub use object::{GlobalRef, Object, WeakRef};
pub use vm::Vm;
