//! `Agent`: what lives as long as the JVM, and the JVM's events. Each event is short, takes one lock at
//! a time, and counts what it cannot do. The class hook decides what becomes of a class.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use beehive_classfile::{ClassView, LeftAlone, Tally};
use beehive_jvm::{ClassLoad, Event, Events, FrameMethod, Jni, Jvmti, Loading, Object, WeakRef};
use beehive_trace::{AgentConfig, Class, ClassKind, ClassUse, OUTSIDE, Origin};

use crate::channel::Commands;
use crate::class_row::{class_row, dotted_signature};
use crate::code_source::{CodeSource, CodeSources};
use crate::contention::{WaitKey, Waits, monitor_name};
use crate::deep::DeepSide;
use crate::error::AgentError;
use crate::lineage::{Inherited, Lineages};
use crate::pending::Pending;
use crate::probe_class::{PROBE, ProbeClass};
use crate::probes::{NewClass, Rewriting, UserClass, has_jdk_probes};
use crate::recorder::Recorder;
use crate::registry::Registry;
use crate::type_bytes::TypeBytes;

/// The agent of this JVM.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) jvmti: Jvmti,
    pub(crate) config: AgentConfig,
    pub(crate) loading: Loading,
    /// Whether classes get probes; false before the start and after the end.
    pub(crate) active: AtomicBool,
    pub(crate) java: OnceLock<JavaSide>,
    pub(crate) registry: Mutex<Registry>,
    pub(crate) pending: Mutex<Pending>,
    /// Classes with probes, by dotted name.
    pub(crate) probed: Mutex<Vec<(String, WeakRef)>>,
    pub(crate) waits: Mutex<Waits>,
    pub(crate) rewriting: Mutex<Rewriting>,
    pub(crate) recorder: Mutex<Recorder>,
    pub(crate) deep: DeepSide,
    /// Taken by the agent thread.
    pub(crate) commands: Mutex<Option<Commands>>,
}

/// What exists once Java code can run.
#[derive(Debug)]
pub(crate) struct JavaSide {
    pub(crate) probe: ProbeClass,
    pub(crate) sources: CodeSources,
    pub(crate) types: TypeBytes,
    pub(crate) lineages: Lineages,
}

/// Locks, also when another holder panicked: counters stay meaningful after that.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Events that are on while recording.
const RECORDED_EVENTS: [Event; 4] =
    [Event::ClassFileLoad, Event::ClassPrepare, Event::MonitorEnter, Event::MonitorEntered];

impl Agent {
    /// Defines the probe class and switches recording on. Java code can run.
    pub(crate) fn begin(&'static self, jni: &Jni<'_>) -> Result<(), AgentError> {
        let java = JavaSide {
            probe: ProbeClass::define(jni)?,
            sources: CodeSources::new(jni)?,
            types: TypeBytes::new(jni)?,
            lineages: Lineages::default(),
        };
        // A second VMInit cannot happen; the first value would stay.
        let _ = self.java.set(java);
        lock(&self.recorder).complete_facts(self.jvmti);
        self.deep.begin(jni, &self.config)?;
        self.active.store(true, Ordering::Release);
        self.set_events(true)?;
        self.probe_jdk_classes(jni);
        self.probe_early_classes(jni);
        if self.loading == Loading::AtStart {
            let done = jni.with_frame(|jni| self.probe_loaded_classes(jni));
            lock(&self.pending).lose("loaded.classes-unknown", u64::from(done.is_err()));
        }
        self.start_reading(jni)?;
        self.start_thread(jni)
    }

    pub(crate) fn set_events(&self, on: bool) -> Result<(), AgentError> {
        for event in RECORDED_EVENTS {
            self.jvmti.set_event(event, on)?;
        }
        Ok(())
    }

    /// Row of the innermost user method of the current thread.
    fn innermost(&self, jni: &Jni<'_>) -> u32 {
        let java = self.java.get();
        java.and_then(|java| java.probe.current(jni).ok()).unwrap_or(OUTSIDE)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }

    /// The class hook: new bytes for the class, if it gets probes.
    fn hook(&self, jni: &Jni<'_>, load: &ClassLoad<'_>) -> Result<Option<Vec<u8>>, AgentError> {
        let light = self.light_hook(jni, load)?;
        if !self.deep.is_on() {
            return Ok(light);
        }
        let name = String::from_utf8_lossy(load.name).replace('/', ".");
        let methods = lock(&self.registry).light_methods(&name);
        let bytes = light.as_deref().unwrap_or(load.bytes);
        let new = self.deep.class(load.bytes, bytes, &methods, &self.config)?;
        let mut pending = lock(&self.pending);
        for reason in new.left_alone {
            pending.lose(format!("deep.{}", reason.name()), 1);
        }
        if new.bytes.is_some() && light.is_none() {
            pending.classes_rewritten += 1;
        }
        pending.methods_rewritten += new.methods;
        Ok(new.bytes.or(light))
    }

