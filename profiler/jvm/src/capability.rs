//! The JVMTI capabilities an agent asks for, by name. Only those the project uses.

use jvmti_bindings::sys::jvmti::jvmtiCapabilities;

/// A set of capabilities; empty by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Capabilities {
    /// See and change the bytes of every class at load.
    pub class_hook: bool,
    /// Send loaded classes through the hook again.
    pub retransform: bool,
    /// Events of contended monitors.
    pub monitors: bool,
}

impl Capabilities {
    pub(crate) fn raw(self) -> jvmtiCapabilities {
        let mut raw = jvmtiCapabilities::default();
        raw.set_can_generate_all_class_hook_events(self.class_hook);
        raw.set_can_retransform_classes(self.retransform);
        raw.set_can_generate_monitor_events(self.monitors);
        raw
    }
}
