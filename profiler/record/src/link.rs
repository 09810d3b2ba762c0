//! The connections to the agents of a run: what each has sent so far, and the commands that can be
//! sent to it. Shared between the collectors, the run's loop and the load driver.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use beehive_trace::{COMMAND_FLUSH, Chunk, Hello, OUTSIDE};

use crate::host::process_cpu_us;

/// What one agent has sent.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) entries: AtomicU64,
    pub(crate) calls: AtomicU64,
    pub(crate) methods: AtomicU64,
    pub(crate) losses: AtomicU64,
    /// Length of the recording so far, bytes.
    pub(crate) bytes: AtomicU64,
    /// Length of the recording when counting was to begin, bytes.
    pub(crate) counted_from: AtomicU64,
    /// Frames that did not decode; the stream ends at the first.
    pub(crate) bad_frames: AtomicU64,
    /// Processor time of the process when last seen alive, µs.
    pub(crate) cpu_us: AtomicU64,
    /// Whether the stream has ended.
    pub(crate) is_gone: AtomicBool,
}

impl Counters {
    /// Adds what a chunk tells.
    pub(crate) fn see(&self, chunk: &Chunk) {
        match chunk {
            Chunk::Edges(rows) => {
                let entries = rows.iter().filter(|edge| edge.caller == OUTSIDE);
                self.entries.fetch_add(entries.map(|edge| edge.count).sum(), Relaxed);
                self.calls.fetch_add(rows.iter().map(|edge| edge.count).sum(), Relaxed);
            }
            Chunk::Methods { rows, .. } => {
                self.methods.fetch_add(rows.len() as u64, Relaxed);
            }
            Chunk::Losses(losses) => {
                self.losses.fetch_add(losses.values().sum(), Relaxed);
            }
            _ => {}
        }
    }
}

/// One agent.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Process id of its JVM, as this process sees it.
    pub(crate) pid: u32,
    /// What it said of itself.
    pub(crate) hello: Hello,
    /// What it has sent.
    pub(crate) counters: Arc<Counters>,
    stream: Arc<UnixStream>,
}

impl Link {
    /// A link over `stream`, whose reading side someone else has.
    pub(crate) fn new(pid: u32, hello: Hello, stream: UnixStream) -> Self {
        Self { pid, hello, counters: Arc::default(), stream: Arc::new(stream) }
    }

    /// Whether its stream has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.counters.is_gone.load(Relaxed)
    }

    fn send(&self, command: u8) {
        if !self.is_gone() {
            // An agent that left can be sent nothing; its collector will see the end.
            let _ = (&*self.stream).write_all(&[command]);
        }
    }
}

/// All agents of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links(Arc<Mutex<Vec<Link>>>);

impl Links {
    fn lock(&self) -> MutexGuard<'_, Vec<Link>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an agent.
    pub(crate) fn push(&self, link: Link) {
        self.lock().push(link);
    }

    /// A copy of the list.
    pub(crate) fn all(&self) -> Vec<Link> {
        self.lock().clone()
    }

    /// Whether no agent ever reported.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Whether every agent's stream has ended.
    pub(crate) fn are_gone(&self) -> bool {
        self.lock().iter().all(Link::is_gone)
    }

    /// Sends a command to every agent still there.
    pub(crate) fn send(&self, command: u8) {
        self.lock().iter().for_each(|link| link.send(command));
    }

    /// Ends every stream: what an agent has not sent by now is lost.
    pub(crate) fn shut_down(&self) {
        for link in self.lock().iter() {
            // It may be closed already.
            let _ = link.stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Notes the processor time of the processes still alive, and gives the sum over all, µs.
    pub(crate) fn cpu_us(&self) -> u64 {
        let links = self.all();
        for link in links.iter().filter(|link| !link.is_gone()) {
            if let Some(cpu_us) = process_cpu_us(link.pid) {
                link.counters.cpu_us.store(cpu_us, Relaxed);
            }
        }
        links.iter().map(|link| link.counters.cpu_us.load(Relaxed)).sum()
    }

    /// Lets counting begin now: asks for everything counted so far, waits until it must have come,
    /// and marks the place in each recording. Blocks for the agents' interval and a little.
    pub(crate) fn begin_counting(&self, interval: Duration) {
        self.send(COMMAND_FLUSH);
        let until = Instant::now() + interval + Duration::from_millis(300);
        while Instant::now() < until && !self.are_gone() {
            std::thread::sleep(Duration::from_millis(20));
        }
        for link in self.all() {
            let length = link.counters.bytes.load(Relaxed);
            link.counters.counted_from.store(length, Relaxed);
            link.counters.entries.store(0, Relaxed);
            link.counters.calls.store(0, Relaxed);
        }
    }

    /// Sum of a counter over all agents.
    pub(crate) fn sum(&self, counter: impl Fn(&Counters) -> &AtomicU64) -> u64 {
        self.lock().iter().map(|link| counter(&link.counters).load(Relaxed)).sum()
    }
}
