//! Ports for what tests and measurements start. They lie below those the system gives to outgoing connections
//! (32768 and up on Linux): one of those could take a port in the seconds between its choice and its use.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

/// A port nobody uses at this moment, and that this process has not given before (until all were); none when
/// all are used.
pub fn free_port() -> Option<u16> {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    // Processes that run side by side begin far from each other.
    let start = std::process::id().wrapping_mul(997);
    (0..COUNT).find_map(|_| {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        let offset = start.wrapping_add(given.into()) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).ok()?;
        TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
    })
}
