//! What is recorded, checked and begun: the command to be started or the JVM to be attached to, with
//! all that is known of it before the agent reports.

use std::path::Path;
use std::process::Child;
use std::sync::mpsc::Sender;
use std::time::Instant;

use beehive_trace::{RunFacts, RunMode, SplitRule};

use crate::attach::AttachPlan;
use crate::command::{AgentWay, LaunchPlan};
use crate::error::RecordError;
use crate::host;
use crate::private_dir::PrivateDir;
use crate::session::Event;
use crate::spec::{ProfileSpec, Subject};

/// A subject that has passed its checks.
pub(crate) enum Checked {
    Launch(LaunchPlan),
    Attach(AttachPlan),
}

impl Checked {
    pub(crate) fn of(spec: &ProfileSpec) -> Result<Self, RecordError> {
        match &spec.subject {
            Subject::Launch(command) => {
                let directory = std::env::current_dir()
                    .map_err(RecordError::system("find the working directory"))?;
                LaunchPlan::of(command, &directory).map(Self::Launch)
            }
            Subject::Attach(pid) if spec.deep.is_some() => Err(RecordError::CannotAttach {
                pid: *pid,
                reason: "a deep run needs the agent in the JVM from its start".to_owned(),
            }),
            Subject::Attach(pid) => AttachPlan::of(*pid).map(Self::Attach),
        }
    }

    pub(crate) fn notes(&self) -> &[String] {
        match self {
            Self::Launch(plan) => &plan.notes,
            Self::Attach(plan) => &plan.notes,
        }
    }

    /// What is known before the start; the agent completes it.
    pub(crate) fn run_facts(&self, spec: &ProfileSpec) -> RunFacts {
        let (main, class_path, rule, jdk, mode) = match self {
            Self::Launch(p) => (&p.main, &p.class_path, &p.split, p.jdk.as_ref(), RunMode::Light),
            Self::Attach(p) => {
                (&p.main, &p.class_path, &p.split, p.jdk.as_ref(), RunMode::Attached)
            }
        };
        let start_unix_ms = host::now_unix_ms();
        let packages = rule.app_packages.iter().chain(&spec.app_packages).cloned();
        RunFacts {
            id: format!("{start_unix_ms:x}-{:x}", std::process::id()),
            start_unix_ms,
            mode: if spec.deep.is_some() { RunMode::Deep } else { mode },
            beehive_version: spec.beehive_version.clone(),
            jdk_build: jdk.map(|jdk| jdk.build.clone()).unwrap_or_default(),
            jdk_home: jdk.map(|jdk| jdk.home.display().to_string()).unwrap_or_default(),
            main: main.clone(),
            class_path: class_path.clone(),
            split: SplitRule { app_packages: packages.collect(), ..rule.clone() },
            platform: host::platform(),
            cpu_model: host::cpu_model(),
            load_average_centi: host::load_average_centi(),
            ..RunFacts::default()
        }
    }

    pub(crate) fn private_dir(&self) -> Result<PrivateDir, RecordError> {
        match self {
            Self::Launch(_) => PrivateDir::new(),
            Self::Attach(plan) => plan.private_dir(),
        }
    }

    /// A path of this process as the JVM sees it.
    pub(crate) fn as_seen_inside(&self, path: &Path) -> String {
        match self {
            Self::Launch(_) => path.display().to_string(),
            Self::Attach(plan) => plan.as_seen_inside(path),
        }
    }

    pub(crate) fn hand_over(&self, place: &PrivateDir) -> Result<(), RecordError> {
        match self {
            Self::Launch(_) => Ok(()),
            Self::Attach(plan) => plan.hand_over(place),
        }
    }

    pub(crate) fn begin(
        &self,
        place: &PrivateDir,
        sender: &Sender<Event>,
    ) -> Result<Application, RecordError> {
        let cpu_before = host::children_cpu_us();
        let started = Instant::now();
        match self {
            Self::Launch(plan) => {
                let mut process = plan.process(&place.library(), &place.config());
                let child = process.spawn().map_err(RecordError::system(format!(
                    "start {}",
                    plan.program.to_string_lossy()
                )))?;
                let pid = child.id();
                wait_for(child, cpu_before, sender.clone());
                let is_java = plan.way == AgentWay::Argument;
                Ok(Application { pid, started, kind: Kind::Child { is_java } })
            }
            Self::Attach(plan) => {
                plan.load_agent(place)?;
                let kind = Kind::Other { start_ticks: plan.start_ticks };
                Ok(Application { pid: plan.pid, started, kind })
            }
        }
    }
}

/// Waits for the child on a thread of its own.
fn wait_for(mut child: Child, cpu_before: u64, sender: Sender<Event>) {
    std::thread::spawn(move || {
        // Only an interrupted wait could fail, and the library repeats that.
        if let Ok(status) = child.wait() {
            let cpu_us = host::children_cpu_us().saturating_sub(cpu_before);
            let _ = sender.send(Event::Ended(status, cpu_us));
        }
    });
}

/// The process recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Application {
    /// Its process id.
    pub(crate) pid: u32,
    /// When it was started or attached to.
    pub(crate) started: Instant,
    /// Whose it is.
    pub(crate) kind: Kind,
}

/// Whose process is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Started by this run.
    Child { is_java: bool },
    /// Someone else's, attached to.
    Other { start_ticks: u64 },
}
