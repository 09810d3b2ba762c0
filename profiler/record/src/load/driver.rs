//! Drives one load through its parts: ready, setup, warm-up, recorded part. Sleeps on a plain thread,
//! whose timer is finer than the runtime's, and sends on the runtime.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::exchange::{Answer, Client, Tally};
use super::schedule::Picks;
use super::{Load, LoadEvent, LoadResult, Shared, Surroundings};
use crate::error::RecordError;
use crate::host::listening_ports;

/// Time an answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// After that long without an answer a person is told where the application listens.
const READY_HINT: Duration = Duration::from_secs(20);
/// Time between two tries of a setup request.
const SETUP_PAUSE: Duration = Duration::from_millis(500);
/// Longest sleep between two looks at whether the run is over.
const NAP: Duration = Duration::from_millis(50);

/// A load being driven, on a thread of its own.
pub(super) struct Driver {
    load: Load,
    around: Surroundings,
    runtime: Runtime,
    client: Client,
    shared: Arc<Shared>,
}

impl Driver {
    /// A driver with a runtime of its own: one thread, so that the application keeps the processors.
    pub(super) fn new(
        load: Load,
        around: Surroundings,
        shared: Arc<Shared>,
    ) -> Result<Self, RecordError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("beehive-load")
            .enable_all()
            .build()
            .map_err(RecordError::system("start the load driver"))?;
        Ok(Self { load, around, runtime, client: Client::new(ANSWER_TIME), shared })
    }

    /// Drives the load to its end and tells it.
    pub(super) fn drive(mut self) {
        let event = match self.run() {
            Ok(result) => LoadEvent::Finished(result),
            Err(error) => LoadEvent::Failed(error),
        };
        // Answers still under way are of no more interest.
        self.runtime.shutdown_background();
        (self.around.emit)(event);
    }

    fn run(&mut self) -> Result<LoadResult, RecordError> {
        self.wait_until_ready()?;
        self.send_setup()?;
        let mut picks = Picks::new(&self.weights(), self.load.spec.seed);
        let warmup = self.load.spec.warmup;
        if !warmup.is_zero() && !self.is_abandoned() {
            (self.around.emit)(LoadEvent::WarmingUp { length: warmup });
            self.send_for(Some(warmup), &mut picks, None);
            self.wait_for_answers(ANSWER_TIME);
            self.around.subject.begin_counting();
        }
        if self.is_abandoned() {
            return Ok(LoadResult::default());
        }
        (self.around.emit)(LoadEvent::Recording);
        let (began, cpu_before) = (Instant::now(), self.around.subject.cpu_us());
        let tally = Arc::new(Tally::default());
        self.send_for(self.around.length, &mut picks, Some(&tally));
        let duration = began.elapsed();
        self.wait_for_answers(ANSWER_TIME);
        let cpu_us = self.around.subject.cpu_us().saturating_sub(cpu_before);
        let mut traffic = tally.take();
        traffic.duration_ms = duration.as_millis() as u64;
        traffic.cpu_us = cpu_us;
        Ok(LoadResult { traffic, losses: self.losses() })
    }

    fn weights(&self) -> Vec<u32> {
        self.load.requests.iter().map(|request| request.weight).collect()
    }

    fn is_abandoned(&self) -> bool {
        self.shared.is_abandoned.load(Relaxed)
    }

    /// Asks `OPTIONS *`, which servers answer without calling the application, until any answer comes.
    fn wait_until_ready(&self) -> Result<(), RecordError> {
        let began = Instant::now();
        let mut has_hinted = false;
        let target = self.load.target.clone();
        while !self.is_abandoned() {
            if self.runtime.block_on(self.client.is_answering(&target)) {
                (self.around.emit)(LoadEvent::Ready { after: self.around.started.elapsed() });
                return Ok(());
            }
            let waited = began.elapsed();
            let listening = || {
                let pids = self.around.subject.pids();
                pids.into_iter().map(listening_ports).find(|p| !p.is_empty()).unwrap_or_default()
            };
            if waited >= self.load.spec.ready_time {
                return Err(RecordError::NeverReady { target, waited, listening: listening() });
            }
            if waited >= READY_HINT && !has_hinted {
                has_hinted = true;
                let target = target.clone();
                (self.around.emit)(LoadEvent::Waiting { target, listening: listening() });
            }
            std::thread::sleep(NAP);
        }
        Ok(())
    }

    /// Sends the setup requests in order; each gets the cookies of those before. One that fails is
    /// sent again for a while: many applications answer before they have filled their database.
    fn send_setup(&mut self) -> Result<(), RecordError> {
        let until = Instant::now() + self.load.spec.setup_time;
        for request in self.load.requests.iter().filter(|request| request.is_setup) {
            while !self.is_abandoned() {
                let (answer, cookies) =
                    self.runtime.block_on(self.client.send_for_cookies(request));
                let reason = match answer {
                    Answer::Status(status) if status < 400 => {
                        self.client.keep_cookies(cookies);
                        break;
                    }
                    Answer::Status(status) => format!("status {status}"),
                    Answer::Failure(reason) => reason.to_owned(),
                };
                if Instant::now() >= until {
                    return Err(RecordError::Setup { name: request.name.clone(), reason });
                }
                std::thread::sleep(SETUP_PAUSE);
            }
        }
        self.client.freeze(&self.load.requests);
        Ok(())
    }

    /// Sends requests at their intended times; counts them in `tally` if they are recorded.
    fn send_for(&self, length: Option<Duration>, picks: &mut Picks, tally: Option<&Arc<Tally>>) {
        let began = Instant::now();
        let rate = self.load.spec.rate;
        for index in 0.. {
            let due = rate.time_of(index);
            if length.is_some_and(|length| due >= length) {
                self.sleep_until(began + length.unwrap_or_default());
                return;
            }
            let intended = began + due;
            if !self.sleep_until(intended) {
                return;
            }
            self.send(picks.pick(), intended, tally);
        }
    }

    /// `false` if the load was abandoned meanwhile.
    fn sleep_until(&self, when: Instant) -> bool {
        while !self.is_abandoned() {
            let left = when.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(NAP));
        }
        false
    }

    fn send(&self, index: usize, intended: Instant, tally: Option<&Arc<Tally>>) {
        let shared = &self.shared;
        if shared.in_flight.load(Relaxed) >= self.load.spec.in_flight_max {
            if tally.is_some() {
                shared.dropped.fetch_add(1, Relaxed);
            }
            return;
        }
        let Some(exchange) = self.client.exchange(index) else { return };
        shared.in_flight.fetch_add(1, Relaxed);
        let (shared, tally) = (Arc::clone(shared), tally.cloned());
        self.runtime.spawn(async move {
            let answer = exchange.await;
            let latency = intended.elapsed();
            if let Some(tally) = tally {
                shared.sent.fetch_add(1, Relaxed);
                shared.failed.fetch_add(u64::from(!answer.is_ok()), Relaxed);
                tally.count(&answer, latency);
            }
            shared.in_flight.fetch_sub(1, Relaxed);
        });
    }

    fn wait_for_answers(&self, longest: Duration) {
        let until = Instant::now() + longest;
        while self.shared.in_flight.load(Relaxed) > 0 && Instant::now() < until {
            if self.is_abandoned() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn losses(&self) -> BTreeMap<String, u64> {
        let Shared { in_flight, dropped, .. } = self.shared.as_ref();
        let losses = [
            ("load.dropped_in_flight_limit", dropped.load(Relaxed)),
            ("load.abandoned_at_end", in_flight.load(Relaxed)),
        ];
        losses.into_iter().filter(|(_, n)| *n > 0).map(|(r, n)| (r.to_owned(), n)).collect()
    }
}
