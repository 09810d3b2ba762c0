//! The agent's start: configuration, channel, hello. Whatever fails, the JVM goes on without an agent;
//! the host is told if it can be reached, and stderr gets one line.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

use beehive_jvm::{Capabilities, Event, Jvmti, Loading, Vm, process_cpu_ns};
use beehive_trace::{AgentConfig, CHANNEL_VERSION, Hello, RunFacts, RunMode};

use crate::agent::{Agent, lock};
use crate::channel::{Commands, Sender, connect, shake_hands};
use crate::contention::Waits;
use crate::cpu_samples::CpuSamples;
use crate::deep::DeepSide;
use crate::drained::Totals;
use crate::error::AgentError;
use crate::facts::early_facts;
use crate::muting::Muting;
use crate::pending::Pending;
use crate::probes::Rewriting;
use crate::recorder::Recorder;
use crate::registry::Registry;
use crate::timing::Timing;

/// Oldest JDK that is supported.
const OLDEST_FEATURE: u16 = 17;

/// Starts the agent; `option` is the path of its configuration.
pub(crate) fn start(vm: Vm, option: &str, loading: Loading) {
    if let Err(error) = try_start(vm, option, loading) {
        tell(&error);
    }
}

/// The one line an agent that cannot record writes.
#[expect(clippy::print_stderr, reason = "there is no other way to reach the user from here")]
fn tell(error: &AgentError) {
    eprintln!("beehive: not recording, the application runs on: {error}");
}

fn try_start(vm: Vm, option: &str, loading: Loading) -> Result<(), AgentError> {
    let config = read_config(Path::new(option))?;
    let stream = connect(&config)?;
    let prepared = prepare(vm);
    let jdk_build = match &prepared {
        Ok((jvmti, _)) => jvmti.system_property("java.vm.version").unwrap_or_default(),
        Err(_) => String::new(),
    };
    let problem = prepared.as_ref().err().map(ToString::to_string);
    let (sender, commands) = greet(stream, &config, jdk_build, problem)?;
    let (jvmti, rewriting) = prepared?;
    let deep = DeepSide::new(&config)?;
    let mut run = early_facts(&config.run, jvmti, loading);
    if deep.is_on() {
        run.mode = RunMode::Deep;
    }
    let agent: &'static Agent = Box::leak(Box::new(new_agent(
        jvmti,
        config,
        loading,
        (rewriting, deep),
        run,
        sender,
        commands,
    )));
    jvmti.set_agent(agent)?;
    jvmti.set_event(Event::VmDeath, true)?;
    match loading {
        Loading::AtStart => jvmti.set_event(Event::VmInit, true)?,
        Loading::Attached => {
            if let Err(error) = agent.begin(&vm.jni()?) {
                agent.give_up(&error);
            }
        }
    }
    Ok(())
}

fn read_config(path: &Path) -> Result<AgentConfig, AgentError> {
    let text = std::fs::read(path)
        .map_err(|source| AgentError::ReadConfig { path: path.to_owned(), source })?;
    let bad = |reason| AgentError::BadConfig { path: path.to_owned(), reason };
    let config: AgentConfig = serde_json::from_slice(&text).map_err(|e| bad(e.to_string()))?;
    if config.version != CHANNEL_VERSION {
        return Err(AgentError::OtherVersion { host: config.version, agent: CHANNEL_VERSION });
    }
    Ok(config)
}

/// Everything the agent needs of the JVM, so that the hello can say what is missing.
fn prepare(vm: Vm) -> Result<(Jvmti, Rewriting), AgentError> {
    let jvmti = vm.new_jvmti()?;
    let feature = jvmti.feature()?;
    if feature < OLDEST_FEATURE {
        return Err(AgentError::OldJdk { feature });
    }
    let vm_name = jvmti.system_property("java.vm.name")?;
    if !(vm_name.contains("HotSpot") || vm_name.contains("OpenJDK")) {
        return Err(AgentError::NotHotSpot { vm_name });
    }
    let capabilities = Capabilities { class_hook: true, retransform: true, monitors: true };
    jvmti.add_capabilities(capabilities)?;
    Ok((jvmti, Rewriting::new()?))
}

fn greet(
    stream: UnixStream,
    config: &AgentConfig,
    jdk_build: String,
    problem: Option<String>,
) -> Result<(Sender, Commands), AgentError> {
    let hello = Hello {
        version: CHANNEL_VERSION,
        token: config.token.clone(),
        pid: std::process::id(),
        jdk_build,
        problem,
    };
    shake_hands(stream, config, &hello)
}

fn new_agent(
    jvmti: Jvmti,
    config: AgentConfig,
    loading: Loading,
    (rewriting, deep): (Rewriting, DeepSide),
    run: RunFacts,
    sender: Sender,
    commands: Commands,
) -> Agent {
    Agent {
        jvmti,
        config,
        loading,
        active: AtomicBool::new(false),
        java: OnceLock::new(),
        registry: Mutex::new(Registry::default()),
        pending: Mutex::new(Pending::default()),
        probed: Mutex::default(),
        waits: Mutex::new(Waits::default()),
        rewriting: Mutex::new(rewriting),
        deep,
        recorder: Mutex::new(Recorder {
            sender,
            run,
            begin: Instant::now(),
            totals: Totals::default(),
            muting: Muting::default(),
            timing: Timing::default(),
            cpu_samples: CpuSamples::default(),
            is_last: false,
            counted: Vec::new(),
            cpu_ns: process_cpu_ns(),
        }),
        commands: Mutex::new(Some(commands)),
    }
}

impl Agent {
    /// Recording could not begin after all: the host sees the stream end.
    pub(crate) fn give_up(&self, error: &AgentError) {
        tell(error);
        self.active.store(false, std::sync::atomic::Ordering::Release);
        // What cannot be switched off sees that the agent is not active.
        let _ = self.set_events(false);
        lock(&self.recorder).sender.close();
    }
}
