//! Classes that are loaded already: probes put into them at an attach or when an AOT cache brought them
//! before the start, taken out of them at the end.
//! Retransformation costs about 10 ms a class and stops the application meanwhile, so it is done in
//! small batches and for as few classes as possible.

use beehive_jvm::{GlobalRef, Jni, JvmError, Object, WeakRef};
use beehive_trace::{Class, ClassKind, Origin};
use std::collections::HashSet;
use std::sync::atomic::Ordering;

use crate::agent::{Agent, JavaSide, lock};
use crate::class_kind::class_kind;
use crate::class_row::{dotted_signature, origin};
use crate::code_source::CodeSource;
use crate::probes::jdk_classes;

/// Classes retransformed in one pause.
const BATCH: usize = 8;

impl Agent {
    /// Puts probes into the few JDK classes that get some. Loading them here sends them through the
    /// hook; those that were loaded before it was on are sent through it again.
    pub(crate) fn probe_jdk_classes(&self, jni: &Jni<'_>) {
        for name in jdk_classes() {
            // This JDK may have no such class.
            let Ok(class) = jni.find_class(name) else { continue };
            let done = lock(&self.pending).jdk_rewritten.contains(name);
            if !done {
                self.retransform(&[class]);
            }
        }
    }

    /// A deep run: sends the classes that were loaded before the hook was on through it. The JVM has
    /// just started, so this is the only moment when it is quick, and one pause is quicker than many.
    pub(crate) fn probe_early_classes(&self, jni: &Jni<'_>) {
        if !self.deep.is_on() {
            return;
        }
        let early = jni.with_frame(|jni| {
            let loaded = self.jvmti.loaded_classes(jni)?;
            let changed = loaded.into_iter().filter(|class| self.is_early(*class));
            // Global, so that the frame is empty again while the hook runs: these classes stay.
            changed.map(|class| jni.global(class)).collect::<Result<Vec<GlobalRef>, JvmError>>()
        });
        let Ok(Ok(early)) = early else {
            return lock(&self.pending).lose("deep.early-classes", 1);
        };
        let early: Vec<Object<'_>> = early.iter().map(|class| class.object(jni)).collect();
        // Those loaded but not linked yet are linked by it: they are the JDK's own and can be.
        self.retransform(&early);
    }

    /// Whether a class loaded before the hook was on can get probes.
    fn is_early(&self, class: Object<'_>) -> bool {
        let signature = self.jvmti.class_signature(class);
        signature.is_ok_and(|signature| signature.starts_with('L') && signature.ends_with(';'))
            && self.jvmti.is_modifiable(class).unwrap_or(false)
    }

    /// The application's classes that were loaded before the hook was on: all of them at an attach, at
    /// the start those of an AOT cache or of another agent. Puts probes into the user's, and makes rows
    /// of the others.
    pub(crate) fn probe_loaded_classes(&self, jni: &Jni<'_>) {
        let Some(java) = self.java.get() else { return };
        let Ok(loaded) = self.jvmti.loaded_classes(jni) else {
            return lock(&self.pending).lose("loaded.classes-unknown", 1);
        };
        for class in loaded {
            let Ok(signature) = self.jvmti.class_signature(class) else { continue };
            // Each class in a frame of its own: there are tens of thousands.
            let is_user = jni.with_frame(|jni| self.register_loaded(jni, java, class, &signature));
            if is_user.unwrap_or(false) && self.jvmti.is_prepared(class).unwrap_or(false) {
                self.remember_probed(jni, class, dotted_signature(&signature));
            }
        }
        // A deep run has sent all early classes through the hook.
        if !self.deep.is_on() {
            self.retransform_probed(jni, |_| true);
        }
    }

