//! `Agent`: what lives as long as the JVM, and the JVM's events. The class hook gives application
//! classes their gates; a hook that fails or panics leaves the class as it is, and is counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use beehive_jvm::{ClassLoad, Event, Events, GlobalRef, Jni, Jvmti, Object, Value};

use crate::class_files::{ClassFiles, notice};
use crate::error::AgentError;
use crate::rewriters::{Rewriters, lock};
use crate::start::tell;

/// Class and method of the Java side that starts everything, given the path of the configuration.
const SERVER: &str = "dev/beehive/runtime/server/Server";
/// What the runtime needs of the JDK's internals: access to fields without their constructors.
const INTERNAL_PACKAGE: &str = "jdk.internal.misc";

/// The agent of this JVM.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) jvmti: Jvmti,
    pub(crate) config_path: String,
    pub(crate) rewriters: Rewriters,
    /// Whether classes are rewritten.
    pub(crate) active: AtomicBool,
    pub(crate) platform_loader: OnceLock<GlobalRef>,
    pub(crate) class_files: Mutex<ClassFiles>,
    /// Class files of classes made at run time, by internal name: no resource has them.
    pub(crate) made_classes: Mutex<HashMap<String, Vec<u8>>>,
    /// Classes that a hook could not deal with.
    pub(crate) failures: AtomicU64,
}

impl Agent {
    /// Checks the runtime, starts rewriting, then the Java side. Java code can run.
    fn begin(&self, jni: &Jni<'_>) -> Result<(), AgentError> {
        check_hooks(jni).map_err(AgentError::Runtime)?;
        let server = jni.find_class(SERVER).map_err(AgentError::Runtime)?;
        self.jvmti.open_package(jni, INTERNAL_PACKAGE, server)?;
        let start = jni.static_method(server, "start", "(Ljava/lang/String;)V");
        let start = start.map_err(AgentError::Runtime)?;
        let loaders = jni.find_class("java/lang/ClassLoader")?;
        let platform =
            jni.static_method(loaders, "getPlatformClassLoader", "()Ljava/lang/ClassLoader;")?;
        if let Some(loader) = jni.call_static_object(&platform, &[])? {
            // A second VMInit cannot happen; the first value would stay.
            let _ = self.platform_loader.set(jni.global(loader)?);
        }
        self.active.store(true, Ordering::Release);
        self.jvmti.set_event(Event::ClassFileLoad, true)?;
        let path = jni.new_string(&self.config_path)?;
        Ok(jni.call_static_void(&start, &[Value::Object(Some(path))])?)
    }

    /// Whether a class of this loader belongs to the application.
    pub(crate) fn is_application_loader(&self, jni: &Jni<'_>, loader: Option<Object<'_>>) -> bool {
        let Some(loader) = loader else { return false };
        let platform = self.platform_loader.get();
        platform.is_none_or(|platform| !jni.are_same(platform.object(jni), loader))
    }

    /// Keeps the bytes of a class that was made at run time, as far as one can tell: nothing says
    /// where it came from, or its name has the mark of a maker of subclasses.
    fn keep_made(&self, load: &ClassLoad<'_>) {
        let name = String::from_utf8_lossy(load.name);
        let is_made = load.protection_domain.is_none() || name.contains("$$") || is_proxy(&name);
        if is_made && load.redefined.is_none() && !name.is_empty() {
            lock(&self.made_classes).insert(name.into_owned(), load.bytes.to_vec());
        }
    }

    fn stop(&self, error: &AgentError) {
        self.active.store(false, Ordering::Release);
        // What cannot be switched off sees that the agent is not active.
        let _ = self.jvmti.set_event(Event::ClassFileLoad, false);
        tell(error);
    }
}

/// A class whose code calls a method that is not there would fail when it runs, so all that a
/// rewritten class of the server calls is looked up first.
fn check_hooks(jni: &Jni<'_>) -> Result<(), beehive_jvm::JvmError> {
    for (class, name, descriptor) in beehive_rewriting::server_hooks() {
        let class = jni.find_class(class)?;
        jni.static_method(class, name, descriptor)?;
    }
    Ok(())
}

/// Makers whose marks have no `$$`.
fn is_proxy(name: &str) -> bool {
    ["$ByteBuddy$", "$HibernateProxy", "_$$_jvst", "$Proxy"].iter().any(|mark| name.contains(mark))
}

impl Events for Agent {
    fn vm_init(&'static self, jni: Jni<'_>) {
        if let Err(error) = self.begin(&jni) {
            self.stop(&error);
        }
    }

    fn vm_death(&'static self, _jni: Jni<'_>) {
        self.active.store(false, Ordering::Release);
    }

    fn class_file_load(&self, jni: Jni<'_>, load: &ClassLoad<'_>) -> Option<Vec<u8>> {
        let is_ours =
            self.active.load(Ordering::Acquire) && self.is_application_loader(&jni, load.loader);
        if !is_ours {
            return None;
        }
        self.keep_made(load);
        notice(load);
        self.rewriters.rewrite(load.name, load.bytes).unwrap_or_else(|_| {
            self.failures.fetch_add(1, Ordering::Relaxed);
            None
        })
    }

    fn class_prepare(&self, _jni: Jni<'_>, _class: Object<'_>) {}

    fn monitor_enter(&self, _jni: Jni<'_>, _thread: Object<'_>, _monitor: Object<'_>) {}

    fn monitor_entered(&self, _jni: Jni<'_>, _thread: Object<'_>, _monitor: Object<'_>) {}

    fn panicked(&self, event: Event) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        // One that panicked would do so again: off with it. The application goes on without.
        let _ = self.jvmti.set_event(event, false);
    }
}
