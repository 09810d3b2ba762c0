//! Sending: the agent's own thread drains the counters at each interval, makes chunks of them and hands
//! them to the host; the last drain is made when the VM ends. Draining and sending are one step under
//! one lock, so nothing is drained and then forgotten.

use std::sync::TryLockError;
use std::thread;
use std::time::{Duration, Instant};

use beehive_jvm::{Event, Jni, Loading, Value, process_cpu_ns, thread_cpu_ns};
use beehive_trace::{Chunk, Edge, OUTSIDE, RootStats, RunFacts, ThreadGroup};

use crate::agent::{Agent, lock};
use crate::channel::{Command, Sender};
use crate::cpu_samples::CpuSamples;
use crate::drained::{Drained, Totals};
use crate::error::AgentError;
use crate::muting::Muting;
use crate::note::{Note, parse_note};
use crate::timing::Timing;

/// Interval when the configuration names none, ms.
const DEFAULT_INTERVAL_MS: u64 = 1000;
/// How long the end of the VM waits for the agent thread to finish a sending.
const END_WAIT: Duration = Duration::from_secs(2);

/// What was sent so far, and to whom.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) sender: Sender,
    pub(crate) run: RunFacts,
    pub(crate) begin: Instant,
    pub(crate) totals: Totals,
    pub(crate) muting: Muting,
    pub(crate) timing: Timing,
    pub(crate) cpu_samples: CpuSamples,
    /// The sending at hand is the last.
    pub(crate) is_last: bool,
    /// Calls counted in the last interval, and the process's processor time at its end, ns.
    pub(crate) counted: Vec<Edge>,
    pub(crate) cpu_ns: u64,
}

impl Agent {
    /// Starts the thread that drains and listens.
    pub(crate) fn start_thread(&'static self, jni: &Jni<'_>) -> Result<(), AgentError> {
        let class = jni.find_class("java/lang/Thread")?;
        let constructor = jni.method(class, "<init>", "(Ljava/lang/String;)V")?;
        let name = jni.new_string("beehive agent")?;
        let thread = jni.new_object(&constructor, &[Value::Object(Some(name))])?;
        Ok(self.jvmti.run_agent_thread(thread, move |jni| self.run_thread(&jni))?)
    }

    fn run_thread(&'static self, jni: &Jni<'_>) {
        let Some(mut commands) = lock(&self.commands).take() else { return };
        let Some(java) = self.java.get() else { return };
        // A frame each: this thread never returns to Java, where references would be released.
        if self.loading == Loading::Attached {
            let _ = jni.with_frame(|jni| self.probe_loaded_classes(jni));
        }
        if java.probe.sample_cpu(jni).is_err() {
            lock(&self.pending).lose("cpu.not-sampled", 1);
        }
        let interval_ms = match self.config.interval_ms {
            0 => DEFAULT_INTERVAL_MS,
            chosen => chosen,
        };
        // The first sending tells the host that all probes are in place.
        let mut command = Command::Flush;
        while jni.with_frame(|jni| self.obey(jni, command)).unwrap_or(false) {
            command = commands.next(Duration::from_millis(interval_ms));
        }
    }

    /// Does what a command asks for; false when the agent is to end.
    fn obey(&self, jni: &Jni<'_>, command: Command) -> bool {
        match command {
            Command::Flush => {
                let mut recorder = lock(&self.recorder);
                let has_host = self.flush(jni, &mut recorder);
                self.adapt_probes(jni, &mut recorder);
                recorder.run.overhead.agent_thread_cpu_us = thread_cpu_ns() / 1000;
                drop(recorder);
                if !has_host {
                    self.undo(jni);
                }
                has_host
            }
            Command::Gone => {
                self.undo(jni);
                false
            }
            Command::Detach => {
                self.undo(jni);
                // The next agent has its own environment; this one's end of the VM is over.
                let _ = self.jvmti.set_event(Event::VmDeath, false);
                self.last_flush(jni, &mut lock(&self.recorder));
                false
            }
        }
    }

