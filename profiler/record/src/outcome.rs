//! What became of a run: completes the facts, folds the recordings into one canonical trace, writes
//! it, and only then removes the recordings.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use beehive_trace::{Ending, Trace, TraceError, Traffic, merge, write_trace_file};

use crate::error::RecordError;
use crate::link::Link;
use crate::progress::{Phase, Progress};
use crate::recording::{Recording, fold};
use crate::spec::{ProfileSpec, ProfileSummary};

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndedBy {
    /// The application ended by itself.
    Application,
    /// beehive ended the application.
    Beehive,
    /// The agent left the JVM attached to.
    Detaching,
    /// The JVM attached to ended, nobody knows how.
    Vanishing,
}

/// What the run's loop found out.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) started: Instant,
    pub(crate) recording_began: Option<Instant>,
    pub(crate) recording_ended: Option<Instant>,
    /// How the child ended.
    pub(crate) status: Option<ExitStatus>,
    /// Processor time of the child and its waited-for children, µs.
    pub(crate) cpu_us: Option<u64>,
    pub(crate) ended_by: EndedBy,
    /// The agent stopped recording while the application ran on.
    pub(crate) has_agent_left_early: bool,
    pub(crate) ready_ms: u64,
    pub(crate) traffic: Traffic,
    pub(crate) load_losses: BTreeMap<String, u64>,
    pub(crate) error: Option<RecordError>,
}

impl Outcome {
    /// Nothing is known yet.
    pub(crate) fn begun(started: Instant) -> Self {
        Self {
            started,
            recording_began: None,
            recording_ended: None,
            status: None,
            cpu_us: None,
            ended_by: EndedBy::Application,
            has_agent_left_early: false,
            ready_ms: 0,
            traffic: Traffic::default(),
            load_losses: BTreeMap::new(),
            error: None,
        }
    }

    fn ending(&self) -> Ending {
        match self.ended_by {
            EndedBy::Beehive => return Ending::Stopped,
            EndedBy::Detaching => return Ending::Detached,
            EndedBy::Vanishing => return Ending::Unknown,
            EndedBy::Application => {}
        }
        match self.status.map(|status| (status.code(), status.signal())) {
            Some((Some(code), _)) => Ending::Exit(code),
            Some((None, Some(signal))) => Ending::Signal(signal),
            _ => Ending::Unknown,
        }
    }

    /// Why nothing was recorded.
    fn nothing_recorded(self) -> RecordError {
        let after = self.recording_ended.unwrap_or_else(Instant::now) - self.started;
        match (self.error, self.status) {
            (Some(error), _) => error,
            (None, _) if self.ended_by == EndedBy::Beehive => RecordError::Interrupted,
            (None, Some(status)) => {
                RecordError::EndedBeforeAgent { status: status_text(status), after }
            }
            (None, None) => RecordError::AgentSilent { waited: after },
        }
    }
}

fn status_text(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        _ => status.to_string(),
    }
}

/// Status to pass on for an ending.
fn status_of(ending: &Ending) -> u8 {
    match ending {
        Ending::Exit(code) => *code as u8,
        Ending::Signal(signal) => 128u8.wrapping_add(*signal as u8),
        _ => 0,
    }
}

/// Makes and writes the trace.
///
/// # Errors
/// Why nothing was recorded, or why it cannot be written; then the recordings are kept. Failures of
/// the load come after the trace has been written.
pub(crate) fn conclude(
    spec: &ProfileSpec,
    progress: &dyn Progress,
    outcome: Outcome,
    recordings: Vec<(Link, Recording)>,
) -> Result<ProfileSummary, RecordError> {
    if recordings.is_empty() {
        return Err(outcome.nothing_recorded());
    }
    progress.phase(&Phase::Writing);
    let trace = trace_of(&outcome, &recordings, progress)?;
    write_trace_file(&spec.output, &trace).map_err(|e| unwritable(spec, e))?;
    for (_, recording) in recordings {
        recording.remove();
    }
    let summary = summary(spec, &outcome, trace);
    match outcome.error {
        Some(error) => Err(error),
        None => Ok(summary),
    }
}

fn unwritable(spec: &ProfileSpec, error: TraceError) -> RecordError {
    match error {
        TraceError::Io { path, source, .. } => RecordError::Output { path, source },
        other => RecordError::Recording { path: spec.output.clone(), source: other },
    }
}

