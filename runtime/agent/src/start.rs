//! The agent's start. Whatever fails, the JVM goes on without offloading and stderr gets one line.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, OnceLock};

use beehive_jvm::{Capabilities, Event, Loading, Vm};

use crate::agent::Agent;
use crate::class_files::ClassFiles;
use crate::config::Config;
use crate::error::AgentError;
use crate::rewriters::Rewriters;

/// Oldest JDK that is supported.
const OLDEST_FEATURE: u16 = 17;

static AGENT: OnceLock<&'static Agent> = OnceLock::new();

/// The agent of this JVM, once it is there.
pub(crate) fn agent() -> Option<&'static Agent> {
    AGENT.get().copied()
}

/// Starts the agent; `option` is the path of the run configuration.
pub(crate) fn start(vm: Vm, option: &str, loading: Loading) {
    if let Err(error) = try_start(vm, option, loading) {
        tell(&error);
    }
}

/// The one line of an agent that does not offload.
#[expect(clippy::print_stderr, reason = "there is no other way to reach the user from here")]
pub(crate) fn tell(error: &AgentError) {
    eprintln!("beehive: not offloading, the application runs on: {error}");
}

fn try_start(vm: Vm, option: &str, loading: Loading) -> Result<(), AgentError> {
    if loading == Loading::Attached {
        return Err(AgentError::Attached);
    }
    let config = Config::read(Path::new(option))?;
    let jvmti = vm.new_jvmti()?;
    let feature = jvmti.feature()?;
    if feature < OLDEST_FEATURE {
        return Err(AgentError::OldJdk { feature });
    }
    let capabilities = Capabilities { class_hook: true, retransform: true, monitors: false };
    jvmti.add_capabilities(capabilities)?;
    jvmti.add_to_boot_class_path(&config.runtime_jar)?;
    let rewriters = Rewriters::new(&config.roots)?;
    let class_files = ClassFiles::new(config.worker_native.clone())?;
    let agent: &'static Agent = Box::leak(Box::new(Agent {
        jvmti,
        config_path: option.to_owned(),
        rewriters,
        active: AtomicBool::new(false),
        platform_loader: OnceLock::new(),
        class_files: Mutex::new(class_files),
        made_classes: Mutex::default(),
        failures: AtomicU64::new(0),
    }));
    let _ = AGENT.set(agent);
    jvmti.set_agent(agent)?;
    jvmti.set_event(Event::VmDeath, true)?;
    Ok(jvmti.set_event(Event::VmInit, true)?)
}
