//! Signals that end a run: Ctrl-C, SIGTERM, SIGHUP. Told apart by who sent them: a terminal's Ctrl-C
//! has reached the application already, a `kill` of beehive has not.

use std::thread::JoinHandle;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::exfiltrator::origin::WithOrigin;
use signal_hook::iterator::{Handle, SignalsInfo};
use signal_hook::low_level::siginfo::Cause;

use crate::error::RecordError;

/// A signal received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its number.
    pub signal: i32,
    /// Whether the kernel sent it to the whole terminal job, the application included.
    pub from_terminal: bool,
}

/// Watches until dropped.
#[derive(Debug)]
pub struct SignalWatch {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl SignalWatch {
    /// Hands every signal to `sink`, on a thread of its own.
    ///
    /// # Errors
    /// [`RecordError::System`].
    pub fn start(sink: impl Fn(Received) + Send + 'static) -> Result<Self, RecordError> {
        let mut signals = SignalsInfo::<WithOrigin>::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(RecordError::system("watch for signals"))?;
        let handle = signals.handle();
        let thread = std::thread::spawn(move || {
            for origin in signals.forever() {
                let from_terminal = matches!(origin.cause, Cause::Kernel);
                sink(Received { signal: origin.signal, from_terminal });
            }
        });
        Ok(Self { handle, thread: Some(thread) })
    }
}

impl Drop for SignalWatch {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // The thread only ends; there is nothing to learn from it.
            let _ = thread.join();
        }
    }
}
