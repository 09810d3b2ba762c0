//! The open-loop load driver behind `--load`: requests leave at their intended times whatever the
//! answers do, and latency counts from the intended time, so a stall of the application is seen
//! whole. Owns the order of a load: ready, setup, warm-up, recorded part.

mod driver;
mod exchange;
mod requests;
mod schedule;

use std::collections::BTreeMap;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use beehive_trace::Traffic;

pub use requests::{DEFAULT_TARGET, RequestTemplate, read_requests};
pub use schedule::Rate;

use crate::error::RecordError;
use driver::Driver;

/// A load to be driven.
#[derive(Clone, Debug)]
pub struct LoadSpec {
    /// File of requests.
    pub requests: PathBuf,
    /// Arrival rate.
    pub rate: Rate,
    /// `http://host:port`, over what the file says.
    pub target: Option<String>,
    /// Length of the unrecorded part before.
    pub warmup: Duration,
    /// Seed of the order of requests.
    pub seed: u64,
    /// Requests that may wait for an answer at once; more are dropped and counted.
    pub in_flight_max: u64,
    /// Time the application may take to answer for the first time.
    pub ready_time: Duration,
    /// Time setup requests may fail before the load is given up.
    pub setup_time: Duration,
}

impl LoadSpec {
    /// A spec without warm-up, with seed 1 and at most 1024 requests in flight.
    pub fn new(requests: PathBuf, rate: Rate) -> Self {
        Self {
            requests,
            rate,
            target: None,
            warmup: Duration::ZERO,
            seed: 1,
            in_flight_max: 1024,
            ready_time: Duration::from_mins(5),
            setup_time: Duration::from_secs(20),
        }
    }
}

/// What the driver tells the run.
#[derive(Debug)]
pub enum LoadEvent {
    /// Nothing answers yet.
    Waiting {
        /// `host:port` asked.
        target: String,
        /// Ports the application listens at.
        listening: Vec<u16>,
    },
    /// The application answered for the first time.
    Ready {
        /// Time since its start.
        after: Duration,
    },
    /// The warm-up begins.
    WarmingUp {
        /// Its length.
        length: Duration,
    },
    /// The recorded part begins.
    Recording,
    /// The load is over.
    Finished(LoadResult),
    /// The load cannot be driven.
    Failed(RecordError),
}

/// What a load gave.
#[derive(Debug, Default)]
pub struct LoadResult {
    /// The recorded part.
    pub traffic: Traffic,
    /// Requests not sent or not waited for, by reason.
    pub losses: BTreeMap<String, u64>,
}

/// Counts for progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadCounts {
    /// Requests sent in the recorded part.
    pub sent: u64,
    /// Of these, those answered by an error or not at all.
    pub failed: u64,
    /// Requests not sent because too many were waiting.
    pub dropped: u64,
}

/// A load that has been checked.
#[derive(Debug)]
pub struct Load {
    spec: LoadSpec,
    requests: Vec<RequestTemplate>,
    target: String,
}

/// A load under way.
#[derive(Debug)]
pub struct LoadHandle {
    shared: Arc<Shared>,
}

/// State seen by the driver, its requests and the run.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    is_abandoned: AtomicBool,
    in_flight: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

impl LoadHandle {
    /// Ends the load as soon as possible; what is in flight is not waited for.
    pub fn abandon(&self) {
        self.shared.is_abandoned.store(true, Relaxed);
    }

    /// Counts so far.
    pub fn counts(&self) -> LoadCounts {
        let Shared { sent, failed, dropped, .. } = self.shared.as_ref();
        LoadCounts {
            sent: sent.load(Relaxed),
            failed: failed.load(Relaxed),
            dropped: dropped.load(Relaxed),
        }
    }
}

/// What a load needs of its run.
pub struct Surroundings {
    /// When the application was started.
    pub started: Instant,
    /// The application under load.
    pub subject: Box<dyn LoadedSubject>,
    /// Length of the recorded part; without it the load goes on until abandoned.
    pub length: Option<Duration>,
    /// Takes the events.
    pub emit: Box<dyn Fn(LoadEvent) + Send>,
}

/// The application under load, as far as the driver must know it.
pub trait LoadedSubject: Send {
    /// Its processes.
    fn pids(&self) -> Vec<u32>;
    /// Processor time of its processes so far, µs.
    fn cpu_us(&self) -> u64;
    /// The warm-up is over: what was counted so far is not to be counted. May block.
    fn begin_counting(&self);
}

impl Load {
    /// Reads and checks.
    ///
    /// # Errors
    /// Those of [`read_requests`].
    pub fn prepare(spec: &LoadSpec) -> Result<Self, RecordError> {
        let requests = read_requests(&spec.requests, spec.target.as_deref())?;
        let first = requests.first().and_then(|request| request.uri.authority());
        let target = first.map(|a| format!("{}:{}", a.host(), a.port_u16().unwrap_or(80)));
        Ok(Self { spec: spec.clone(), requests, target: target.unwrap_or_default() })
    }

    /// `host:port` of the first request.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Refuses a target at which something answers already: it would not be the application.
    ///
    /// # Errors
    /// [`RecordError::TargetInUse`], or [`RecordError::Argument`] for an address nobody knows.
    pub fn refuse_used_target(&self) -> Result<(), RecordError> {
        let addresses = self.target.to_socket_addrs().map_err(|e| RecordError::Argument {
            what: "target",
            text: self.target.clone(),
            reason: e.to_string(),
        })?;
        for address in addresses {
            if TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok() {
                return Err(RecordError::TargetInUse { address: self.target.clone() });
            }
        }
        Ok(())
    }

    /// Begins on a thread of its own; always ends with `Finished` or `Failed`.
    ///
    /// # Errors
    /// [`RecordError::System`] if the driver's runtime cannot start.
    pub fn start(self, around: Surroundings) -> Result<LoadHandle, RecordError> {
        let shared = Arc::new(Shared::default());
        let driver = Driver::new(self, around, Arc::clone(&shared))?;
        std::thread::spawn(move || driver.drive());
        Ok(LoadHandle { shared })
    }
}
