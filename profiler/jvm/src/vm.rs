//! `Vm`: the process's Java virtual machine, from which the two interfaces come.

use jvmti_bindings::sys::jni::{JNI_OK, JNI_VERSION_9, JNIEnv, JavaVM};
use jvmti_bindings::sys::jvmti::{JVMTI_VERSION_11, jvmtiEnv};
use std::ffi::c_void;
use std::ptr;

use crate::error::JvmError;
use crate::{Jni, Jvmti};

/// The Java virtual machine of this process.
#[derive(Debug, Clone, Copy)]
pub struct Vm(*mut JavaVM);

// SAFETY: the invocation interface may be used from every thread (JNI, chapter 5).
unsafe impl Send for Vm {}
// SAFETY: as above.
unsafe impl Sync for Vm {}

impl Vm {
    /// # Safety
    /// `raw` is the pointer the JVM handed to the agent.
    pub(crate) unsafe fn from_raw(raw: *mut JavaVM) -> Self {
        Self(raw)
    }

    /// A JVMTI environment of our own; capabilities and events belong to it.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if the JVM has no JVMTI of JDK 11 or later.
    pub fn new_jvmti(self) -> Result<Jvmti, JvmError> {
        let env = self.environment("GetEnv(JVMTI)", JVMTI_VERSION_11)?;
        // SAFETY: GetEnv of a JVMTI version gives a live jvmtiEnv.
        Ok(unsafe { Jvmti::from_raw(env.cast::<jvmtiEnv>()) })
    }

    /// The JNI environment of the calling thread, which must be attached to the JVM.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if it is not.
    pub fn jni(&self) -> Result<Jni<'_>, JvmError> {
        let env = self.environment("GetEnv(JNI)", JNI_VERSION_9)?;
        // SAFETY: GetEnv gives the calling thread's environment; Jni cannot leave the thread.
        Ok(unsafe { Jni::from_raw(env.cast::<JNIEnv>()) })
    }

    fn environment(self, call: &'static str, version: i32) -> Result<*mut c_void, JvmError> {
        let mut env = ptr::null_mut();
        // SAFETY: self.0 is live for the life of the process; env is a valid out pointer.
        let code = unsafe { ((**self.0).GetEnv)(self.0, &raw mut env, version) };
        if code == JNI_OK && !env.is_null() { Ok(env) } else { Err(JvmError::Jni { call, code }) }
    }
}