    /// New bytes for the class, if it gets probes of the light run.
    fn light_hook(
        &self,
        jni: &Jni<'_>,
        load: &ClassLoad<'_>,
    ) -> Result<Option<Vec<u8>>, AgentError> {
        if load.loader.is_none() {
            if !has_jdk_probes(load.name) {
                return Ok(None);
            }
            let new = lock(&self.rewriting).jdk_class(load.bytes)?;
            if new.bytes.is_some() {
                let name = String::from_utf8_lossy(load.name).into_owned();
                lock(&self.pending).jdk_rewritten.insert(name);
            }
            return Ok(self.count_rewritten(new));
        }
        let Some(java) = self.java.get() else { return Ok(None) };
        let source = java.sources.of_domain(jni, self.jvmti, load.protection_domain);
        if source == CodeSource::Unknown {
            lock(&self.pending).lose("source.unknown", 1);
        }
        let source = match &source {
            CodeSource::Known(url) => url,
            CodeSource::Unknown => "",
        };
        let view = ClassView::parse(load.bytes)?;
        let mut row = class_row(&view, source, &self.config.run.split);
        if row.origin == Origin::Jdk {
            return Ok(None);
        }
        let inherited = if has_probes(&row) {
            self.inherited(jni, java, load, &view)
        } else {
            Inherited::default()
        };
        row.annotations.extend(inherited.class.iter().cloned());
        row.annotations.sort();
        row.annotations.dedup();
        self.user_or_framework_class(load, &row, &inherited)
    }

    fn user_or_framework_class(
        &self,
        load: &ClassLoad<'_>,
        row: &Class,
        inherited: &Inherited,
    ) -> Result<Option<Vec<u8>>, AgentError> {
        let mut registry = lock(&self.registry);
        let class_id = registry.class(row.clone());
        let is_first = load.redefined.is_none();
        if is_first && row.kind != ClassKind::Ordinary {
            lock(&self.pending).generated(class_id, load.bytes);
        }
        if !has_probes(row) {
            return Ok(None);
        }
        let is_new = !registry.has_probes(&row.name);
        let class = UserClass { row, id: class_id, inherited, named: &self.config.named_roots };
        let new = lock(&self.rewriting).user_class(load.bytes, class, &mut registry)?;
        drop(registry);
        Ok(if is_new { self.count_rewritten(new) } else { new.bytes })
    }

    /// What a user class has by its lineage.
    fn inherited(
        &self,
        jni: &Jni<'_>,
        java: &JavaSide,
        load: &ClassLoad<'_>,
        view: &ClassView<'_>,
    ) -> Inherited {
        let Some(loader) = load.loader else { return Inherited::default() };
        let mut can_ask = None;
        let inherited = java.lineages.of(view, &mut |name| {
            let ask = *can_ask.get_or_insert_with(|| !self.is_users(jni, java, loader));
            if ask { java.types.read(jni, loader, name) } else { None }
        });
        lock(&self.pending).lose("roots.supertype-unread", inherited.unread);
        inherited
    }

    /// Whether a class loader is one that the user wrote.
    fn is_users(&self, jni: &Jni<'_>, java: &JavaSide, loader: Object<'_>) -> bool {
        let Some(class) = jni.class_of(loader) else { return true };
        let Ok(signature) = self.jvmti.class_signature(class) else { return true };
        let CodeSource::Known(source) = java.sources.of_class(jni, self.jvmti, class) else {
            return true;
        };
        let name = dotted_signature(&signature);
        self.config.run.split.origin(&name, &source) == Origin::User
    }

    fn count_rewritten(&self, new: NewClass) -> Option<Vec<u8>> {
        let mut pending = lock(&self.pending);
        pending.classes_rewritten += u64::from(new.bytes.is_some());
        pending.methods_rewritten += new.tally.methods_changed;
        for (reason, count) in left_alone(&new.tally) {
            pending.lose(reason, count);
        }
        new.bytes
    }

