//! The agent's side of a deep run: rewrites classes in the hook, reads complete samples on a thread of
//! its own, and keeps their rows until the next sending. One lock for the rewriter and what it has
//! learned, one for the rows; no Java code runs under either.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use beehive_jvm::{Jni, Object, Value};
use beehive_trace::{AgentConfig, Deep, DeepRoot};

use super::class_names::ClassName;
use super::packed::Packed;
use super::probe_classes::{ProbeClasses, RawSample, SUMS};
use super::rewriting::{DeepClass, DeepRewriting, LightMethod};
use super::rows::{Sample, rows_of};
use crate::agent::{Agent, lock};
use crate::error::AgentError;

/// How long the reading thread waits for a sample before it looks for one that does not end, ms.
const WAIT_MS: i64 = 50;
/// Rows after which those of equal key are added up.
const ROWS_MAX: usize = 1 << 16;

/// What a deep run needs from the start.
#[derive(Debug)]
pub(crate) struct DeepState {
    rewriting: Mutex<DeepRewriting>,
    kept: Mutex<Kept>,
    /// Held by whoever reads a sample: the reading thread, or the end of the VM.
    reading: Mutex<()>,
    java: OnceLock<ProbeClasses>,
    /// The VM ends: the reading thread stops.
    is_ending: AtomicBool,
}

/// Rows not sent yet.
#[derive(Debug, Default)]
struct Kept {
    rows: Deep,
    /// Rows since they were added up.
    added: usize,
    /// Sums of skipped, aborted and nested entries that were sent.
    sent_sums: Vec<i64>,
    unreadable: u64,
}

/// The deep run of an agent; nothing in a light one.
#[derive(Debug, Default)]
pub(crate) struct DeepSide(Option<DeepState>);

impl DeepSide {
    /// Prepares a deep run if the configuration asks for one.
    pub(crate) fn new(config: &AgentConfig) -> Result<Self, AgentError> {
        if config.deep.is_none() {
            return Ok(Self(None));
        }
        let rewriting = Mutex::new(DeepRewriting::new(config)?);
        Ok(Self(Some(DeepState {
            rewriting,
            kept: Mutex::default(),
            reading: Mutex::default(),
            java: OnceLock::new(),
            is_ending: AtomicBool::new(false),
        })))
    }

    /// Whether this is a deep run.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Defines the probe classes, before any class gets probes.
    pub(crate) fn begin(&self, jni: &Jni<'_>, config: &AgentConfig) -> Result<(), AgentError> {
        if let (Some(state), Some(config)) = (&self.0, &config.deep) {
            // A second VMInit cannot happen; the first value would stay.
            let _ = state.java.set(ProbeClasses::define(jni, config)?);
        }
        Ok(())
    }

    /// Puts probes into a class: `bytes` are those of the light run, `original` those that came.
    pub(crate) fn class(
        &self,
        original: &[u8],
        bytes: &[u8],
        methods: &[LightMethod],
        config: &AgentConfig,
    ) -> Result<DeepClass, AgentError> {
        let Some(state) = self.0.as_ref().filter(|state| state.java.get().is_some()) else {
            return Ok(DeepClass::default());
        };
        let mut rewriting = lock(&state.rewriting);
        rewriting.learn(original);
        rewriting.class(bytes, methods, config)
    }

    /// A class was prepared on the current thread.
    pub(crate) fn prepared(&self, jni: &Jni<'_>, class: Object<'_>) {
        if let Some(java) = self.0.as_ref().and_then(|state| state.java.get()) {
            // A class that is not noted makes a sample look warm; nothing else.
            let _ = java.prepared(jni, class);
        }
    }