    /// Makes a row of a loaded class; true if it is to get probes.
    fn register_loaded(
        &self,
        jni: &Jni<'_>,
        java: &JavaSide,
        class: Object<'_>,
        signature: &str,
    ) -> bool {
        let is_modifiable = self.jvmti.is_modifiable(class).unwrap_or(false);
        if signature.starts_with('[') || !signature.ends_with(';') || !is_modifiable {
            return false;
        }
        // The boot loader's are the JDK's.
        if matches!(self.jvmti.class_loader(jni, class), Ok(None)) {
            return false;
        }
        let CodeSource::Known(source) = java.sources.of_class(jni, self.jvmti, class) else {
            lock(&self.pending).lose("source.unknown", 1);
            return false;
        };
        let name = dotted_signature(signature);
        let parent = jni.superclass(class).and_then(|class| self.jvmti.class_signature(class).ok());
        let super_name = parent.map(|signature| dotted_signature(&signature)).unwrap_or_default();
        let kind = class_kind(&name, &super_name, !source.is_empty());
        let origin = origin(&self.config.run.split, &name, &source, kind);
        if origin == Origin::Jdk {
            return false;
        }
        if origin == Origin::User && matches!(kind, ClassKind::Ordinary | ClassKind::Generated) {
            // The hook makes the whole row, with annotations.
            return true;
        }
        let interfaces = self.jvmti.interfaces(jni, class).unwrap_or_default();
        let interfaces = interfaces.iter().filter_map(|i| self.jvmti.class_signature(*i).ok());
        let interfaces = interfaces.map(|signature| dotted_signature(&signature)).collect();
        let source = source.to_string();
        let row = Class { name, source, origin, kind, super_name, interfaces, annotations: vec![] };
        lock(&self.registry).class(row);
        false
    }

    /// Takes all probes out again. Frames that run one keep it until they return.
    pub(crate) fn undo(&self, jni: &Jni<'_>) {
        self.active.store(false, Ordering::Release);
        // What cannot be switched off sees that the agent is not active.
        let _ = self.set_events(false);
        self.retransform_probed(jni, |_| true);
        for name in jdk_classes() {
            if let Ok(class) = jni.find_class(name) {
                self.retransform(&[class]);
            }
        }
    }

    /// Keeps a class with probes, weakly, to transform it again later.
    pub(crate) fn remember_probed(&self, jni: &Jni<'_>, class: Object<'_>, name: String) {
        match jni.weak(class) {
            Ok(weak) => lock(&self.probed).push((name, weak)),
            Err(_) => lock(&self.pending).lose("retransform.not-remembered", 1),
        }
    }

    /// Transforms classes again whose methods' probes have changed; names are dotted.
    pub(crate) fn retransform_named(&self, jni: &Jni<'_>, names: &HashSet<String>) {
        self.retransform_probed(jni, |name| names.contains(name));
    }

    /// Sends the remembered classes that `choose` picks by name through the hook again.
    fn retransform_probed(&self, jni: &Jni<'_>, choose: impl Fn(&str) -> bool) {
        // Not under the lock: the hook and other threads' class loading need it.
        let probed = std::mem::take(&mut *lock(&self.probed));
        let chosen: Vec<&(String, WeakRef)> =
            probed.iter().filter(|(name, _)| choose(name)).collect();
        for batch in chosen.chunks(BATCH) {
            let done = jni.with_frame(|jni| {
                let classes: Vec<Object<'_>> =
                    batch.iter().filter_map(|(_, weak)| jni.strong(weak)).collect();
                self.retransform(&classes);
            });
            if done.is_err() {
                lock(&self.pending).lose("retransform.no-frame", 1);
            }
        }
        drop(chosen);
        let (dead, alive): (Vec<_>, Vec<_>) =
            probed.into_iter().partition(|(_, weak)| jni.is_cleared(weak));
        for (_, weak) in dead {
            weak.release(jni);
        }
        lock(&self.probed).extend(alive);
    }

    /// One bad class fails its whole batch: halves until it is alone.
    fn retransform(&self, batch: &[Object<'_>]) {
        if batch.is_empty() {
            return;
        }
        let Err(error) = self.jvmti.retransform(batch) else { return };
        if batch.len() > 1 {
            let (left, right) = batch.split_at(batch.len() / 2);
            self.retransform(left);
            self.retransform(right);
            return;
        }
        let name = match error {
            JvmError::Jvmti { name, .. } => name.to_ascii_lowercase(),
            _ => "failed".to_owned(),
        };
        lock(&self.pending).lose(format!("retransform.{name}"), 1);
    }
}