    /// The VM ends: the last drain. Waits for a sending under way, but not for ever.
    pub(crate) fn finish(&self, jni: &Jni<'_>) {
        let deadline = Instant::now() + END_WAIT;
        loop {
            match self.recorder.try_lock() {
                Ok(mut recorder) => return self.last_flush(jni, &mut recorder),
                Err(TryLockError::Poisoned(poisoned)) => {
                    return self.last_flush(jni, &mut poisoned.into_inner());
                }
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(1));
                }
                Err(TryLockError::WouldBlock) => return,
            }
        }
    }

    fn last_flush(&self, jni: &Jni<'_>, recorder: &mut Recorder) {
        recorder.sender.hurry();
        self.deep.read_last(jni);
        self.flush(jni, recorder);
        if let Some(java) = self.java.get() {
            // 0 says that it was not measured.
            recorder.run.overhead.probe_pair_ps = java.probe.calibrate(jni).unwrap_or(0);
        }
        recorder.is_last = true;
        self.flush(jni, recorder);
        recorder.sender.close();
    }

    /// Drains and sends; false if the host is gone.
    fn flush(&self, jni: &Jni<'_>, recorder: &mut Recorder) -> bool {
        let Some(java) = self.java.get() else { return true };
        let mut drained = java.probe.drain(jni).unwrap_or_else(|_| {
            lock(&self.pending).lose("drain.failed", 1);
            // Totals stay what they were.
            Drained { totals: recorder.totals, ..Drained::default() }
        });
        match java.probe.take_notes(jni) {
            Ok(notes) => self.take_notes(&notes),
            Err(_) => lock(&self.pending).lose("notes.failed", 1),
        }
        recorder.cpu_samples.keep(&drained);
        if recorder.is_last {
            recorder.cpu_samples.add_kept(&mut drained);
        }
        self.add_estimated(&mut drained, recorder);
        let (deep, unreadable) = self.deep.take_rows(jni);
        lock(&self.pending).lose("deep.sample-unreadable", unreadable);
        let mut chunks = self.chunks(drained, recorder);
        if !deep.is_empty() {
            chunks.push(Chunk::Deep(Box::new(deep)));
        }
        recorder.sender.send(&chunks).unwrap_or_else(|_| {
            lock(&self.pending).lose("channel.not-encoded", 1);
            true
        })
    }

    /// Gives clocks to methods called seldom, and takes probes out where counting costs too much, by
    /// what was sent last.
    fn adapt_probes(&self, jni: &Jni<'_>, recorder: &mut Recorder) {
        let cpu_ns = process_cpu_ns();
        let used_ns = cpu_ns.saturating_sub(std::mem::replace(&mut recorder.cpu_ns, cpu_ns));
        if self.deep.is_on() || !self.is_active() {
            return;
        }
        let counted = std::mem::take(&mut recorder.counted);
        let mut registry = lock(&self.registry);
        let timed = recorder.timing.decide(&counted, used_ns, &*registry);
        let mut classes = registry.time(&timed);
        if !self.config.exact {
            let muted = recorder.muting.decide(&counted, used_ns, &*registry);
            classes.extend(registry.mute(&muted));
        }
        drop(registry);
        if !classes.is_empty() {
            self.retransform_named(jni, &classes);
        }
    }

    /// Adds the calls of methods without probes to those counted, and tells how many they are.
    fn add_estimated(&self, drained: &mut Drained, recorder: &mut Recorder) {
        let counted: u64 = drained.edges.iter().map(|edge| edge.count).sum();
        recorder.run.overhead.probe_pairs += counted;
        let estimated = recorder.muting.estimate(&drained.edges);
        let registry = lock(&self.registry);
        for edge in &estimated {
            let reason = format!("probe.estimated {}", registry.label(edge.callee));
            lock(&self.pending).lose(reason, edge.count);
        }
        drop(registry);
        recorder.counted.clone_from(&drained.edges);
        drained.edges.extend(estimated);
    }

    fn take_notes(&self, notes: &[String]) {
        let mut pending = lock(&self.pending);
        for note in notes {
            match parse_note(note) {
                Some(Note::Thread(group)) => pending.started(group),
                Some(Note::Connection(connection)) => pending.connected(connection),
                None => pending.lose("notes.failed", 1),
            }
        }
    }

    /// The chunks of one sending. Rows come before what refers to them, and were made before it: they
    /// are taken after the drain.
    fn chunks(&self, drained: Drained, recorder: &mut Recorder) -> Vec<Chunk> {
        self.count_totals(&drained, recorder);
        let mut registry = lock(&self.registry);
        let roots: Vec<RootStats> = drained
            .roots
            .into_values()
            .map(|root| RootStats { kind: registry.root_kind(root.method), ..root })
            .collect();
        let mut pending = lock(&self.pending);
        let class_uses = std::mem::take(&mut pending.class_uses);
        let generated = std::mem::take(&mut pending.generated);
        let rows = registry.take_new();
        drop(registry);
        let mut chunks = vec![
            Chunk::Classes { first: rows.first_class, rows: rows.classes },
            Chunk::Methods { first: rows.first_method, rows: rows.methods },
            Chunk::Edges(drained.edges),
            Chunk::Roots(roots),
            Chunk::ClassUses(class_uses),
            Chunk::Threads(pending.take_threads()),
            Chunk::Monitors(pending.take_monitors()),
            Chunk::Connections(pending.take_connections()),
            Chunk::Generated(generated),
            Chunk::Losses(std::mem::take(&mut pending.losses)),
        ];
        chunks.retain(has_rows);
        let overhead = &mut recorder.run.overhead;
        overhead.class_hook_us = pending.hook_ns / 1000;
        overhead.classes_seen = pending.classes_seen;
        overhead.classes_rewritten = pending.classes_rewritten;
        overhead.methods_rewritten = pending.methods_rewritten;
        chunks.push(Chunk::Run(Box::new(recorder.run.clone())));
        chunks
    }

    /// Turns the probe class's totals into increments, and counts what the run facts count.
    fn count_totals(&self, drained: &Drained, recorder: &mut Recorder) {
        let (before, now) = (recorder.totals, drained.totals);
        recorder.totals = now;
        let mut pending = lock(&self.pending);
        let mut lose = |reason: &str, now: u64, before: u64| {
            pending.lose(reason, now.saturating_sub(before));
        };
        lose("probe.thread-without-place", now.owners_lost, before.owners_lost);
        lose("notes.dropped", now.notes_dropped, before.notes_dropped);
        lose("probe.unbalanced", now.unbalanced, before.unbalanced);
        for &(starter, started) in &drained.virtual_starts {
            pending.started(virtual_threads(starter, started));
        }
        drop(pending);
        let from_outside = drained.edges.iter().filter(|edge| edge.caller == OUTSIDE);
        recorder.run.entries += from_outside.map(|edge| edge.count).sum::<u64>();
        recorder.run.duration_ms = recorder.begin.elapsed().as_millis() as u64;
        recorder.run.cpu_us = process_cpu_ns() / 1000;
    }
}

fn virtual_threads(starter: u32, started: u64) -> ThreadGroup {
    ThreadGroup { name: "(virtual)".to_owned(), is_virtual: true, starter, started }
}

fn has_rows(chunk: &Chunk) -> bool {
    match chunk {
        Chunk::Classes { rows, .. } => !rows.is_empty(),
        Chunk::Methods { rows, .. } => !rows.is_empty(),
        Chunk::Edges(rows) => !rows.is_empty(),
        Chunk::Roots(rows) => !rows.is_empty(),
        Chunk::ClassUses(rows) => !rows.is_empty(),
        Chunk::Threads(rows) => !rows.is_empty(),
        Chunk::Monitors(rows) => !rows.is_empty(),
        Chunk::Connections(rows) => !rows.is_empty(),
        Chunk::Generated(rows) => !rows.is_empty(),
        Chunk::Losses(losses) => !losses.is_empty(),
        _ => true,
    }
}
