//! One run from its spec to its record: check, prepare, start, watch, conclude.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use beehive_measured::{
    Application, Host, MEASURED_VERSION, Measured, MeasuredError, fallback_report, write_measured,
};
use beehive_record::{LaunchPlan, Load, PrivateDir, RecordError, SignalWatch, host, new_token};
use signal_hook::consts::SIGUSR1;
use signal_hook::iterator::Signals;

use crate::archive::Training;
use crate::config::ServerConf;
use crate::control::Control;
use crate::embedded::{AGENT, AGENT_NAME, RUNTIME, RUNTIME_NAME};
use crate::error::RunError;
use crate::learning::Learning;
use crate::pool::Pool;
use crate::progress::RunProgress;
use crate::session::{Event, Found, Parts, Session, processors};
use crate::spec::{RunSpec, RunSummary};
use crate::worker::{WorkerCommand, inherited};

/// Runs the application with its gate and workers until it ends or is ended.
///
/// # Errors
/// See [`RunError`]. Everything that can be checked is checked before the application is started.
pub fn run(spec: &RunSpec, progress: &dyn RunProgress) -> Result<RunSummary, RunError> {
    let directory = std::env::current_dir().map_err(system("find the working directory"))?;
    let plan = LaunchPlan::of(&spec.command, &directory)?;
    refuse_other_jdk(spec, &plan)?;
    refuse_other_application(spec, &plan)?;
    let load = spec.load.as_ref().map(Load::prepare).transpose()?;
    load.as_ref().map(Load::refuse_used_target).transpose()?;
    plan.notes.iter().for_each(|note| progress.note(note));
    let (sender, events) = channel();
    let (_signals, _reports) = watch_signals(&sender)?;
    let place = PrivateDir::new()?;
    let secret = new_token()?;
    let library = place.write(AGENT_NAME, AGENT)?;
    let runtime = place.write(RUNTIME_NAME, RUNTIME)?;
    let conf = ServerConf {
        secret: &secret,
        control: &place.socket(),
        runtime_jar: &runtime,
        files: &spec.files,
        // The controller opens the gate once workers can be there.
        offload: "off",
        closure_bytes_max: spec.closure_bytes_max,
        worker_timeout: spec.worker_timeout,
        roots: &spec.plan.roots,
    };
    let conf = place.write("run.conf", conf.render().as_bytes())?;
    let control = Control::listen(&place.socket(), &secret, sender.clone())?;
    let facts = Before::of(spec, &plan);
    let (started, child) = start(&plan, &library, &conf)?;
    let pid = child.id();
    wait_for(child, sender.clone());
    let report = |found: &Found, pool: &Pool| {
        if let Err(error) = write_measured(&spec.output, &facts.measured(found, pool)) {
            progress.warning(&told(&error));
        }
    };
    let mut worker = worker_command(spec, &plan, &runtime, &secret);
    let training = train(&mut worker, &runtime, progress);
    let pool = Pool::new(worker, training, spec.workers, sender.clone());
    let learning = Learning::new(place.path(), &spec.files.class_path);
    let parts =
        Parts { spec, progress, report: &report, pid, started, control, pool, learning, sender };
    let (found, pool) = Session::new(parts).run(load, &events);
    conclude(spec, &facts, found, &pool)
}

/// A bundle for one JDK is not tried on another: its workers would all be refused.
fn refuse_other_jdk(spec: &RunSpec, plan: &LaunchPlan) -> Result<(), RunError> {
    let bundle = &spec.files.jdk_build;
    match &plan.jdk {
        Some(jdk) if !bundle.is_empty() && !bundle.starts_with(&jdk.version) => {
            Err(RunError::OtherJdk { bundle: bundle.clone(), found: jdk.build.clone() })
        }
        _ => Ok(()),
    }
}

/// Workers have the classes of the plan's application; those of another one would answer differently.
fn refuse_other_application(spec: &RunSpec, plan: &LaunchPlan) -> Result<(), RunError> {
    let real = |path: &String| Path::new(path).canonicalize().unwrap_or_else(|_| path.into());
    let planned: Vec<_> = spec.class_path.iter().map(real).collect();
    let found: Vec<_> = plan.class_path.iter().map(real).collect();
    // A script does not say what it starts.
    if planned.is_empty() || found.is_empty() || planned == found {
        return Ok(());
    }
    let odd = |mine: &[std::path::PathBuf], other: &[std::path::PathBuf]| {
        let odd = mine.iter().find(|path| !other.contains(path)).or(mine.first());
        odd.map(|path| path.display().to_string()).unwrap_or_default()
    };
    let (planned, found) = (odd(&planned, &found), odd(&found, &planned));
    Err(RunError::OtherApplication { planned, found })
}

/// Watches for what ends a run and for what asks for its record; until both are dropped.
fn watch_signals(sender: &Sender<Event>) -> Result<(SignalWatch, ReportWatch), RunError> {
    let (ends, reports) = (sender.clone(), sender.clone());
    let signals = SignalWatch::start(move |received| {
        // The run may be over already.
        let _ = ends.send(Event::Signal(received));
    })?;
    let mut asked = Signals::new([SIGUSR1]).map_err(system("watch for signals"))?;
    let handle = asked.handle();
    std::thread::spawn(move || {
        for _ in asked.forever() {
            let _ = reports.send(Event::Report);
        }
    });
    Ok((signals, ReportWatch(handle)))
}

/// Watches for SIGUSR1 until dropped.
struct ReportWatch(signal_hook::iterator::Handle);

