//! JVMTI events: the trait an agent implements and the trampolines the JVM calls. A panic in a handler
//! ends at the trampoline; the agent is told and the JVM goes on as if nothing had been asked.

use jvmti_bindings::sys::jni::{JNIEnv, jclass, jobject, jthread};
use jvmti_bindings::sys::jvmti::{
    JVMTI_EVENT_CLASS_FILE_LOAD_HOOK, JVMTI_EVENT_CLASS_PREPARE,
    JVMTI_EVENT_MONITOR_CONTENDED_ENTER, JVMTI_EVENT_MONITOR_CONTENDED_ENTERED,
    JVMTI_EVENT_VM_DEATH, JVMTI_EVENT_VM_INIT, jvmtiEnv, jvmtiEvent, jvmtiEventCallbacks,
};
use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::{PoisonError, RwLock};

use crate::jvmti::AgentThread;
use crate::object::Object;
use crate::{Jni, Jvmti};

/// An event that can be switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The VM can run Java code.
    VmInit,
    /// The VM ends.
    VmDeath,
    /// Bytes of a class are about to be parsed.
    ClassFileLoad,
    /// A class was linked far enough to be used.
    ClassPrepare,
    /// A thread is about to wait for a monitor.
    MonitorEnter,
    /// A thread that waited for a monitor has it.
    MonitorEntered,
}

impl Event {
    pub(crate) fn raw(self) -> jvmtiEvent {
        match self {
            Self::VmInit => JVMTI_EVENT_VM_INIT,
            Self::VmDeath => JVMTI_EVENT_VM_DEATH,
            Self::ClassFileLoad => JVMTI_EVENT_CLASS_FILE_LOAD_HOOK,
            Self::ClassPrepare => JVMTI_EVENT_CLASS_PREPARE,
            Self::MonitorEnter => JVMTI_EVENT_MONITOR_CONTENDED_ENTER,
            Self::MonitorEntered => JVMTI_EVENT_MONITOR_CONTENDED_ENTERED,
        }
    }
}

/// A class about to be defined or retransformed.
#[derive(Debug)]
pub struct ClassLoad<'f> {
    /// The class when it is loaded already, `None` at its first load.
    pub redefined: Option<Object<'f>>,
    /// Its loader, `None` for the boot loader.
    pub loader: Option<Object<'f>>,
    /// Its internal name in modified UTF-8; empty when the VM does not know it yet.
    pub name: &'f [u8],
    /// Its protection domain, if the definer gave one.
    pub protection_domain: Option<Object<'f>>,
    /// Its class file.
    pub bytes: &'f [u8],
}

