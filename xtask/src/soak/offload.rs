//! `cargo xtask soak offload`: forum with roots that compute and roots that write offloaded, loaded for as
//! long as asked, while workers are killed. Each answer is compared with that of a server alone, each
//! counter with the accepted requests; memory and id tables must not grow. On every JDK.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::growth::Series;
use super::kills::Killer;
use super::updates::State;
use super::{Exchange, Loaded, SHOWN_MAX, await_accounts, load, undisturbed};
use crate::bench::offload::{OffloadRun, numbers, plan_forum, roots};
use crate::bench::server::resident_mb;
use crate::bench::{self, option, text_option};
use crate::jdk::Jdk;
use crate::process::{Step, root, say};
use crate::{fixtures, tools};

/// Time for what a server does after its last answers.
const SETTLE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(20);
/// Time between two looks at memory and tables.
const SAMPLE: Duration = Duration::from_secs(5);
/// Roots that change what others see: counters under locks, a transaction.
const WRITERS: [&str; 2] = ["ViewCounter#recordAll(", "TopicApi#comment("];
/// Invocations taken back from a lost worker, in the record.
const RERUN: &str = "\"OFFLOAD_WORKER_LOST\":";
/// Growth that is none: MB of a JVM, objects of a table.
const SLACK_MB: u64 = 32;
const SLACK_OBJECTS: u64 = 2_000;

/// What is asked for.
struct Soak<'a> {
    beehive: String,
    mode: &'a str,
    workers: u64,
    /// Requests under way at once.
    connections: usize,
    time: Duration,
    /// Time between two kills; none without.
    kill_every: Option<Duration>,
    /// Kills after which it ends.
    kills: Option<u64>,
}

/// Runs it; `--minutes N` or `--seconds N` a JDK (default 30 minutes), `--offload MODE` (default ratio=0.5),
/// `--workers N` (default 2), `--connections N` (default 8), `--kill-every N` milliseconds (default: none is killed), `--kills N` to end after
/// so many, `--jdk N` for one JDK alone, `--beehive PATH`.
pub fn run(arguments: &[&str]) -> Step {
    let minutes = option(arguments, "--minutes").unwrap_or(30);
    let soak = Soak {
        beehive: bench::binary(arguments)?,
        mode: text_option(arguments, "--offload").unwrap_or("ratio=0.5"),
        workers: option(arguments, "--workers").unwrap_or(2),
        connections: option(arguments, "--connections").unwrap_or(8) as usize,
        time: Duration::from_secs(option(arguments, "--seconds").unwrap_or(minutes * 60)),
        kill_every: option(arguments, "--kill-every").map(Duration::from_millis),
        kills: option(arguments, "--kills"),
    };
    let only = option(arguments, "--jdk");
    let jdks = tools::jdks(&[])?;
    soak_all(&soak, jdks.iter().filter(|jdk| only.is_none_or(|n| n == u64::from(jdk.feature))))
}

/// The kills that every build makes: few, on the newest JDK, with the binary of the tests.
pub fn run_short(beehive: &str) -> Step {
    let soak = Soak {
        beehive: beehive.to_owned(),
        mode: "all",
        workers: 3,
        connections: 3,
        time: Duration::from_mins(2),
        kill_every: Some(Duration::from_secs(1)),
        kills: Some(20),
    };
    soak_all(&soak, tools::jdks(&[])?.last().into_iter())
}

fn soak_all<'a>(soak: &Soak, jdks: impl Iterator<Item = &'a Jdk>) -> Step {
    let jar = fixtures::forum()?;
    let text = root().join("fixtures/apps/forum/requests.http");
    let text = std::fs::read_to_string(&text).map_err(|e| e.to_string())?;
    let requests = super::requests(&text);
    for jdk in jdks {
        let exchanges = undisturbed(&jar, jdk, &requests)?;
        soak_on(soak, &jar, jdk, &exchanges)?;
    }
    Ok(())
}

fn soak_on(soak: &Soak, jar: &Path, jdk: &Jdk, exchanges: &[Exchange]) -> Step {
    let wanted = [roots().as_slice(), &WRITERS].concat();
    let plan = plan_forum(&soak.beehive, jar, jdk, &wanted, &[])?;
    let run = OffloadRun::start(&soak.beehive, jar, jdk, &plan, (soak.mode, soak.workers), &[])?;
    await_accounts(run.port(), exchanges)?;
    let before = State::of(run.port(), exchanges)?;
    let (began, is_over, kills) = (Instant::now(), AtomicBool::new(false), AtomicU64::new(0));
    let goes_on = || {
        let has_killed = soak.kills.is_some_and(|wanted| kills.load(Ordering::Relaxed) >= wanted);
        // Asked for each request: whoever ends the server ends the load.
        began.elapsed() < soak.time && !has_killed && run.server().resident_mb().is_some()
    };
    let mut seen = Watched::default();
    let loaded = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&run, soak, &is_over, &kills));
        let loaded = load(run.port(), exchanges, soak.connections, &goes_on);
        is_over.store(true, Ordering::Relaxed);
        seen = watch.join().unwrap_or_default();
        loaded
    });
    let seconds = began.elapsed().as_secs();
    std::thread::sleep(SETTLE);
    let after = State::of(run.port(), exchanges)?;
    let found = Found {
        wrong_updates: after.wrong_since(&before, exchanges, &loaded),
        updates: after.grown_since(&before),
        measured: run.stop()?,
        kills: kills.into_inner(),
        loaded,
        seen,
    };
    found.tell(jdk, seconds);
    found.judge(soak)
}

