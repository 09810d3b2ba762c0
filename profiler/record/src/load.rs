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
use crate::link::Links;
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
pub(crate) enum LoadEvent {
    /// Nothing answers yet; the application listens at those ports.
    Waiting { target: String, listening: Vec<u16> },
    /// The application answered for the first time, that long after its start.
    Ready { after: Duration },
    /// The warm-up begins.
    WarmingUp { length: Duration },
    /// The recorded part begins.
    Recording,
    /// The load is over.
    Finished(LoadResult),
    /// The load cannot be driven.
    Failed(RecordError),
}

/// What a load gave.
#[derive(Debug, Default)]
pub(crate) struct LoadResult {
    /// The recorded part.
    pub(crate) traffic: Traffic,
    /// Requests not sent or not waited for, by reason.
    pub(crate) losses: BTreeMap<String, u64>,
}

/// Counts for progress.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LoadCounts {
    pub(crate) sent: u64,
    pub(crate) failed: u64,
    pub(crate) dropped: u64,
}

/// A load that has been checked.
#[derive(Debug)]
pub(crate) struct Load {
    spec: LoadSpec,
    requests: Vec<RequestTemplate>,
    target: String,
}

/// A load under way.
#[derive(Debug)]
pub(crate) struct LoadHandle {
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
    pub(crate) fn abandon(&self) {
        self.shared.is_abandoned.store(true, Relaxed);
    }

    /// Counts so far.
    pub(crate) fn counts(&self) -> LoadCounts {
        let Shared { sent, failed, dropped, .. } = self.shared.as_ref();
        LoadCounts {
            sent: sent.load(Relaxed),
            failed: failed.load(Relaxed),
            dropped: dropped.load(Relaxed),
        }
    }
}

/// What a load needs of its run.
pub(crate) struct Surroundings {
    /// When the application was started.
    pub(crate) started: Instant,
    /// Its process.
    pub(crate) pid: u32,
    /// The agents, for the end of the warm-up and processor time.
    pub(crate) links: Links,
    /// Time between two sets of chunks of the agents.
    pub(crate) interval: Duration,
    /// Length of the recorded part; without it the load goes on until abandoned.
    pub(crate) length: Option<Duration>,
    /// Takes the events.
    pub(crate) emit: Box<dyn Fn(LoadEvent) + Send>,
}

impl Load {
    /// Reads and checks.
    ///
    /// # Errors
    /// Those of [`read_requests`].
    pub(crate) fn prepare(spec: &LoadSpec) -> Result<Self, RecordError> {
        let requests = read_requests(&spec.requests, spec.target.as_deref())?;
        let first = requests.first().and_then(|request| request.uri.authority());
        let target = first.map(|a| format!("{}:{}", a.host(), a.port_u16().unwrap_or(80)));
        Ok(Self { spec: spec.clone(), requests, target: target.unwrap_or_default() })
    }

    /// `host:port` of the first request.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Refuses a target at which something answers already: it would not be the application.
    pub(crate) fn refuse_used_target(&self) -> Result<(), RecordError> {
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
    pub(crate) fn start(self, around: Surroundings) -> Result<LoadHandle, RecordError> {
        let shared = Arc::new(Shared::default());
        let driver = Driver::new(self, around, Arc::clone(&shared))?;
        std::thread::spawn(move || driver.drive());
        Ok(LoadHandle { shared })
    }
}
