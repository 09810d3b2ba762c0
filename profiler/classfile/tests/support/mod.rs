//! What the tests of this crate share: the JDKs of this machine, jars with classes, a JVM
//! that links rewritten classes, and probes for every place there is.

#![allow(dead_code, reason = "each test uses its own part")]

pub mod every_probe;
pub mod exercise;
pub mod jars;
pub mod jdks;
pub mod verifier;