/// What came of it.
struct Found {
    loaded: Loaded,
    seen: Watched,
    kills: u64,
    updates: String,
    wrong_updates: Vec<String>,
    measured: String,
}

/// Quantities over time.
#[derive(Default)]
struct Watched {
    server_mb: Series,
    worker_mb: Series,
    known_objects: Series,
}

/// Sum of the numbers behind a key.
fn sum(text: &str, key: &str) -> u64 {
    numbers(text, key).iter().sum::<f64>() as u64
}

impl Found {
    fn failed(&self) -> impl Iterator<Item = &String> {
        self.loaded.failed.iter().flatten()
    }

    /// What the server's runtime has counted of each root; the record repeats some of it behind it.
    fn roots(&self) -> Vec<&str> {
        let server = self.measured.split("\"server\":").nth(1).unwrap_or_default();
        let server = server.split("\"fallbacks\": {").next().unwrap_or_default();
        server.split("\"method\":").skip(1).collect()
    }

    fn sum(&self, key: &str) -> u64 {
        self.roots().into_iter().map(|root| sum(root, key)).sum()
    }

    fn tell(&self, jdk: &Jdk, seconds: u64) {
        let (answers, wrong) = (self.loaded.answers, self.loaded.wrong.len());
        let (offloaded, failed) = (self.sum("\"offloaded\":"), self.sum("\"failed\":"));
        say(&format!(
            "JDK {}: {answers} answers in {seconds} s, {wrong} wrong, {} failed; {} counted, {} updates lost or doubled",
            jdk.version,
            self.failed().count(),
            self.updates,
            self.wrong_updates.len()
        ));
        let rerun = self.sum(RERUN);
        say(&format!(
            "  {offloaded} invocations offloaded, {rerun} taken back from a lost worker and run at home, {failed} failed; \
             {} workers killed",
            self.kills
        ));
        for root in self.roots() {
            let name = root.split('"').nth(1).unwrap_or_default();
            let name = name.split('(').next().unwrap_or_default();
            let [offloaded, rerun, failed] =
                ["\"offloaded\":", RERUN, "\"failed\":"].map(|key| sum(root, key));
            say(&format!("    {name}: {offloaded} offloaded, {rerun} taken back, {failed} failed"));
        }
        say(&format!("  by tenths of the time: server MB {}", self.seen.server_mb.tenths()));
        say(&format!("    largest worker MB {}", self.seen.worker_mb.tenths()));
        say(&format!("    objects in id tables {}", self.seen.known_objects.tenths()));
        let texts = self.loaded.wrong.iter().chain(&self.wrong_updates);
        texts.take(SHOWN_MAX).for_each(|text| say(text));
    }

    fn judge(&self, soak: &Soak) -> Step {
        if let Some(text) = self.wrong_updates.first() {
            return Err(format!("updates were lost or doubled: {text}"));
        }
        let wrong = self.loaded.wrong.len();
        if wrong > 0 {
            return Err(format!("{wrong} answers differ from those of a server alone"));
        }
        let (failed, counted) = (self.failed().count() as u64, self.sum("\"failed\":"));
        if failed != counted {
            self.failed().take(SHOWN_MAX).for_each(|text| say(text));
            return Err(format!("{failed} requests failed, the run counts {counted}"));
        }
        // A worker that is soon killed may never come to the end of a long root.
        let begun = ["\"offloaded\":", RERUN, "\"failed\":"];
        let begun = if soak.kill_every.is_some() { begun.as_slice() } else { &begun[..1] };
        let is_idle = |root: &&str| begun.iter().all(|key| sum(root, key) == 0);
        if let Some(idle) = self.roots().into_iter().find(is_idle) {
            let name = idle.split('"').nth(1).unwrap_or_default();
            return Err(format!("{name} was never offloaded"));
        }
        if soak.kills.is_some_and(|wanted| self.kills < wanted) {
            return Err(format!("only {} workers were killed in the time", self.kills));
        }
        if soak.kill_every.is_none() {
            self.seen.worker_mb.must_be_flat("memory of a worker, MB,", SLACK_MB)?;
        }
        self.seen.server_mb.must_be_flat("memory of the server, MB,", SLACK_MB)?;
        self.seen.known_objects.must_be_flat("the number of objects in id tables", SLACK_OBJECTS)
    }
}

/// Kills workers and looks at memory and tables until it is over.
fn watch(run: &OffloadRun, soak: &Soak, is_over: &AtomicBool, kills: &AtomicU64) -> Watched {
    let mut seen = Watched::default();
    let at_most = soak.kills.unwrap_or(u64::MAX);
    let mut killer = soak.kill_every.map(|every| Killer::new(every, at_most));
    let mut sample_at = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
        if let Some(killer) = &mut killer {
            killer.tick(&run.server().other_jvms());
            kills.store(killer.kills, Ordering::Relaxed);
        }
        if Instant::now() >= sample_at {
            sample_at += SAMPLE;
            seen.server_mb.push(run.server().resident_mb());
            let workers = run.server().other_jvms();
            seen.worker_mb.push(workers.into_iter().filter_map(resident_mb).max());
            let record = run.record_so_far();
            let known = record.map(|text| numbers(&text, "\"known_objects\":").iter().sum::<f64>());
            seen.known_objects.push(known.map(|sum| sum as u64));
        }
    }
    seen
}
