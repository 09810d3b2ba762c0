//! Facts of the run that only the JVM knows, added to those the host gave.

use beehive_jvm::{Jvmti, Loading};
use beehive_trace::{RunFacts, RunMode};
use std::env::consts;

use crate::recorder::Recorder;

/// What can be said before the VM is initialised.
pub(crate) fn early_facts(given: &RunFacts, jvmti: Jvmti, loading: Loading) -> RunFacts {
    let property = |name| jvmti.system_property(name).unwrap_or_default();
    let mut run = given.clone();
    run.mode = match loading {
        Loading::AtStart => RunMode::Light,
        Loading::Attached => RunMode::Attached,
    };
    run.jdk_build = property("java.vm.version");
    run.vm_name = property("java.vm.name");
    if run.platform.is_empty() {
        run.platform = format!("{} {}", consts::OS, consts::ARCH);
    }
    if run.beehive_version.is_empty() {
        env!("CARGO_PKG_VERSION").clone_into(&mut run.beehive_version);
    }
    run
}

impl Recorder {
    /// Adds what is known once the VM is initialised.
    pub(crate) fn complete_facts(&mut self, jvmti: Jvmti) {
        self.run.jdk_home = jvmti.system_property("java.home").unwrap_or_default();
        self.run.cpus = jvmti.available_processors().unwrap_or(0);
    }
}