    /// Rows since the last call, and samples that could not be read.
    pub(crate) fn take_rows(&self, jni: &Jni<'_>) -> (Deep, u64) {
        let Some(state) = &self.0 else { return (Deep::default(), 0) };
        let roots = state.new_root_sums(jni);
        let mut kept = lock(&state.kept);
        kept.rows.roots.extend(roots);
        kept.rows.sum_up();
        kept.added = 0;
        (std::mem::take(&mut kept.rows), std::mem::take(&mut kept.unreadable))
    }

    /// Reads a sample that is complete already, at the end of the VM.
    pub(crate) fn read_last(&self, jni: &Jni<'_>) {
        if let Some(state) = &self.0 {
            state.is_ending.store(true, Ordering::Release);
            state.read(jni, 0);
        }
    }
}

impl DeepState {
    /// Waits for a sample and keeps its rows.
    fn read(&self, jni: &Jni<'_>, wait_ms: i64) {
        let Some(java) = self.java.get() else { return };
        let _reading = lock(&self.reading);
        match java.take(jni, wait_ms) {
            Ok(Some(sample)) => self.keep(sample),
            Ok(None) => {}
            Err(_) => lock(&self.kept).unreadable += 1,
        }
    }

    fn keep(&self, raw: RawSample) {
        let rows = Packed::read(&raw.longs).and_then(|packed| {
            let classes: Vec<ClassName> = raw.classes.into_iter().map(ClassName::new).collect();
            let rewriting = lock(&self.rewriting);
            let (shapes, references) = (&rewriting.shapes, &rewriting.references);
            let notes = &raw.notes;
            rows_of(&Sample { packed: &packed, classes: &classes, notes, shapes, references })
        });
        let mut kept = lock(&self.kept);
        let Some(rows) = rows else {
            kept.unreadable += 1;
            return;
        };
        kept.added += rows.fields.len() + rows.objects.len() + rows.natives.len();
        kept.rows.add_invocation(rows);
        if kept.added > ROWS_MAX {
            kept.rows.sum_up();
            kept.added = 0;
        }
    }

    /// Skipped, aborted and nested entries since the last call.
    fn new_root_sums(&self, jni: &Jni<'_>) -> Vec<DeepRoot> {
        let Some(java) = self.java.get() else { return Vec::new() };
        let methods: Vec<u32> = {
            let rewriting = lock(&self.rewriting);
            let roots = &rewriting.references.roots;
            (0..roots.len() as u32).filter_map(|root| roots.get(root)).collect()
        };
        let Ok(sums) = java.root_sums(jni, methods.len()) else { return Vec::new() };
        let mut kept = lock(&self.kept);
        kept.sent_sums.resize(sums.len(), 0);
        let before = std::mem::replace(&mut kept.sent_sums, sums.clone());
        let new: Vec<u64> =
            sums.iter().zip(&before).map(|(now, then)| (now - then).max(0) as u64).collect();
        let rows = methods.into_iter().zip(new.chunks_exact(SUMS)).filter_map(|(root, sums)| {
            let &[skipped, aborted, nested] = sums else { return None };
            let row = DeepRoot { root, skipped, aborted, nested, ..DeepRoot::default() };
            Some(row)
        });
        rows.collect()
    }
}

impl Agent {
    /// Starts the thread that reads samples.
    pub(crate) fn start_reading(&'static self, jni: &Jni<'_>) -> Result<(), AgentError> {
        let Some(state) = &self.deep.0 else { return Ok(()) };
        let class = jni.find_class("java/lang/Thread")?;
        let constructor = jni.method(class, "<init>", "(Ljava/lang/String;)V")?;
        let name = jni.new_string("beehive samples")?;
        let thread = jni.new_object(&constructor, &[Value::Object(Some(name))])?;
        Ok(self.jvmti.run_agent_thread(thread, move |jni| {
            // A frame each: this thread never returns to Java, where references would be released.
            let goes_on = || self.is_active() && !state.is_ending.load(Ordering::Acquire);
            while goes_on() && jni.with_frame(|jni| state.read(jni, WAIT_MS)).is_ok() {}
        })?)
    }
}