    /// Row of the user method that waited. A synchronized method waits before its entry probe, so the
    /// frame is asked first.
    fn waiting_method(&self, jni: &Jni<'_>, frame: Option<&FrameMethod>) -> u32 {
        let in_frame = frame.and_then(|frame| {
            let class = dotted_signature(&frame.class);
            lock(&self.registry).find_method(&class, &frame.name, &frame.descriptor)
        });
        in_frame.unwrap_or_else(|| self.innermost(jni))
    }

    fn wait_key(&self, thread: Object<'_>, monitor: Object<'_>) -> Option<WaitKey> {
        let thread = self.jvmti.object_hash(thread).ok()?;
        Some(WaitKey { thread, monitor: self.jvmti.object_hash(monitor).ok()? })
    }

    fn monitor_class(&self, jni: &Jni<'_>, monitor: Object<'_>) -> Option<String> {
        let class = jni.class_of(monitor)?;
        Some(dotted_signature(&self.jvmti.class_signature(class).ok()?))
    }
}

/// Whether a class gets probes: it is the user's, and no proxy, which repeats the methods of what it
/// stands for.
fn has_probes(row: &Class) -> bool {
    row.origin == Origin::User && matches!(row.kind, ClassKind::Ordinary | ClassKind::Generated)
}

/// Losses in the tally of one class.
fn left_alone(tally: &Tally) -> impl Iterator<Item = (String, u64)> {
    let methods = LeftAlone::ALL
        .into_iter()
        .map(|reason| (format!("rewrite.{}", reason.name()), tally.left_alone(reason)));
    methods.chain([("rewrite.handler-omitted".to_owned(), tally.handlers_omitted)])
}

impl Events for Agent {
    fn vm_init(&'static self, jni: Jni<'_>) {
        if let Err(error) = self.begin(&jni) {
            self.give_up(&error);
        }
    }

    fn vm_death(&'static self, jni: Jni<'_>) {
        self.finish(&jni);
    }

    fn class_file_load(&self, jni: Jni<'_>, load: &ClassLoad<'_>) -> Option<Vec<u8>> {
        if !self.is_active() {
            return None;
        }
        let start = Instant::now();
        let new = self.hook(&jni, load);
        let mut pending = lock(&self.pending);
        pending.classes_seen += 1;
        pending.hook_ns += start.elapsed().as_nanos() as u64;
        new.unwrap_or_else(|error| {
            let reason = match error {
                AgentError::Probes(_) => "hook.malformed-class",
                _ => "hook.failed",
            };
            pending.lose(reason, 1);
            None
        })
    }

    fn class_prepare(&self, jni: Jni<'_>, class: Object<'_>) {
        self.deep.prepared(&jni, class);
        let Ok(signature) = self.jvmti.class_signature(class) else { return };
        let name = dotted_signature(&signature);
        let registry = lock(&self.registry);
        let Some(id) = registry.last_class(&name) else { return };
        let has_probes = registry.has_probes(&name);
        drop(registry);
        if has_probes {
            self.remember_probed(&jni, class, name);
        }
        let method = self.innermost(&jni);
        lock(&self.pending).class_uses.push(ClassUse { class: id, method });
    }

    fn monitor_enter(&self, _jni: Jni<'_>, thread: Object<'_>, monitor: Object<'_>) {
        if let Some(wait) = self.wait_key(thread, monitor) {
            lock(&self.waits).begin(wait);
        }
    }

    fn monitor_entered(&self, jni: Jni<'_>, thread: Object<'_>, monitor: Object<'_>) {
        let Some(class_name) = self.monitor_class(&jni, monitor) else { return };
        let waited_ns = self.wait_key(thread, monitor).and_then(|key| lock(&self.waits).end(key));
        // The probe class's own lock is none of the application's.
        if class_name.replace('.', "/") == PROBE {
            return;
        }
        let Some(waited_ns) = waited_ns else {
            return lock(&self.pending).lose("monitor.unmatched", 1);
        };
        let frame = self.jvmti.innermost_frame(&jni).ok();
        let method = self.waiting_method(&jni, frame.as_ref());
        let name = monitor_name(class_name, jni.is_empty_ints(monitor), frame.as_ref());
        lock(&self.pending).blocked(name, method, waited_ns);
    }

    fn panicked(&self, event: Event) {
        lock(&self.pending).lose(format!("hook.panicked-{event:?}"), 1);
        // One that panicked would do so again: off with it. The application goes on without.
        if RECORDED_EVENTS.contains(&event) {
            let _ = self.jvmti.set_event(event, false);
        }
    }
}
