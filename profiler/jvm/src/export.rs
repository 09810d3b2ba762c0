//! Entry points of an agent library. The macro writes the exported functions into the cdylib, because
//! a library exports only symbols of its own crate reliably; all they do is call back into here.

use jvmti_bindings::sys::jni::{JNI_OK, JNIEnv, JavaVM, jclass, jobject};
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::object::Object;
use crate::{Jni, Vm};

/// Raw types of the exported signatures.
pub mod sys {
    pub use jvmti_bindings::sys::jni::{JNIEnv, JavaVM, jclass, jobject};
}

/// How the library came into the JVM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// By `-agentpath`, before the VM is initialised.
    AtStart,
    /// Into a running VM.
    Attached,
}

/// Exports `Agent_OnLoad`, `Agent_OnAttach` and the one native method of `java.lang.BeeProbe`.
///
/// `$start` is a `fn(Vm, &str, Loading)`; the text is the agent's option string. It cannot fail: the
/// application must run whatever becomes of the agent.
#[macro_export]
macro_rules! export_agent {
    ($start:path) => {
        /// Called by the JVM for `-agentpath`.
        ///
        /// # Safety
        /// Only the JVM may call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn Agent_OnLoad(
            vm: *mut $crate::sys::JavaVM,
            options: *const ::std::ffi::c_char,
            _reserved: *mut ::std::ffi::c_void,
        ) -> i32 {
            // SAFETY: the JVM hands itself and a zero-terminated text or null.
            unsafe { $crate::start_agent(vm, options, $crate::Loading::AtStart, $start) }
        }

        /// Called by the JVM for an agent loaded while it runs.
        ///
        /// # Safety
        /// Only the JVM may call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn Agent_OnAttach(
            vm: *mut $crate::sys::JavaVM,
            options: *const ::std::ffi::c_char,
            _reserved: *mut ::std::ffi::c_void,
        ) -> i32 {
            // SAFETY: the JVM hands itself and a zero-terminated text or null.
            unsafe { $crate::start_agent(vm, options, $crate::Loading::Attached, $start) }
        }

        /// `static native long threadCpuNanos()` of the probe class: HotSpot looks natives of boot
        /// classes up in agent libraries too, so no registration (and no warning) is needed.
        #[unsafe(no_mangle)]
        pub extern "system" fn Java_java_lang_BeeProbe_threadCpuNanos(
            _env: *mut $crate::sys::JNIEnv,
            _class: $crate::sys::jclass,
        ) -> i64 {
            $crate::native_thread_cpu_ns()
        }
    };
}

/// Exports the one native method of the offload runtime, `static native byte[] rewritten(Class<?>)` of
/// `dev.beehive.runtime.server.ClassFiles`.
///
/// `$answer` is a `fn(&Jni, Object) -> Option<Vec<u8>>`; `None` is `null` in Java.
#[macro_export]
macro_rules! export_class_files {
    ($answer:path) => {
        /// HotSpot looks natives of boot classes up in agent libraries too.
        ///
        /// # Safety
        /// Only the JVM may call it.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn Java_dev_beehive_runtime_server_ClassFiles_rewritten(
            env: *mut $crate::sys::JNIEnv,
            _class: $crate::sys::jclass,
            of: $crate::sys::jclass,
        ) -> $crate::sys::jobject {
            // SAFETY: the JVM hands the environment of this thread and a live class or null.
            unsafe { $crate::native_class_bytes(env, of, $answer) }
        }
    };
}

/// Calls `answer` with safe values and gives its bytes as a `byte[]`, or null: also after a panic.
///
/// # Safety
/// `env` is the environment of the calling thread, `class` a live reference or null.
#[doc(hidden)]
pub unsafe fn native_class_bytes(
    env: *mut JNIEnv,
    class: jclass,
    answer: fn(&Jni<'_>, Object<'_>) -> Option<Vec<u8>>,
) -> jobject {
    // SAFETY: by the contract above.
    let (jni, class) = unsafe { (Jni::from_raw(env), Object::from_raw(class)) };
    let bytes = catch_unwind(AssertUnwindSafe(|| answer(&jni, class?))).ok().flatten();
    let array = bytes.and_then(|bytes| jni.new_bytes(&bytes).ok());
    array.map_or(ptr::null_mut(), Object::raw)
}

/// Calls `start` with safe values. Always `JNI_OK`: any other answer would end the application.
///
/// # Safety
/// `vm` and `options` are what the JVM handed to the exported function.
#[doc(hidden)]
pub unsafe fn start_agent(
    vm: *mut JavaVM,
    options: *const c_char,
    loading: Loading,
    start: fn(Vm, &str, Loading),
) -> i32 {
    // SAFETY: by the contract above.
    let (vm, options) = unsafe {
        let options = if options.is_null() { c"" } else { CStr::from_ptr(options) };
        (Vm::from_raw(vm), options.to_string_lossy())
    };
    // A panic has been reported by the panic hook; there is nobody else to tell.
    let _ = catch_unwind(AssertUnwindSafe(|| start(vm, &options, loading)));
    JNI_OK
}

/// [`crate::thread_cpu_ns`] with JNI's result type.
#[doc(hidden)]
pub fn native_thread_cpu_ns() -> i64 {
    crate::thread_cpu_ns() as i64
}