/// Receives events, on the thread they happen on.
pub trait Events: Sync {
    /// The VM can run Java code; called on the main thread before `main`.
    fn vm_init(&'static self, jni: Jni<'_>);
    /// The VM ends; Java code can still run.
    fn vm_death(&'static self, jni: Jni<'_>);
    /// Gives the new bytes of a class, `None` to leave it as it is.
    fn class_file_load(&self, jni: Jni<'_>, load: &ClassLoad<'_>) -> Option<Vec<u8>>;
    /// A class was prepared.
    fn class_prepare(&self, jni: Jni<'_>, class: Object<'_>);
    /// `thread`, the current one, must wait for `monitor`.
    fn monitor_enter(&self, jni: Jni<'_>, thread: Object<'_>, monitor: Object<'_>);
    /// `thread`, the current one, waited for `monitor` and has it.
    fn monitor_entered(&self, jni: Jni<'_>, thread: Object<'_>, monitor: Object<'_>);
    /// A handler panicked; it gave no answer.
    fn panicked(&self, event: Event);
}

static AGENT: RwLock<Option<&'static dyn Events>> = RwLock::new(None);

pub(crate) fn set_agent(agent: &'static dyn Events) {
    *AGENT.write().unwrap_or_else(PoisonError::into_inner) = Some(agent);
}

fn agent() -> Option<&'static dyn Events> {
    *AGENT.read().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a handler; `None` without an agent or after a panic.
fn guard<R>(event: Event, handler: impl FnOnce(&'static dyn Events) -> R) -> Option<R> {
    let agent = agent()?;
    let result = catch_unwind(AssertUnwindSafe(|| handler(agent)));
    if result.is_err() {
        // The agent may panic again over it; then it is not told.
        let _ = catch_unwind(AssertUnwindSafe(|| agent.panicked(event)));
    }
    result.ok()
}

pub(crate) fn callbacks() -> jvmtiEventCallbacks {
    let mut callbacks = jvmtiEventCallbacks::default();
    callbacks.VMInit = Some(vm_init);
    callbacks.VMDeath = Some(vm_death);
    callbacks.ClassFileLoadHook = Some(class_file_load);
    callbacks.ClassPrepare = Some(class_prepare);
    callbacks.MonitorContendedEnter = Some(monitor_enter);
    callbacks.MonitorContendedEntered = Some(monitor_entered);
    callbacks
}

unsafe extern "system" fn vm_init(_: *mut jvmtiEnv, env: *mut JNIEnv, _: jthread) {
    // SAFETY: the VM hands the environment of this thread.
    let jni = unsafe { Jni::from_raw(env) };
    guard(Event::VmInit, |agent| agent.vm_init(jni));
}

unsafe extern "system" fn vm_death(_: *mut jvmtiEnv, env: *mut JNIEnv) {
    // SAFETY: the VM hands the environment of this thread.
    let jni = unsafe { Jni::from_raw(env) };
    guard(Event::VmDeath, |agent| agent.vm_death(jni));
}

unsafe extern "system" fn class_file_load(
    jvmti: *mut jvmtiEnv,
    env: *mut JNIEnv,
    redefined: jclass,
    loader: jobject,
    name: *const c_char,
    protection_domain: jobject,
    length: i32,
    data: *const u8,
    new_length: *mut i32,
    new_data: *mut *mut u8,
) {
    // SAFETY: the VM hands live references of this call's frame, a zero-terminated name or null, and
    // `length` bytes of class file.
    let (jni, jvmti, load) = unsafe {
        let load = ClassLoad {
            redefined: Object::from_raw(redefined),
            loader: Object::from_raw(loader),
            name: if name.is_null() { b"" } else { CStr::from_ptr(name).to_bytes() },
            protection_domain: Object::from_raw(protection_domain),
            bytes: slice::from_raw_parts(data, length.max(0) as usize),
        };
        (Jni::from_raw(env), Jvmti::from_raw(jvmti), load)
    };
    let new = guard(Event::ClassFileLoad, |agent| agent.class_file_load(jni, &load)).flatten();
    if let Some(bytes) = new
        && let Ok(copy) = jvmti.allocate_copy(&bytes)
    {
        // SAFETY: both are the VM's out pointers; the memory comes from its allocator.
        unsafe {
            *new_length = bytes.len() as i32;
            *new_data = copy;
        }
    }
}

unsafe extern "system" fn class_prepare(
    _: *mut jvmtiEnv,
    env: *mut JNIEnv,
    _: jthread,
    class: jclass,
) {
    // SAFETY: the VM hands the environment of this thread and a live class.
    let (jni, class) = unsafe { (Jni::from_raw(env), Object::from_raw(class)) };
    let Some(class) = class else { return };
    guard(Event::ClassPrepare, |agent| agent.class_prepare(jni, class));
}

unsafe extern "system" fn monitor_enter(
    _: *mut jvmtiEnv,
    env: *mut JNIEnv,
    thread: jthread,
    monitor: jobject,
) {
    // SAFETY: the VM hands the environment of this thread and live references.
    let (jni, thread, monitor) =
        unsafe { (Jni::from_raw(env), Object::from_raw(thread), Object::from_raw(monitor)) };
    let (Some(thread), Some(monitor)) = (thread, monitor) else { return };
    guard(Event::MonitorEnter, |agent| agent.monitor_enter(jni, thread, monitor));
}

unsafe extern "system" fn monitor_entered(
    _: *mut jvmtiEnv,
    env: *mut JNIEnv,
    thread: jthread,
    monitor: jobject,
) {
    // SAFETY: the VM hands the environment of this thread and live references.
    let (jni, thread, monitor) =
        unsafe { (Jni::from_raw(env), Object::from_raw(thread), Object::from_raw(monitor)) };
    let (Some(thread), Some(monitor)) = (thread, monitor) else { return };
    guard(Event::MonitorEntered, |agent| agent.monitor_entered(jni, thread, monitor));
}

/// Start function of agent threads; `argument` is the box made by `run_agent_thread`.
pub(crate) unsafe extern "system" fn call_agent_thread(
    _: *mut jvmtiEnv,
    env: *mut JNIEnv,
    argument: *mut c_void,
) {
    // SAFETY: run_agent_thread gave up the box to the one thread it started; the VM hands that
    // thread's environment.
    let (jni, body) =
        unsafe { (Jni::from_raw(env), Box::from_raw(argument.cast::<AgentThread>())) };
    // A panic ends the thread; the agent's own state tells the host that it went silent.
    let _ = catch_unwind(AssertUnwindSafe(|| body(jni)));
}
