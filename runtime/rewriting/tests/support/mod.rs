//! What the tests of this crate share: JDKs and jars, found as the class-file tests find them, and a
//! JVM that links classes with the full verifier.

#![allow(dead_code, reason = "each test uses its own part")]

#[path = "../../../../profiler/classfile/tests/support/jars.rs"]
pub mod jars;
#[path = "../../../../profiler/classfile/tests/support/jdks.rs"]
pub mod jdks;
pub mod linking;