/// One trace of all JVMs that have run user code; of the first one if none has.
fn trace_of(
    outcome: &Outcome,
    recordings: &[(Link, Recording)],
    progress: &dyn Progress,
) -> Result<Trace, RecordError> {
    let mut traces = Vec::new();
    for (index, (link, recording)) in recordings.iter().enumerate() {
        let mut trace = fold(recording.path(), link.counters.counted_from.load(Relaxed))?;
        complete(&mut trace, outcome, link, index);
        note_damage(&mut trace, link, recording, progress);
        traces.push(trace);
    }
    let has_user_code = |trace: &Trace| !trace.methods.is_empty();
    if traces.iter().any(has_user_code) {
        traces.retain(has_user_code);
    } else {
        traces.truncate(1);
    }
    let first = recordings.first().map(|(_, r)| r.path().to_owned()).unwrap_or_default();
    let mut trace = match traces.pop() {
        Some(only) if traces.is_empty() => only,
        last => {
            traces.extend(last);
            merge(&traces).map_err(|source| RecordError::Recording { path: first, source })?
        }
    };
    trace.traffic = outcome.traffic.clone();
    add_loss(&mut trace, "agent.left_early", u64::from(outcome.has_agent_left_early));
    for (reason, count) in &outcome.load_losses {
        add_loss(&mut trace, reason, *count);
    }
    Ok(trace)
}

/// Fills in what only the host knows.
fn complete(trace: &mut Trace, outcome: &Outcome, link: &Link, index: usize) {
    let ended = outcome.recording_ended.unwrap_or_else(Instant::now);
    let length = ended.saturating_duration_since(outcome.recording_began.unwrap_or(ended));
    let sampled = link.counters.cpu_us.load(Relaxed);
    for run in &mut trace.runs {
        run.ending = outcome.ending();
        run.duration_ms = length.as_millis() as u64;
        run.ready_ms = outcome.ready_ms;
        // A script's child has others beside the JVM; then the JVM's own time is the better one.
        run.cpu_us =
            outcome.cpu_us.filter(|total| index == 0 && *total > sampled).unwrap_or(sampled);
        if index > 0 {
            run.id = format!("{}-{:x}", run.id, link.pid);
        }
        if run.jdk_build.is_empty() {
            run.jdk_build.clone_from(&link.hello.jdk_build);
        }
    }
}

fn note_damage(trace: &mut Trace, link: &Link, recording: &Recording, progress: &dyn Progress) {
    if let Some(error) = recording.failure() {
        let path = recording.path().display();
        progress.warning(&format!("{path} could not be written to its end ({error})"));
        add_loss(trace, "recording.write_failed", 1);
    }
    add_loss(trace, "channel.bad_frame", link.counters.bad_frames.load(Relaxed));
}

fn add_loss(trace: &mut Trace, reason: &str, count: u64) {
    if count > 0 {
        *trace.losses.entry(reason.to_owned()).or_default() += count;
    }
}

fn summary(spec: &ProfileSpec, outcome: &Outcome, trace: Trace) -> ProfileSummary {
    let ending = outcome.ending();
    ProfileSummary {
        output_bytes: spec.output.metadata().map(|m| m.len()).unwrap_or_default(),
        output: spec.output.clone(),
        status: status_of(&ending),
        ending,
        methods: trace.methods.len(),
        classes: trace.classes.len(),
        entries: trace.runs.iter().map(|run| run.entries).sum(),
        calls: trace.edges.iter().map(|edge| edge.count).sum(),
        timed_methods: trace.roots.len(),
        sampled: spec.deep.as_ref().map(|_| trace.deep.roots.iter().map(|root| root.sampled).sum()),
        runs: trace.runs,
        traffic: trace.traffic,
        losses: trace.losses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_applications_status_is_passed_on_and_beehives_ending_is_none() {
        let mut outcome = Outcome::begun(Instant::now());
        for (raw, ending, status) in
            [(3 << 8, Ending::Exit(3), 3), (9, Ending::Signal(9), 137), (0, Ending::Exit(0), 0)]
        {
            outcome.status = Some(ExitStatus::from_raw(raw));
            assert_eq!(outcome.ending(), ending);
            assert_eq!(status_of(&outcome.ending()), status);
        }
        outcome.ended_by = EndedBy::Beehive;
        assert_eq!((outcome.ending(), status_of(&outcome.ending())), (Ending::Stopped, 0));
    }
}
