//! Fuzz target: whatever the bytes, reading and rewriting them ends without a panic, and what
//! comes out can be read again. The same exercise runs as a plain test over `corpus/`.
#![no_main]
#![allow(dead_code, reason = "probes of the tests that this target does not use")]

#[path = "../../tests/support/every_probe.rs"]
mod every_probe;
#[path = "../../tests/support/exercise.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