impl Drop for ReportWatch {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn start(plan: &LaunchPlan, library: &Path, conf: &Path) -> Result<(Instant, Child), RunError> {
    let started = Instant::now();
    let child = plan
        .process(library, conf)
        .spawn()
        .map_err(system(&format!("start {}", plan.program.to_string_lossy())))?;
    Ok((started, child))
}

/// Waits for the application on a thread of its own.
fn wait_for(mut child: Child, sender: Sender<Event>) {
    std::thread::spawn(move || {
        // Only an interrupted wait could fail, and the library repeats that.
        if let Ok(status) = child.wait() {
            let _ = sender.send(Event::Ended(status));
        }
    });
}

fn worker_command(
    spec: &RunSpec,
    plan: &LaunchPlan,
    runtime_jar: &Path,
    secret: &str,
) -> WorkerCommand {
    let options = inherited(&plan.options).into_iter().chain(spec.worker_options.iter().cloned());
    WorkerCommand {
        // A script's JDK is known once its JVM has said so.
        java: plan.jdk.as_ref().map(beehive_record::Jdk::java).unwrap_or_default(),
        runtime_jar: runtime_jar.to_owned(),
        class_path: spec.files.class_path.clone(),
        archive: spec.files.archive.clone(),
        class_log: runtime_jar.parent().map(Learning::class_log),
        heap_mib: spec.worker_heap_mib,
        options: options.collect(),
        main: None,
        connect: String::new(),
        secret: secret.to_owned(),
        digest: spec.files.digest.clone(),
        timeout: spec.worker_timeout,
    }
}

/// Starts making the CDS archive of the workers' classes, unless there is one or their JVM is not known
/// yet.
fn train(
    worker: &mut WorkerCommand,
    runtime: &Path,
    progress: &dyn RunProgress,
) -> Option<Training> {
    if worker.archive.is_some() || worker.java.as_os_str().is_empty() {
        return None;
    }
    let archive = runtime.with_file_name("workers.jsa");
    match Training::start(worker, &archive, &[]) {
        Ok(training) => {
            worker.archive = Some(archive);
            Some(training)
        }
        Err(error) => {
            progress.warning(&format!("workers start without a CDS archive: {error}"));
            None
        }
    }
}

/// What was known before the start.
struct Before<'a> {
    spec: &'a RunSpec,
    main: String,
    jdk_build: String,
    host: Host,
}

impl<'a> Before<'a> {
    fn of(spec: &'a RunSpec, plan: &LaunchPlan) -> Self {
        let host = Host {
            platform: host::platform(),
            cpu_model: host::cpu_model(),
            cpus: processors(),
            load_average_centi: host::load_average_centi(),
        };
        let jdk_build = plan.jdk.as_ref().map(|jdk| jdk.build.clone()).unwrap_or_default();
        Self { spec, main: plan.main.clone(), jdk_build, host }
    }

    fn measured(&self, found: &Found, pool: &Pool) -> Measured {
        let jdk_build = match found.jdk_build.as_str() {
            "" => self.jdk_build.clone(),
            told => told.to_owned(),
        };
        let server = found.server.as_ref();
        Measured {
            measured_version: MEASURED_VERSION,
            beehive_version: self.spec.beehive_version.clone(),
            plan: self.spec.plan.clone(),
            fallbacks: server.map(|s| fallback_report(s, &jdk_build)).unwrap_or_default(),
            application: Application {
                main: self.main.clone(),
                jdk_build,
                duration_ms: found.duration.as_millis() as u64,
                ready_ms: found.ready_ms,
                cpu_us: found.cpu_us,
                status: status_of(found),
            },
            host: self.host.clone(),
            offloading: found.offloading.clone(),
            workers: pool.facts(),
            traffic: found.load.as_ref().map(|load| load.traffic.clone()),
            server: server.cloned(),
            gaps: gaps(found, pool),
        }
    }
}

/// What is missing from a record, by reason.
fn gaps(found: &Found, pool: &Pool) -> std::collections::BTreeMap<String, u64> {
    let mut gaps = found.load.as_ref().map(|load| load.losses.clone()).unwrap_or_default();
    let facts = [
        ("runtime.never_reported", found.server.is_none()),
        ("runtime.no_final_record", found.server.is_some() && !found.is_record_final),
        ("workers.given_up", pool.has_given_up()),
    ];
    for (reason, is_so) in facts {
        if is_so {
            gaps.insert(reason.to_owned(), 1);
        }
    }
    gaps
}

/// Status to pass on.
fn status_of(found: &Found) -> u8 {
    match found.status.map(|status| (status.code(), status.signal())) {
        _ if found.is_ended_by_beehive => 0,
        Some((Some(code), _)) => code as u8,
        Some((None, Some(signal))) => 128u8.wrapping_add(signal as u8),
        _ => 0,
    }
}

fn conclude(
    spec: &RunSpec,
    facts: &Before,
    found: Found,
    pool: &Pool,
) -> Result<RunSummary, RunError> {
    let measured = facts.measured(&found, pool);
    let status = measured.application.status;
    let path = spec.output.clone();
    write_measured(&path, &measured).map_err(|source| RunError::Unwritable {
        path: path.clone(),
        source,
        status,
    })?;
    match found.error {
        Some(error) => Err(error.into()),
        None => Ok(RunSummary { output: path, status, measured }),
    }
}

fn told(error: &MeasuredError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn system(action: &str) -> impl FnOnce(std::io::Error) -> RunError {
    let action = action.to_owned();
    move |source| RunError::Launch(RecordError::System { action, source })
}
